// `sluice give`: the values that a step of a run asks for before it begins.
import type { Command } from 'commander'
import { addRemoteFlags, collect, connect, parseInputs, type RemoteFlags } from '../remote/run.ts'
import type { Terminal } from '../terminal.ts'

interface GiveFlags extends RemoteFlags {
  readonly node: string
  readonly input: readonly string[]
}

export function configure(command: Command, terminal: Terminal): void {
  addRemoteFlags(command)
    .description('Give the inputs that a step waits for; those that are left out have their defaults')
    .argument('<execution>', 'id of the run')
    .requiredOption('--node <path>', 'the step, as `sluice run --wait` names it, e.g. prod.deploy.apply')
    .option('--input <name=value>', 'an input, e.g. spec.tag=v1; may be repeated', collect, [])
    .action(async (execution: string, { org, project, node, input, ...flags }: GiveFlags) => {
      const client = await connect({ org, project, ...flags }, terminal)
      const body = { inputs: parseInputs(input) }
      await client.giveInputs({ params: { org, project, execution, node }, body }, terminal.signal)
      terminal.out(`The step ${node} has its inputs`)
    })
}
