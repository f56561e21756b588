// `sluice step`: does one step next to the database. Started by a delegate, with its document on standard input.
import type { Command } from 'commander'
import { bootStep } from '#step/boot'

export function configure(command: Command): void {
  command
    .description(
      'Do one step of a pipeline next to the database; started by a delegate, reads one JSON document from standard input',
    )
    .action(step)
}

/** Exit code: 0 when the manager has the outcome, 1 when it could not be told, 2 when the document cannot be used. */
export async function step(): Promise<void> {
  const terminate = new AbortController()
  process.on('SIGTERM', () => terminate.abort())
  try {
    const exitCode = await bootStep({
      input: process.stdin,
      environment: process.env,
      random: Math.random,
      terminate: terminate.signal,
      processId: process.pid,
    })
    if (exitCode !== 0) console.error('The manager could not be told the outcome in time.')
    // At once: an idle connection to the manager must not keep a finished step alive.
    process.exit(exitCode)
  } catch (error) {
    console.error(error)
    process.exit(2)
  }
}
