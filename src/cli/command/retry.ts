// `sluice retry`: goes on where a run of a manager failed, and waits for its end when asked to.
import type { Command } from 'commander'
import { addRemoteFlags, addWaitFlags, connect, type RemoteFlags, showRun, type WaitFlags } from '../remote/run.ts'
import type { Terminal } from '../terminal.ts'

interface RetryFlags extends RemoteFlags, WaitFlags {
  readonly stage?: string
  readonly notes?: string
  readonly overrideFreeze?: string
}

export function configure(command: Command, terminal: Terminal): void {
  addRemoteFlags(command)
    .description('Go on where a run failed: a new run keeps the stages that are done, and the inputs')
    .argument('<execution>', 'id of the run that failed')
    .option('--stage <identifier>', 'begin with this stage instead of the first that is not done')
    .option('--notes <text>', 'shown with the new run')
    .option(
      '--override-freeze <reason>',
      'go on although a freeze holds the pipeline; needs freeze.override, and is audited',
    )
  addWaitFlags(command).action((execution: string, flags: RetryFlags) => retry(execution, flags, terminal))
}

async function retry(execution: string, flags: RetryFlags, terminal: Terminal): Promise<void> {
  const client = await connect(flags, terminal)
  const { org, project, stage, notes, overrideFreeze } = flags
  const body = {
    ...(stage === undefined ? {} : { stage }),
    ...(notes === undefined ? {} : { notes }),
    ...(overrideFreeze === undefined ? {} : { override_freeze: overrideFreeze }),
  }
  const started = await client.retryExecution({ params: { org, project, execution }, body }, terminal.signal)
  await showRun(client, started, flags, terminal)
}
