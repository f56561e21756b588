// What commands that start a run have in common: which manager, which project, and following the run to its end.
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { type Command, Option } from 'commander'
import { api } from '#contract/api/index'
import { createClient } from '#contract/client'
import { Fault } from '#contract/fault'
import type { ApiClient } from '../setup/session.ts'
import type { Terminal } from '../terminal.ts'
import { exitCodeOf, follow } from './follow.ts'

export interface RemoteFlags {
  readonly manager?: string
  readonly apiKeyFile?: string
  readonly org: string
  readonly project: string
}
export interface WaitFlags {
  readonly wait?: true
  readonly logs: boolean
  readonly abortOnSignal?: true
  readonly format: 'text' | 'json'
}

export function addRemoteFlags(command: Command): Command {
  return command
    .option('--manager <url>', 'address of the manager; or set SLUICE_MANAGER_URL')
    .option('--api-key-file <file>', 'file with the API key; or set SLUICE_API_KEY')
    .option('--org <identifier>', 'organization', 'default')
    .option('--project <identifier>', 'project', 'default')
}

export function addWaitFlags(command: Command): Command {
  return command
    .option('--wait', 'follow the run to its end; the exit code is 0 when it ended well, 1 when not')
    .option('--no-logs', 'with --wait: show what happens without the logs of the steps')
    .option('--abort-on-signal', 'with --wait: abort the run when this command is told to stop')
    .addOption(
      new Option('--format <format>', 'what is printed on standard output').choices(['text', 'json']).default('text'),
    )
}

interface Started {
  readonly execution_details: { readonly execution_id: string; readonly status: string }
}

/** Prints the id of the run, or with --wait follows it and leaves its end as the exit code. */
export async function showRun(
  client: ApiClient,
  { execution_details: { execution_id: execution, status } }: Started,
  { org, project, wait, logs, abortOnSignal, format }: RemoteFlags & WaitFlags,
  terminal: Terminal,
): Promise<void> {
  if (!wait) {
    terminal.out(format === 'json' ? JSON.stringify({ execution, status }) : execution)
    return
  }
  terminal.err(`Execution ${execution} started`)
  const params = { org, project, execution }
  try {
    const line = terminal.err
    const sleep = async (milliseconds: number, signal: AbortSignal) => {
      await delay(milliseconds, undefined, { signal })
    }
    const done = await follow({ client, params, line, withLogs: logs, sleep }, terminal.signal)
    const { number, pipeline, status: ended } = done
    if (format === 'json') terminal.out(JSON.stringify({ execution, number, status: ended, nodes: done.nodes }))
    else terminal.out(`${pipeline} ${number} ended: ${ended}`)
    process.exitCode = exitCodeOf(done)
  } catch (error) {
    if (!terminal.signal.aborted) throw error
    await stopped(client, params, abortOnSignal === true, terminal)
  }
}

/** A CI job that was cancelled: the run goes on unless it was asked to be aborted with it. */
async function stopped(
  client: ApiClient,
  params: { readonly org: string; readonly project: string; readonly execution: string },
  abort: boolean,
  terminal: Terminal,
): Promise<void> {
  process.exitCode = 130
  if (!abort) return terminal.err(`No longer followed; execution ${params.execution} goes on.`)
  await client.abortExecution({ params, body: { reason: 'the command that followed it was told to stop' } })
  terminal.err(`Execution ${params.execution} is aborted.`)
}

export async function connect(flags: RemoteFlags, { environment }: Terminal): Promise<ApiClient> {
  const url = flags.manager ?? environment['SLUICE_MANAGER_URL']
  if (!url)
    throw new Fault('usage', 'The address of the manager is missing.', {
      hint: 'Set SLUICE_MANAGER_URL, or give --manager.',
    })
  const key = flags.apiKeyFile ? (await readText(flags.apiKeyFile)).trim() : environment['SLUICE_API_KEY']
  if (!key)
    throw new Fault('usage', 'The API key is missing.', {
      hint: 'Set SLUICE_API_KEY, or give --api-key-file. Keys are made in the browser, in the menu of your name.',
    })
  return createClient(api, { baseUrl: url.replace(/\/+$/, ''), headers: { 'x-api-key': key }, validate: true })
}

export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new Fault('usage', `${file} cannot be read: ${(cause as Error).message}`, { cause })
  }
}

/** Of flags that may be repeated. */
export const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

/** Of `name=value`. Raises `usage`. */
export function parseInputs(given: readonly string[]): Record<string, string> {
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
