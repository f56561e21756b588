// `sluice run`: starts a pipeline of a manager, from a terminal or any CI system, and waits for its end when asked to.
import type { Command } from 'commander'
import {
  addRemoteFlags,
  addWaitFlags,
  collect,
  connect,
  parseInputs,
  readText,
  type RemoteFlags,
  showRun,
  type WaitFlags,
} from '../remote/run.ts'
import type { Terminal } from '../terminal.ts'

interface RunFlags extends RemoteFlags, WaitFlags {
  readonly input: readonly string[]
  readonly inputSet: readonly string[]
  readonly inputsFile?: string
  readonly notes?: string
  readonly overrideFreeze?: string
}

export function configure(command: Command, terminal: Terminal): void {
  addRemoteFlags(command)
    .description('Start a pipeline of a manager; with --wait follow it and end as it ended')
    .argument('<pipeline>', 'identifier of the pipeline')
    .option('--input <path=value>', 'a runtime input, e.g. variables.env.value=prod; may be repeated', collect, [])
    .option('--input-set <identifier>', 'an input set; may be repeated, later ones win', collect, [])
    .option('--inputs-file <file>', 'YAML with a part of the pipeline that gives inputs')
    .option('--notes <text>', 'shown with the run')
    .option(
      '--override-freeze <reason>',
      'start although a freeze holds the pipeline; needs freeze.override, and is audited',
    )
  addWaitFlags(command).action((pipeline: string, flags: RunFlags) => start(pipeline, flags, terminal))
}

async function start(pipeline: string, flags: RunFlags, terminal: Terminal): Promise<void> {
  const client = await connect(flags, terminal)
  const { org, project } = flags
  const body = {
    ...(flags.notes === undefined ? {} : { notes: flags.notes }),
    ...(flags.overrideFreeze === undefined ? {} : { override_freeze: flags.overrideFreeze }),
    ...(flags.inputSet.length > 0 ? { input_set_refs: [...flags.inputSet] } : {}),
    ...(flags.inputsFile === undefined ? {} : { inputs_yaml: await readText(flags.inputsFile) }),
    ...(flags.input.length > 0 ? { inputs: parseInputs(flags.input) } : {}),
  }
  const started = await client.executePipeline({ params: { org, project, pipeline }, body }, terminal.signal)
  await showRun(client, started, flags, terminal)
}
