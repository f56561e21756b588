// `sluice execute-sql`: run statements of a person and show what they give.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { folderSource } from '#changelog/folder'
import { Fault } from '#contract/fault'
import { type ExecutedStatement, executeSql } from '#engine/execute-sql'
import { addFormatFlag, addTargetFlags } from '../target/flag.ts'
import { rootsOf } from '../target/option.ts'
import type { CommandSession } from '../target/command-session.ts'
import { withTarget } from '../target/session.ts'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  addFormatFlag(addTargetFlags(command))
  command
    .option('--sql <text>', 'one or several statements')
    .option('--sql-file <file>', 'file with statements, from the search path or the working directory')
    .option('--delimiter <text>', 'what ends a statement (default: ;)')
  command.action(async (flags: Record<string, unknown>) => {
    await withTarget('execute-sql', flags, terminal, async (session) => {
      const {
        target,
        settings,
        print,
        terminal: { signal },
      } = session
      const statements = await executeSql(target, await textOf(session), settings.get('delimiter'), signal)
      print(statements, statements.map(resultText).join('\n'))
    })
  })
}

async function textOf(session: CommandSession): Promise<string> {
  const { settings, terminal } = session
  const sql = settings.get('sql')
  const file = settings.get('sql-file')
  if ((sql === undefined) === (file === undefined)) {
    throw new Fault('usage', 'Give either --sql or --sql-file.')
  }
  if (sql !== undefined) return sql
  const path = file ?? ''
  const found =
    path.startsWith('/') || path.includes('..') ? undefined : await folderSource(rootsOf(session)).read(path)
  if (found !== undefined) return new TextDecoder().decode(found)
  try {
    return await readFile(resolve(terminal.folder, path), 'utf8')
  } catch (cause) {
    throw new Fault('usage', `The file ${path} cannot be read.`, { hint: 'Check --sql-file.', cause })
  }
}

/** As the original engine prints it. */
function resultText({ sql, result }: ExecutedStatement): string {
  if (result === undefined) return `Successfully Executed: ${sql}\n`
  if (result.rows.length === 0) return `Output of ${sql}:\n-- Empty Resultset --\n`
  const head = result.columns.map((column) => `${column.toUpperCase()} |`).join(' ')
  const rows = result.rows.map((row) => row.map((cell) => `${cell ?? 'null'} | `).join(''))
  return `Output of ${sql}:\n${head}\n${rows.join('\n')}\n`
}
