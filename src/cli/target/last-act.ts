// What a run still owes when it has to end beside a statement that nobody can interrupt: its session lock goes with this process, its
// row in the lock table would stay until the next run of Sluice. A process that outlives this one lets go of the row.
import { spawn } from 'node:child_process'
import { isAbsolute } from 'node:path'
import type { TargetContext } from '#engine/context'
import type { Terminal } from '../terminal.ts'

/** How long this process may take to end, and SQLite to undo what it left. Seconds. */
const patience = 20

/** Standard error stays open until it is done, so that whoever waits for the end of our output finds the row free. */
export function releaseAfterwards({ database, names }: TargetContext, url: string, terminal: Terminal): void {
  const program = process.argv[1]
  if (database.session.abandoned !== true || program === undefined || !isAbsolute(program)) return
  const flags = [
    '--only-dead',
    `--lock-wait=${patience}`,
    `--url=${url}`,
    `--database-changelog-lock-table-name=${names.lockTable}`,
  ]
  const child = spawn(process.execPath, [...process.execArgv, program, 'release-locks', ...flags], {
    cwd: terminal.folder,
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  child.on('error', (error) => terminal.err(`The next run will release the changelog lock: ${error.message}`))
  child.unref()
  terminal.err('The changelog lock is released when this process has ended.')
}
