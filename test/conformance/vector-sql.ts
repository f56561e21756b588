// Suite `vectors sql`: the statements of one change set for each database, forwards and for the automatic rollback.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { folderSource } from '#changelog/folder'
import { formatDiagnostic, hasErrors } from '#contract/diagnostic'
import { parseChangeSet } from '#engine/change-set/parse'
import { forwardStatements, type Lowered, rollbackStatements } from '#engine/change-set/statement'
import type { PlannedStatement } from '#engine/plan'
import { type Check, databaseNames } from './check.ts'
import { differenceOf } from './difference.ts'
import { offlineContext, offlineDatabase } from './offline.ts'

export function sqlVectors(vectors: string): readonly Check[] {
  const folder = join(vectors, 'sql')
  const blocks = readFileSync(join(folder, 'expected-4.33.0-offline.txt'), 'utf8').split(/^=== /m).slice(1)
  return blocks.flatMap((block) => {
    const [file = '', ...lines] = block.split('\n').filter((line) => line !== '')
    return databaseNames.map((database) => {
      const start = `[${database}] `
      const expected = lines
        .filter((line) => line.startsWith(start))
        .map((line) => line.slice(start.length).replaceAll('\r', '').replaceAll(String.raw`\r\n`, String.raw`\n`))
      return {
        suite: 'vectors sql',
        column: database,
        name: file,
        run: async () => {
          const context = await offlineContext(
            offlineDatabase(database),
            folderSource([join(folder, 'changelogs')]),
            file,
          )
          const parsed = context.changelog.changeSets.map((one) => parseChangeSet(context, one))
          const forward: string[] = []
          for (const one of parsed) {
            if (hasErrors(one.diagnostics)) return expectRefused(expected, one.diagnostics.map(formatDiagnostic))
            const lowered = await forwardStatements(context, one)
            if (hasErrors(lowered.diagnostics)) {
              return expectRefused(expected, lowered.diagnostics.map(formatDiagnostic))
            }
            forward.push(...lowered.statements.map(forwardLine))
          }
          if (isRefused(expected))
            return `expected to be refused: ${expected.join('\n')}\nbut got\n${forward.join('\n')}`
          const back = await Promise.all(parsed.map((one) => rollbackStatements(context, one)))
          const wanted = expected.filter((line) => !line.startsWith('UNSUPPORTED')).map(expectedLine)
          // Data files were recorded without their rollback.
          const undone = file.startsWith('c_load') ? [] : back.flatMap(backLines)
          return differenceOf(wanted.join('\n'), [...forward, ...undone].join('\n'))
        },
      }
    })
  })
}

/** A validation error or an exception: what is recorded after it could not run. */
const isRefused = (lines: readonly string[]): boolean => lines.some((line) => /^(?:INVALID|ERR) /.test(line))

function expectRefused(expected: readonly string[], found: readonly string[]): string | undefined {
  return isRefused(expected) ? undefined : `expected\n${expected.join('\n')}\nbut it is refused:\n${found.join('\n')}`
}

/** Statements of SQL Server may differ in CRLF only. */
const oneLine = (sql: string): string => sql.replaceAll('\r', '').replaceAll('\n', String.raw`\n`)

/** A script has the delimiter once, whether the text ends in it or not; an empty one would glue statements together. */
const printedOnce = (line: string): string => line.replace(/;? {2}<end:;?>$/, '  <end:;>')

const forwardLine = ({ sql, endDelimiter }: PlannedStatement): string =>
  printedOnce(`${oneLine(sql)}  <end:${oneLine(endDelimiter)}>`)

/** The reason why there is no rollback is in words of our own. */
const expectedLine = (line: string): string =>
  /^(?:ROLLBACK: none|RBERR )/.test(line) ? 'RB impossible' : printedOnce(line)

function backLines({ statements, diagnostics }: Lowered): readonly string[] {
  if (hasErrors(diagnostics)) return ['RB impossible']
  return statements.map(({ sql }) => `RB ${oneLine(sql)}`)
}
