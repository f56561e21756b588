// What tests of the real step share: a repository, a target, a delegate that starts real processes, a manager to report to.
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { StepSpec, TargetWork } from '#contract/delegate/step-spec'
import { type Delegate, type DelegateOptions, startDelegate } from '#delegate/delegate'
import { createProcessRunner } from '#delegate/runner/process'
import { type ProtocolManager, startProtocolManager, type TestAttempt, testSpec } from './protocol-manager.ts'

/** The built command line: Node cannot run the sources. */
export const program = resolve('dist/cli/main.js')

export interface StepWorld {
  readonly manager: ProtocolManager
  readonly folder: string
  /** The delegate's directory. */
  readonly directory: string
  readonly said: string[]
  readonly delegates: readonly Delegate[]
  /** Commits the files, which replace all that were there. */
  commit(files: Readonly<Record<string, string>>): void
  spec(attempt: string, work: Partial<TargetWork> & { type: TargetWork['type'] }, timeoutSeconds?: number): StepSpec
  startDelegate(more?: Partial<DelegateOptions>): Promise<Delegate>
  /** Runs an attempt to its end. */
  run(spec: StepSpec, secrets?: Record<string, string>): Promise<TestAttempt>
  /** Number of the process that runs an attempt. */
  processOf(attempt: string): number
  /** Lets `name` calls of the manager hang from now on; gives what lets them go. */
  hold(name: string): () => void
  close(): Promise<void>
}

export async function createWorld(): Promise<StepWorld> {
  const manager = await startProtocolManager()
  const folder = mkdtempSync(join(tmpdir(), 'sluice-step-'))
  const directory = join(folder, 'delegate')
  const bare = join(folder, 'shop.git')
  const work = join(folder, 'work')
  const said: string[] = []
  const delegates: Delegate[] = []
  const git = (...args: string[]): void => {
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
      cwd: folder,
      stdio: 'ignore',
    })
  }
  git('init', '--quiet', '--bare', bare)
  git('init', '--quiet', '--initial-branch=main', work)

  return {
    manager,
    folder,
    directory,
    said,
    delegates,
    commit(files) {
      for (const name of readdirSync(work)) if (name !== '.git') rmSync(join(work, name), { recursive: true })
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(work, name)), { recursive: true })
        writeFileSync(join(work, name), text)
      }
      git('-C', work, 'add', '--all')
      git('-C', work, 'commit', '--quiet', '--allow-empty', '--message=change')
      git('-C', work, 'push', '--quiet', '--force', bare, 'main')
    },
    spec: (attempt, more, timeoutSeconds = 60) =>
      testSpec(
        attempt,
        {
          source: { type: 'git', url: bare, reference: { branch: 'main' }, path: 'changelog.sql' },
          connection: { url: `jdbc:sqlite:${join(folder, 'target.db')}` },
          ...more,
        },
        timeoutSeconds,
      ),
    async startDelegate(more = {}) {
      const delegate = await startDelegate(
        {
          managerUrl: manager.url,
          token: manager.joinToken,
          name: 'test',
          tags: [],
          version: '0',
          directory,
          capacity: 2,
          random: () => 0.1,
          randomId: randomUUID,
          processId: process.pid,
          runner: createProcessRunner({
            command: [process.execPath, program, 'step'],
            environment: process.env,
            watchInterval: 50,
          }),
          log: (_level, message) => said.push(message),
          ...more,
        },
        new AbortController().signal,
      )
      delegates.push(delegate)
      return delegate
    },
    async run(spec, secrets) {
      const attempt = manager.enqueue(spec, secrets)
      await manager.until(() => attempt.state === 'finished')
      return attempt
    },
    processOf(attempt) {
      const name = readdirSync(join(directory, 'attempts')).find((one) => one.startsWith(`${attempt}.`)) ?? ''
      return processIn(join(directory, 'attempts', name)) ?? 0
    },
    hold(name) {
      let release = (): void => {}
      const held = new Promise<undefined>((resolve) => {
        release = () => resolve(undefined)
      })
      manager.intercept = (called) => (called === name ? held : undefined)
      return () => {
        manager.intercept = undefined
        release()
      }
    },
    async close() {
      manager.intercept = undefined
      for (const delegate of delegates) await delegate.drain(10_000)
      // A step writes to its folder until it has ended, and one that lost its delegate ends by itself.
      for (const step of startedSteps(directory)) await endOf(step)
      await manager.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function processIn(attemptFolder: string): number | undefined {
  const path = join(attemptFolder, 'process.json')
  if (!existsSync(path)) return undefined
  return (JSON.parse(readFileSync(path, 'utf8')) as { processId: number }).processId
}

function startedSteps(directory: string): readonly number[] {
  const attempts = join(directory, 'attempts')
  if (!existsSync(attempts)) return []
  return readdirSync(attempts).flatMap((name) => processIn(join(attempts, name)) ?? [])
}

/** Waits until a process is gone; one that will not go in 15 seconds is killed. */
async function endOf(processId: number): Promise<void> {
  for (let tries = 0; isAlive(processId); tries += 1) {
    if (tries === 300) process.kill(processId, 'SIGKILL')
    await setTimeout(50)
  }
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch {
    return false
  }
}

/** A formatted SQL changelog in which each change set creates one table. */
export function tables(...names: string[]): string {
  const changeSets = names.map(
    (name) => `--changeset shop:${name}\ncreate table ${name} (id int primary key);\n--rollback drop table ${name};\n`,
  )
  return `--liquibase formatted sql\n\n${changeSets.join('\n')}`
}
