// `sluice resend`: tells the Git host again what became of a run, after it was given up.
import type { Command } from 'commander'
import { addRemoteFlags, connect, type RemoteFlags } from '../remote/run.ts'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  addRemoteFlags(command)
    .description('Tell the Git host of a run again: the commit status and the comment that were given up')
    .argument('<execution>', 'id of the run')
    .action(async (execution: string, flags: RemoteFlags) => {
      const { org, project } = flags
      const client = await connect(flags, terminal)
      const { resent } = await client.resendReports({ params: { org, project, execution } }, terminal.signal)
      terminal.out(`${resent} ${resent === 1 ? 'message' : 'messages'} to the Git host will be sent again.`)
    })
}
