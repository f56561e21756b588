// A whole manager on a real socket with a store of its own, a project that is ready to run, and delegates beside it: what the
// scenarios of the delegate share.
import { execFileSync } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pino } from 'pino'
import { ensureEntities } from '#cli/setup/entity'
import { type ApiClient, signIn } from '#cli/setup/session'
import type { Execution } from '#contract/api/execution'
import { type Delegate, type DelegateOptions, startDelegate } from '#delegate/delegate'
import { createFakeRunner } from '#delegate/runner/fake'
import { createProcessRunner } from '#delegate/runner/process'
import { type Manager, startManager } from '#manager/main'
import type { RootKeys } from '#manager/secret/envelope'
import type { Store } from '#manager/store/port'
import { newPlace, openPlace } from '../store/store.ts'
import { program } from './step-world.ts'

export const here = { org: 'default', project: 'shop' } as const

export interface RealWorld {
  readonly store: Store
  readonly rootKeys: RootKeys
  readonly manager: Manager
  readonly client: ApiClient
  readonly folder: string
  /** What delegates said. */
  readonly said: string[]
  /** A delegate token; gives its value. */
  token(more?: { uses?: number; org?: string; project?: string; identifier?: string }): Promise<string>
  /** In a directory of its own under `name`; with steps that play a part unless told. */
  delegate(name: string, token: string | undefined, more?: Partial<DelegateOptions>): Promise<Delegate>
  directoryOf(name: string): string
  /** Ends all delegates. */
  dismiss(): Promise<void>
  /** Starts the pipeline, which applies the changelog to the instance `dev`; gives the id of the execution. */
  run(): Promise<string>
  /** Saves a pipeline with these steps (entries of a list) and starts it; gives the id of the execution. */
  runSteps(steps: string): Promise<string>
  /** Reads the execution until `check` holds. */
  until(execution: string, check: (execution: Execution) => boolean): Promise<Execution>
  close(): Promise<void>
}

export interface RealWorldOptions {
  /** Of the instance `dev`; a file of SQLite unless told. */
  readonly connection?: (folder: string) => string
  readonly changelog?: string
  readonly passwords?: Readonly<Record<string, string>>
  readonly step?: string
}

const pipeline = (step: string): string => `pipeline:
  identifier: release
  name: Release
  orgIdentifier: default
  projectIdentifier: shop
  stages:
    - stage:
        identifier: dev
        name: Dev
        type: Custom
        spec:
          execution:
            steps:
              - step:
                  identifier: apply
                  name: Apply
                  type: ${step}
                  timeout: 10m
                  spec: { dbSchema: shop, dbInstance: dev }
`

export const indent = (text: string, by: number): string => text.replaceAll(/^(?=.)/gm, ' '.repeat(by))

const pipelineOf = (identifier: string, steps: string): string => `pipeline:
  identifier: ${identifier}
  name: ${identifier}
  orgIdentifier: default
  projectIdentifier: shop
  stages:
    - stage:
        identifier: s
        name: S
        type: Custom
        spec:
          execution:
            steps:
${indent(steps, 14)}
`

function commit(folder: string, files: Readonly<Record<string, string>>): string {
  const git = (...args: string[]): void => {
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
      cwd: folder,
      stdio: 'ignore',
    })
  }
  const [bare, work] = [join(folder, 'shop.git'), join(folder, 'work')]
  git('init', '--quiet', '--bare', '--initial-branch=main', bare)
  git('init', '--quiet', '--initial-branch=main', work)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(work, name)), { recursive: true })
    writeFileSync(join(work, name), text)
  }
  git('-C', work, 'add', '--all')
  git('-C', work, 'commit', '--quiet', '--message=change')
  git('-C', work, 'push', '--quiet', bare, 'main')
  return bare
}

export const smallChangelog =
  '--liquibase formatted sql\n--changeset shop:one\ncreate table one (id int primary key);\n--rollback drop table one;\n'

export async function openRealWorld(options: RealWorldOptions = {}): Promise<RealWorld> {
  const place = await newPlace('embedded')
  const store = await openPlace(place)
  const folder = mkdtempSync(join(tmpdir(), 'sluice-world-'))
  const password = randomBytes(12).toString('hex')
  const email = 'ada@example.org'
  const rootKeys = { current: new Uint8Array(randomBytes(32)), older: [] }
  const manager = await startManager({
    store,
    rootKeys,
    host: '127.0.0.1',
    port: 0,
    secure: false,
    trustProxy: false,
    log: pino({ level: 'silent' }),
    version: '0',
    fetch,
    webDirectory: folder,
    prepare: async (users) => void (await users.ensureUser({ email, name: 'Ada', role: 'admin', password })),
  })
  const client = await signIn(manager.url, email, password)
  const repository = commit(folder, { 'changelog.sql': options.changelog ?? smallChangelog })
  const url = options.connection?.(folder) ?? `jdbc:sqlite:${join(folder, 'target.db')}`
  const secrets = { db_password: 'secret-of-dev', ...options.passwords }
  await ensureEntities(client, {
    scope: here,
    projectName: 'Shop',
    secrets,
    repository: { identifier: 'git', url: repository, username: undefined, passwordRef: undefined },
    schema: { identifier: 'shop', name: 'Shop', location: 'changelog.sql', branch: 'main' },
    instances: [
      { identifier: 'dev', name: 'Dev', url, username: 'shop', passwordRef: 'db_password', context: '', tags: {} },
    ],
    pipeline: { identifier: 'release', name: 'Release', yaml: pipeline(options.step ?? 'DBSchemaApply') },
  })
  const delegates: Delegate[] = []
  const said: string[] = []
  let pipelines = 0
  const read = (execution: string) => client.getExecution({ params: { ...here, execution } })
  return {
    store,
    rootKeys,
    manager,
    client,
    folder,
    said,
    directoryOf: (name) => join(folder, `delegate-${name}`),
    async token({ identifier = `t_${randomUUID().replaceAll('-', '')}`, ...more } = {}) {
      return (await client.createDelegateToken({ body: { identifier, ...more } })).value
    },
    async delegate(name, token, more = {}) {
      const delegate = await startDelegate(
        {
          managerUrl: manager.url,
          token,
          name,
          tags: [],
          version: '0',
          directory: join(folder, `delegate-${name}`),
          capacity: 2,
          random: () => 0.1,
          randomId: randomUUID,
          processId: process.pid,
          runner: createFakeRunner({ parts: [] }),
          environment: process.env,
          log: (_level, message) => void said.push(`${name}: ${message}`),
          ...more,
        },
        new AbortController().signal,
      )
      delegates.push(delegate)
      return delegate
    },
    async run() {
      const { execution_details: details } = await client.executePipeline({
        params: { ...here, pipeline: 'release' },
        body: {},
      })
      return details.execution_id
    },
    async runSteps(steps) {
      pipelines += 1
      const identifier = `p${pipelines}`
      const body = { identifier, name: identifier, pipeline_yaml: pipelineOf(identifier, steps) }
      await client.createPipeline({ params: here, body })
      const started = await client.executePipeline({ params: { ...here, pipeline: identifier }, body: {} })
      return started.execution_details.execution_id
    },
    async until(execution, check) {
      for (;;) {
        const found = await read(execution)
        if (check(found)) return found
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },
    dismiss: async () => void (await Promise.all(delegates.splice(0).map((delegate) => delegate.drain(10_000)))),
    async close() {
      await Promise.all(delegates.map((delegate) => delegate.drain(10_000)))
      await manager.close()
      await store.close()
      await place.remove()
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
    },
  }
}

/** Real processes of the built step. */
export const processRunner = (environment: Readonly<Record<string, string | undefined>> = process.env) =>
  createProcessRunner({ command: [process.execPath, program, 'step'], environment, watchInterval: 50 })

export const stepOf = (execution: Execution) => {
  const step = execution.nodes.find(({ kind }) => kind === 'step')
  if (!step) throw new Error('The execution has no step.')
  return step
}
