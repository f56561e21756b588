// One run of a whole process: how long it took, how much memory it had at its peak, and what it printed.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'

export interface Command {
  readonly program: string
  readonly args: readonly string[]
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** Standard input comes from this file. */
  readonly input?: string
}

export interface Measured {
  readonly seconds: number
  /** Highest resident size, as the kernel keeps it; looked at every 10 ms, so growth of the very last moment can be missed. */
  readonly megabytes: number
}

export interface Ended extends Measured {
  readonly code: number | null
  readonly output: string
}

/** Runs to the end, whatever the exit code. */
export async function run(command: Command): Promise<Ended> {
  const { program, args, cwd, env, input } = command
  const stdin = input === undefined ? undefined : openSync(input, 'r')
  const begun = performance.now()
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: [stdin ?? 'ignore', 'pipe', 'pipe'],
  })
  if (stdin !== undefined) closeSync(stdin)
  const heard: Buffer[] = []
  child.stdout?.on('data', (data: Buffer) => heard.push(data))
  child.stderr?.on('data', (data: Buffer) => heard.push(data))
  let megabytes = 0
  const watch = setInterval(() => {
    megabytes = Math.max(megabytes, peakOf(child.pid))
  }, 10)
  const [code] = (await once(child, 'close')) as [number | null]
  clearInterval(watch)
  return { seconds: (performance.now() - begun) / 1000, megabytes, code, output: Buffer.concat(heard).toString() }
}

/** Raises with the end of the output when the process failed. */
export async function measure(command: Command): Promise<Measured> {
  const { code, output, ...measured } = await run(command)
  if (code !== 0) {
    throw new Error(`${command.program} ${command.args.join(' ')} ended with ${code}\n${output.slice(-2000)}`)
  }
  return measured
}

function peakOf(pid: number | undefined): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    // It has just ended.
    return 0
  }
}
