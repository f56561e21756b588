// Runs steps as processes of their own, which outlive the delegate. Secrets go through a pipe, never through arguments or
// environment; output that is not the log of the step (a crash) stays in the folder of the attempt.
import { spawn } from 'node:child_process'
import { open, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { scriptFile } from '#contract/delegate/attempt-folder'
import { identifyProcess } from '#contract/delegate/process-identity'
import { allowScriptsVariable } from '#contract/delegate/program-work'
import type { StepDocument } from '#contract/delegate/step-document'
import { machineVariables, outwardVariables } from '#outward/setting'
import type { AcceptedAttempt, Runner, RunningStep } from './port.ts'

export interface ProcessRunnerOptions {
  /** Program and arguments that run a step: Node, the built command line, `step`. */
  readonly command: readonly [string, ...string[]]
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Milliseconds between looks at a process that is not a child of this one; a second unless told. */
  readonly watchInterval?: number
}

const processFile = 'process.json'
const processSchema = z.object({ processId: z.int().positive(), identity: z.string() })

/** All that a step may see of the delegate's environment. No NODE_OPTIONS: it could load code or open a debugger. */
const passedOn = [
  ...machineVariables,
  outwardVariables.certificate,
  outwardVariables.key,
  allowScriptsVariable,
] as const

export function stepEnvironment(environment: ProcessRunnerOptions['environment']): Record<string, string> {
  const kept = passedOn.flatMap((name) => {
    const value = environment[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return Object.fromEntries(kept)
}

function signalProcess(processId: number, signal: NodeJS.Signals): void {
  try {
    process.kill(processId, signal)
  } catch {
    // It is gone, which is what a signal would bring about.
  }
}

/** What both ways of knowing a process share. Killing takes its whole group, so that no git stays behind, and that of its script. */
const controls = (processId: number, folder: string): Pick<RunningStep, 'terminate' | 'kill'> => ({
  terminate: () => signalProcess(processId, 'SIGTERM'),
  kill: () => {
    signalProcess(-processId, 'SIGKILL')
    void killScript(folder)
  },
})

/** A step that is killed cannot end its script, which must not go on alone, nor take its text away, which may hold secrets. */
async function killScript(folder: string): Promise<void> {
  const script = await readProcess(join(folder, scriptFile.process))
  if (script && script.identity !== '' && (await identifyProcess(script.processId)) === script.identity)
    signalProcess(-script.processId, 'SIGKILL')
  await rm(join(folder, scriptFile.folder), { recursive: true, force: true })
}

/** `detached` gives the step a session of its own: Ctrl-C and the death of the delegate do not reach it. */
async function startProcess(
  { command, environment }: ProcessRunnerOptions,
  { folder }: AcceptedAttempt,
  document: StepDocument,
): Promise<RunningStep> {
  const output = await open(join(folder, 'output.txt'), 'a', 0o600)
  try {
    const child = spawn(command[0], command.slice(1), {
      cwd: folder,
      env: stepEnvironment(environment),
      detached: true,
      stdio: ['pipe', output.fd, output.fd],
    })
    const gone = new Promise<string>((resolve) => {
      child.once('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`))
      child.once('error', (error) => resolve(error.message))
    })
    const ended = gone.then(async (how) => {
      await killScript(folder)
      return how
    })
    const processId = child.pid
    if (processId === undefined) throw new Error(`The step cannot be started: ${await ended}`)
    const input = child.stdin
    if (!input) throw new Error('The step has no standard input.')
    // A child that dies at once closes the pipe; that it died is told by its exit.
    input.on('error', () => {})
    // On disk before it has work: should the delegate die in between, the step reads an incomplete document and ends.
    const identity = (await identifyProcess(processId)) ?? ''
    await writeFile(join(folder, processFile), JSON.stringify({ processId, identity }), { mode: 0o600 })
    input.end(JSON.stringify(document))
    child.unref()
    return { ended, ...controls(processId, folder) }
  } finally {
    await output.close()
  }
}

/** Undefined also for a file that was not written to its end: its step never had a whole document. */
async function readProcess(path: string): Promise<z.infer<typeof processSchema> | undefined> {
  try {
    return processSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return undefined
  }
}

async function findProcess({ folder }: AcceptedAttempt, watchInterval: number): Promise<RunningStep | undefined> {
  const known = await readProcess(join(folder, processFile))
  if (!known) return undefined
  const { processId, identity } = known
  const isThere = async (): Promise<boolean> => identity !== '' && (await identifyProcess(processId)) === identity
  if (!(await isThere())) {
    await killScript(folder)
    return undefined
  }
  async function watch(): Promise<string> {
    do await sleep(watchInterval, undefined, { ref: false })
    while (await isThere())
    await killScript(folder)
    return 'unknown how, it was started by an earlier delegate'
  }
  const still = controls(processId, folder)
  const ifThere = (act: () => void) => (): void => void isThere().then((there) => (there ? act() : undefined))
  return { ended: watch(), terminate: ifThere(still.terminate), kill: ifThere(still.kill) }
}

export function createProcessRunner(options: ProcessRunnerOptions): Runner {
  return {
    start: (attempt, document) => startProcess(options, attempt, document),
    find: (attempt) => findProcess(attempt, options.watchInterval ?? 1000),
  }
}
