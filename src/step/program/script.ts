// ShellScript and Run: a script with nothing in its environment but what it was given, as a process of its own in a process group of
// its own, or in the container beside this one. The text lies in a private file, never in arguments.
import { spawn } from 'node:child_process'
import { copyFile, lstat, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { mayRunScripts, openText, type ScriptWork } from '#contract/delegate/program-work'
import { scriptFile } from '#contract/delegate/attempt-folder'
import { podPaths } from '#contract/delegate/pod-folder'
import { Fault } from '#contract/fault'
import { machineVariables } from '#outward/setting'
import type { Tool } from '../pod/beside.ts'
import { ownFolder } from '../own-folder.ts'
import { createMasking, maskText } from '../log/mask.ts'
import { readForeign } from '../pod/read.ts'
import { writeScriptProcess } from '../state.ts'
import type { WorkResult } from '../work/context.ts'
import { secretText } from '../work/credential.ts'
import type { ProgramContext } from './perform.ts'
import { outputFile, shellStart, type ShellStart } from './shell.ts'

/** Milliseconds that a script has to clear up after it was asked to stop. */
const grace = 10_000
const killedHint =
  'It was killed (SIGKILL), by itself or for want of memory: in a pod, resources.limits.memory gives more.'
/** Bytes of one output variable, and of all together. */
const longestOutput = 65_536
const allOutputs = 262_144

type Context = ProgramContext<ScriptWork>

/**
 * Faults: `forbidden` where the delegate runs no scripts, `secret-unresolved`, `script-failed` for an exit code other than 0,
 * `outcome-unknown` when the container of the script has no word for its end, and the reason of `signal`.
 */
export async function runScript(context: Context): Promise<WorkResult> {
  const { work, document, signal, tool } = context
  // What may run in pods its delegate has decided before there was one.
  if (!tool) refuse(context)
  const valueOf = (reference: string): string => secretText(document, reference)
  const own = Object.entries(work.environment).map(([name, text]) => [name, openText(text, valueOf)] as const)
  const script = openText(work.script, valueOf)
  const folder = join(tool?.memory ?? document.folder, scriptFile.folder)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const start = shellStart(work, script, folder, !tool)
  for (const [name, text] of Object.entries(start.files)) await writeFile(join(folder, name), text, { mode: 0o600 })
  try {
    await context.begin()
    const variables = Object.fromEntries(own)
    const code = tool ? await runBeside(context, tool, start, variables) : await runHere(context, start, variables)
    signal.throwIfAborted()
    if (code === undefined)
      throw new Fault('outcome-unknown', 'The container of the script ended without a word, or was ended.')
    if (code !== 0)
      throw new Fault(
        'script-failed',
        `The script ended with exit code ${code}.`,
        code === 137 ? { hint: killedHint } : {},
      )
    return { output: { exitCode: code, outputVariables: giveOutputs(context, await readOutputs(work, folder)) } }
  } finally {
    // It may hold secrets, and the folder of the attempt is kept for a while when the step dies.
    await rm(folder, { recursive: true, force: true })
  }
}

/** In the image of the pod, where the steps of its group left their files. */
async function runBeside(
  { channel, line, signal, environment: known }: Context,
  tool: Tool,
  { program, arguments: given }: ShellStart,
  variables: Readonly<Record<string, string>>,
): Promise<number | undefined> {
  const stop = (): void => line('Asking the script to stop')
  signal.addEventListener('abort', stop, { once: true })
  const write = (chunk: string): void => channel.write(chunk)
  try {
    const environment = { ...(await trustedBeside(known, tool)), ...variables }
    return await tool.run({ command: [program, ...given], cwd: podPaths.workspace, environment, write }, signal)
  } finally {
    signal.removeEventListener('abort', stop)
    channel.line('')
  }
}

/** The authorities that our own git trusts, where the other container sees them. */
async function trustedBeside(known: Context['environment'], { memory }: Tool): Promise<Record<string, string>> {
  const bundle = known['GIT_SSL_CAINFO']
  if (bundle === undefined || !known['NODE_EXTRA_CA_CERTS']) return {}
  await copyFile(bundle, join(memory, 'authorities.pem'))
  const seen = `${podPaths.beside}/authorities.pem`
  return { GIT_SSL_CAINFO: seen, SSL_CERT_FILE: seen }
}

function refuse({ work, environment, line }: Context): void {
  if (!mayRunScripts(environment))
    throw new Fault('forbidden', 'This delegate runs no scripts.', {
      hint: 'Its administrator allows it with --allow-scripts; or select another delegate.',
    })
  if (work.image !== undefined)
    line(`The image ${work.image} has no effect: this delegate runs steps as processes, with what is installed here`)
}

/** Gives the exit code. Whatever the script has started is gone afterwards. */
async function runHere(
  { channel, document, environment, line, signal }: Context,
  { program, arguments: given }: ShellStart,
  variables: Readonly<Record<string, string>>,
): Promise<number> {
  signal.throwIfAborted()
  const cwd = await ownFolder(document)
  // All else is the affair of the delegate: files of keys, what it may do.
  const inherited = machineVariables.flatMap((name) => {
    const value = environment[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  const env = { ...Object.fromEntries(inherited), ...variables }
  const child = spawn(program, given, { cwd, env, detached: true, stdio: 'pipe' })
  // It may be gone already.
  child.stdin.on('error', () => {})
  const ended = new Promise<number>((resolve, reject) => {
    child.once('close', (code, killed) => (code === null ? resolve(killedCode(killed)) : resolve(code)))
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'ENOENT'
          ? new Fault('script-failed', `The program ${program} is not installed where the step runs.`)
          : error,
      ),
    )
  })
  ended.catch(() => {})
  for (const output of [child.stdout, child.stderr]) {
    const decoder = new StringDecoder('utf8')
    output.on('data', (bytes: Buffer) => channel.write(decoder.write(bytes)))
    output.on('end', () => channel.write(decoder.end()))
  }
  const { pid } = child
  if (pid === undefined) return await ended
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const killGroup = (name: NodeJS.Signals): void => {
    try {
      process.kill(-pid, name)
    } catch {
      // All of it is gone.
    }
  }
  const stop = (): void => {
    line('Asking the script to stop')
    killGroup('SIGTERM')
    setTimeout(() => killGroup('SIGKILL'), grace).unref()
  }
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    await writeScriptProcess(document.folder, pid)
    // From now on whoever finds this process dead finds the script as well.
    child.stdin.end('\n')
    await Promise.race([exited, ended])
    // What it left in the background would keep its output open and outlive the step.
    killGroup('SIGKILL')
    return await ended
  } catch (error) {
    killGroup('SIGKILL')
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
    channel.line('')
  }
}

const killedCode = (signal: NodeJS.Signals | null): number => (signal === 'SIGKILL' ? 137 : 143)

/** Those that are secrets go their own way, and the others do not give them away. What the script has printed is told already. */
function giveOutputs(
  { work, outbox }: Context,
  found: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const secretNames = new Set(work.outputs.flatMap(({ name, secret }) => (secret ? [name] : [])))
  const secrets = Object.entries(found).filter(([name]) => secretNames.has(name))
  if (secrets.length === 0) return found
  outbox.payload({ kind: 'secret-output', values: Object.fromEntries(secrets) })
  const masking = createMasking(secrets.map(([, text]) => text))
  return Object.fromEntries(
    Object.entries(found).map(([name, text]) => [name, secretNames.has(name) ? maskText : masking.text(text)]),
  )
}

async function readOutputs({ outputs }: ScriptWork, folder: string): Promise<Record<string, string>> {
  const found: [string, string][] = []
  let bytes = 0
  for (const [index, { name, variable }] of outputs.entries()) {
    const path = outputFile(folder, index)
    // The script may have put a link or a pipe there, whose reading would have no end.
    const file = await lstat(path).catch(() => undefined)
    if (!file?.isFile()) continue
    const { size } = file
    bytes += size
    if (size > longestOutput || bytes > allOutputs)
      throw new Fault('too-large', `The output variable ${variable} has ${size} bytes.`, {
        hint: `One may have ${longestOutput} bytes, all together ${allOutputs}.`,
      })
    found.push([name, await readForeign(path, size)])
  }
  return Object.fromEntries(found)
}
