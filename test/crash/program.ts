// One program of the product as a process of its own, started from the build, killed and started again.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'

export class Program {
  readonly #args: readonly string[]
  readonly #environment: Readonly<Record<string, string>>
  readonly #logFile: string
  #child: ChildProcess | undefined

  constructor(args: readonly string[], environment: Readonly<Record<string, string>>, logFile: string) {
    this.#args = args
    this.#environment = environment
    this.#logFile = logFile
  }

  start(): void {
    const log = openSync(this.#logFile, 'a')
    this.#child = spawn(process.execPath, ['dist/cli/main.js', ...this.#args], {
      env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', TZ: 'UTC', ...this.#environment },
      stdio: ['ignore', log, log],
    })
    closeSync(log)
  }

  /** As the kernel does it: no handler runs, nothing is flushed. */
  async kill(): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  get log(): string {
    return readFileSync(this.#logFile, 'utf8')
  }
}

/** Process ids of step processes that belong to a delegate's folder: their standard output goes there. */
export function stepProcesses(delegateFolder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
        return words.includes('step') && readlinkSync(`/proc/${pid}/fd/1`).startsWith(delegateFolder)
      } catch {
        // Ended in between, or not ours to look at.
        return false
      }
    })
    .map(Number)
}

export function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // Already gone.
    }
  }
}
