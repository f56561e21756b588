// Runs the git program with nothing of the machine's configuration: no hooks, no prompts, no helpers, four transports.
import { spawn } from 'node:child_process'
import type { Writable } from 'node:stream'
import { Fault } from '#contract/fault'

export interface GitCommand {
  /** Runs `git …args` and gives its output; raises `GitFailure` when it fails, Fault `git-missing` when there is none. */
  (args: readonly string[], signal: AbortSignal): Promise<string>
}

export interface GitOptions {
  /** Private folder: home of the program, and where it runs. */
  readonly folder: string
  /**
   * For `origin` only, when it asks for them. They go through a pipe that git's helper reads: arguments and environments of
   * processes can be read by others on the machine.
   */
  readonly credentials?: GitCredentials | undefined
  /** With colons between; all that are known when it is left out. */
  readonly protocols?: string
  /** Of this process: PATH, proxies and certificate files are passed on. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Progress and messages of git, piece by piece. */
  readonly onMessage: (chunk: string) => void
}

export interface GitCredentials {
  readonly origin: string
  readonly username: string
  readonly password: string
}

export class GitFailure extends Error {
  /** What git wrote to standard error. */
  readonly output: string
  constructor(command: string, output: string) {
    super(`git ${command} failed: ${output.trim()}`)
    this.name = 'GitFailure'
    this.output = output
  }
}

const outputLimit = 1_048_576
const passedOn = [
  'PATH',
  'TMPDIR',
  'http_proxy',
  'HTTP_PROXY',
  'https_proxy',
  'HTTPS_PROXY',
  'all_proxy',
  'ALL_PROXY',
  'no_proxy',
  'NO_PROXY',
  'GIT_SSL_CAINFO',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
] as const

/** Settings as git reads them from its environment, so that none shows among its arguments. */
/** The helper that git runs to get the credentials: gives on the next two lines of the pipe, for which a command may ask several times. */
const helper =
  '!f() { test "$1" != get || { IFS= read -r a <&3 && IFS= read -r b <&3 && printf "%s\\n%s\\n" "$a" "$b"; }; }; f'
/** So often. */
const mostAsked = 16

function settings({ credentials }: GitOptions): Record<string, string> {
  const values: [string, string][] = [
    ['core.hooksPath', '/dev/null'],
    ['core.fsmonitor', 'false'],
    ['core.autocrlf', 'false'],
    ['gc.auto', '0'],
    ['submodule.recurse', 'false'],
    ['fetch.recurseSubmodules', 'false'],
    // A host that sends less than this for so long is not going to.
    ['http.lowSpeedLimit', '1000'],
    ['http.lowSpeedTime', '30'],
    // A redirect could lead the credentials to another host.
    ['http.followRedirects', credentials ? 'false' : 'initial'],
  ]
  if (credentials) values.push([`credential.${credentials.origin}.helper`, helper])
  return Object.fromEntries([
    ['GIT_CONFIG_COUNT', String(values.length)],
    ...values.flatMap(([key, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, key],
      [`GIT_CONFIG_VALUE_${index}`, value],
    ]),
  ]) as Record<string, string>
}

function environment(options: GitOptions): Record<string, string> {
  const kept = passedOn.flatMap((name) => {
    const value = options.environment[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return {
    ...Object.fromEntries(kept),
    HOME: options.folder,
    // Messages are read by `explainGit`.
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ALLOW_PROTOCOL: options.protocols ?? 'https:http:ssh:file',
    GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -o ConnectTimeout=20',
    GIT_ATTR_NOSYSTEM: '1',
    ...settings(options),
  }
}

/** In the form that git's helpers answer in. A git that never asks closes the pipe unread. */
function handOver(pipe: unknown, credentials: GitCredentials | undefined): void {
  if (!credentials) return
  const stream = pipe as Writable
  stream.on('error', () => {})
  stream.end(`username=${credentials.username}\npassword=${credentials.password}\n`.repeat(mostAsked))
}

export function createGit(options: GitOptions): GitCommand {
  return (args, signal) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted()
      const child = spawn('git', args, {
        cwd: options.folder,
        env: environment(options),
        stdio: ['ignore', 'pipe', 'pipe', options.credentials ? 'pipe' : 'ignore'],
      })
      handOver(child.stdio[3], options.credentials)
      const stop = (): void => void child.kill('SIGTERM')
      signal.addEventListener('abort', stop, { once: true })
      let output = ''
      let messages = ''
      child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
        if (output.length < outputLimit) output += chunk
      })
      child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
        if (messages.length < outputLimit) messages += chunk
        options.onMessage(chunk)
      })
      child.on('error', (cause: NodeJS.ErrnoException) => {
        signal.removeEventListener('abort', stop)
        const missing = cause.code === 'ENOENT'
        reject(missing ? new Fault('git-missing', 'The git program is not installed.', { cause }) : cause)
      })
      child.on('close', (code) => {
        signal.removeEventListener('abort', stop)
        if (signal.aborted) reject(signal.reason as Error)
        else if (code === 0) resolve(output)
        else reject(new GitFailure(args.find((arg) => !arg.startsWith('-')) ?? '', messages))
      })
    })
}
