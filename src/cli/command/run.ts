// `sluice run`: starts a pipeline of a manager, from a terminal or any CI system, and waits for its end when asked to.
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { type Command, Option } from 'commander'
import { api } from '#contract/api/index'
import { createClient } from '#contract/client'
import { Fault } from '#contract/fault'
import { exitCodeOf, follow } from '../remote/follow.ts'
import type { ApiClient } from '../setup/session.ts'
import type { Terminal } from '../terminal.ts'

interface RunFlags {
  readonly manager?: string
  readonly apiKeyFile?: string
  readonly org: string
  readonly project: string
  readonly input: readonly string[]
  readonly inputSet: readonly string[]
  readonly inputsFile?: string
  readonly notes?: string
  readonly overrideFreeze?: string
  readonly wait?: true
  readonly logs: boolean
  readonly abortOnSignal?: true
  readonly format: 'text' | 'json'
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

export function configure(command: Command, terminal: Terminal): void {
  command
    .description('Start a pipeline of a manager; with --wait follow it and end as it ended')
    .argument('<pipeline>', 'identifier of the pipeline')
    .option('--manager <url>', 'address of the manager; or set SLUICE_MANAGER_URL')
    .option('--api-key-file <file>', 'file with the API key; or set SLUICE_API_KEY')
    .option('--org <identifier>', 'organization', 'default')
    .option('--project <identifier>', 'project', 'default')
    .option('--input <path=value>', 'a runtime input, e.g. variables.env.value=prod; may be repeated', collect, [])
    .option('--input-set <identifier>', 'an input set; may be repeated, later ones win', collect, [])
    .option('--inputs-file <file>', 'YAML with a part of the pipeline that gives inputs')
    .option('--notes <text>', 'shown with the run')
    .option(
      '--override-freeze <reason>',
      'start although a freeze holds the pipeline; needs freeze.override, and is audited',
    )
    .option('--wait', 'follow the run to its end; the exit code is 0 when it ended well, 1 when not')
    .option('--no-logs', 'with --wait: show what happens without the logs of the steps')
    .option('--abort-on-signal', 'with --wait: abort the run when this command is told to stop')
    .addOption(
      new Option('--format <format>', 'what is printed on standard output').choices(['text', 'json']).default('text'),
    )
    .action((pipeline: string, flags: RunFlags) => start(pipeline, flags, terminal))
}

async function start(pipeline: string, flags: RunFlags, terminal: Terminal): Promise<void> {
  const client = await connect(flags, terminal)
  const place = { org: flags.org, project: flags.project }
  const body = {
    ...(flags.notes === undefined ? {} : { notes: flags.notes }),
    ...(flags.overrideFreeze === undefined ? {} : { override_freeze: flags.overrideFreeze }),
    ...(flags.inputSet.length > 0 ? { input_set_refs: [...flags.inputSet] } : {}),
    ...(flags.inputsFile === undefined ? {} : { inputs_yaml: await readText(flags.inputsFile) }),
    ...(flags.input.length > 0 ? { inputs: parseInputs(flags.input) } : {}),
  }
  const started = await client.executePipeline({ params: { ...place, pipeline }, body }, terminal.signal)
  const { execution_id: execution, status } = started.execution_details
  if (!flags.wait) {
    terminal.out(flags.format === 'json' ? JSON.stringify({ execution, status }) : execution)
    return
  }
  terminal.err(`Execution ${execution} of ${pipeline} started`)
  const params = { ...place, execution }
  try {
    const line = terminal.err
    const sleep = async (milliseconds: number, signal: AbortSignal) => {
      await delay(milliseconds, undefined, { signal })
    }
    const done = await follow({ client, params, line, withLogs: flags.logs, sleep }, terminal.signal)
    const { number, status: ended } = done
    if (flags.format === 'json') terminal.out(JSON.stringify({ execution, number, status: ended, nodes: done.nodes }))
    else terminal.out(`${pipeline} ${number} ended: ${ended}`)
    process.exitCode = exitCodeOf(done)
  } catch (error) {
    if (!terminal.signal.aborted) throw error
    await stopped(client, params, flags, terminal)
  }
}

/** A CI job that was cancelled: the run goes on unless it was asked to be aborted with it. */
async function stopped(
  client: ApiClient,
  params: { readonly org: string; readonly project: string; readonly execution: string },
  { abortOnSignal }: RunFlags,
  terminal: Terminal,
): Promise<void> {
  process.exitCode = 130
  if (!abortOnSignal) return terminal.err(`No longer followed; execution ${params.execution} goes on.`)
  await client.abortExecution({ params, body: { reason: 'sluice run was told to stop' } })
  terminal.err(`Execution ${params.execution} is aborted.`)
}

async function connect(flags: RunFlags, { environment }: Terminal): Promise<ApiClient> {
  const url = flags.manager ?? environment['SLUICE_MANAGER_URL']
  if (!url)
    throw new Fault('usage', 'The address of the manager is missing.', {
      hint: 'Set SLUICE_MANAGER_URL, or give --manager.',
    })
  const key = flags.apiKeyFile ? (await readText(flags.apiKeyFile)).trim() : environment['SLUICE_API_KEY']
  if (!key) throw new Fault('usage', 'The API key is missing.', { hint: 'Set SLUICE_API_KEY, or give --api-key-file.' })
  return createClient(api, { baseUrl: url.replace(/\/+$/, ''), headers: { 'x-api-key': key }, validate: true })
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new Fault('usage', `${file} cannot be read: ${(cause as Error).message}`, { cause })
  }
}

function parseInputs(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=')
      if (at <= 0)
        throw new Fault('usage', `--input ${text.slice(0, 128)} is not of the form path=value.`, {
          hint: 'Write --input variables.env.value=prod; the page of the pipeline lists its inputs.',
        })
      return [text.slice(0, at), text.slice(at + 1)]
    }),
  )
}
