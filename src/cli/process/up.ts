// One process: manager and delegate, over the same protocol as when they are apart. Shared by `up` and `demo`.
import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Delegate, startDelegate } from '#delegate/delegate'
import type { Runner } from '#delegate/runner/port'
import { createProcessRunner } from '#delegate/runner/process'
import { programFile } from './built.ts'
import { hasDriver } from './driver.ts'
import { type ManagerProcess, type ManagerProcessOptions, startManagerProcess } from './manager.ts'
import { version } from './version.ts'

/** Milliseconds that a clean stop waits for running steps; they are processes of their own and go on if it is not enough. */
const drainMilliseconds = 60_000

export interface UpProcess {
  readonly process: ManagerProcess
  readonly delegate: Delegate
  /** Waits for running steps, then stops. Answers the attempts that go on by themselves. */
  close(): Promise<readonly string[]>
}

export async function startUp(
  options: ManagerProcessOptions & {
    readonly capacity: number
    /** Absent: steps are processes of this machine. */
    readonly runner?: Runner
    /** For steps that are elsewhere, in a network that is trusted. */
    readonly allowPlainHttp?: boolean
  },
  signal: AbortSignal,
): Promise<UpProcess> {
  const managerProcess = await startManagerProcess(options, signal)
  const { manager } = managerProcess
  try {
    const directory = join(resolve(options.data), 'delegate')
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const delegate = await startDelegate(
      {
        managerUrl: manager.url,
        allowPlainHttp: options.allowPlainHttp ?? false,
        token: await manager.builtInDelegateToken(),
        name: 'built-in',
        tags: [],
        version,
        directory,
        capacity: options.capacity,
        runner:
          options.runner ??
          createProcessRunner({ command: [process.execPath, programFile(), 'step'], environment: process.env }),
        environment: process.env,
        checks: { hasDriver },
        log: (level, message, details) => options.log[level](details ?? {}, message),
        random: Math.random,
        randomId: randomUUID,
        processId: process.pid,
      },
      signal,
    )
    return {
      process: managerProcess,
      delegate,
      close: async () => {
        const running = await delegate.drain(drainMilliseconds)
        await managerProcess.close()
        return running
      },
    }
  } catch (error) {
    await managerProcess.close()
    throw error
  }
}
