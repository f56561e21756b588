// Manager, delegates and databases around the cluster, as the real programs; and what every scenario asks of them.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Execution } from '#contract/api/execution'
import { isFinal } from '#contract/pipeline/status'
import { type ApiClient, signIn } from '#cli/setup/session'
import { ensureEntities } from '#cli/setup/entity'
import { type Pod, podSchema } from '#delegate/runner/kubernetes/object'
import { address, type Cluster, until } from './cluster.ts'
import type { ImageStore } from './image.ts'
import { makeTransitKey, type OpenBao } from './openbao.ts'
import { type GitServer, type PostgreSql, ports, type Registry } from './server.ts'

export const program = resolve('dist/cli/main.js')
export const managerUrl = `http://${address}:${ports.manager}`
export const namespace = 'sluice-steps'

export interface DelegateProcess {
  readonly name: string
  readonly directory: string
  readonly output: string
  child: ChildProcess
  /** Starts it again on the same directory. */
  restart(): void
  stop(signal?: NodeJS.Signals): Promise<void>
}

export interface World {
  readonly folder: string
  readonly cluster: Cluster
  readonly database: PostgreSql
  readonly git: GitServer
  readonly registry: Registry
  readonly openbao: OpenBao
  readonly images: ImageStore
  readonly client: ApiClient
  /** Secrets that must appear nowhere. */
  readonly secrets: readonly string[]
  readonly delegates: readonly DelegateProcess[]
  /** For delegates that join. */
  readonly token: string
  startDelegate(
    name: string,
    settings?: Record<string, unknown>,
    more?: Partial<DelegateOptions>,
  ): Promise<DelegateProcess>
  /** Does the work with this delegate alone; afterwards the first one is back. */
  withDelegate(
    name: string,
    settings: Record<string, unknown>,
    work: (delegate: DelegateProcess) => Promise<void>,
    more?: Partial<DelegateOptions>,
  ): Promise<void>
  /** A schema with one instance on a database of its own, released by a pipeline of one step. Gives what starts it. */
  project(name: string, files: Readonly<Record<string, string>>, more?: ProjectOptions): Promise<Project>
  pods(): Promise<readonly Pod[]>
  /** Waits until no pod is left. Before a delegate is taken away: others clear up after it only when ten minutes have passed. */
  cleared(): Promise<void>
  restartManager(): Promise<void>
  stopManager(signal?: NodeJS.Signals): Promise<void>
  close(): Promise<void>
}
interface DelegateOptions {
  readonly kubeconfig: string
  readonly manager: string
  readonly allowScripts: boolean
  readonly flags: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}
export interface ProjectOptions {
  readonly timeout?: string
  readonly branch?: string
  readonly pipeline?: (instance: string) => string
}
export interface Project {
  readonly database: string
  start(): Promise<string>
  /** Follows to the end, or until people are needed. */
  end(execution: string, seconds?: number): Promise<Execution>
  /** As it is now. */
  peek(execution: string): Promise<Execution>
  log(execution: string): Promise<string>
  query(sql: string): string
  abort(execution: string): Promise<void>
}

const scope = { org: 'default', project: 'cluster' } as const

function say(path: string, child: ChildProcess): void {
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part: Buffer) => appendFileSync(path, part))
}
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise((done) => child.once('exit', done))
}

/** Of one stage with one element, such as `step: { … }`. */
export const pipelineWith = (name: string, element: string): string => `pipeline:
  identifier: ${name}
  name: ${name}
  orgIdentifier: default
  projectIdentifier: cluster
  stages:
    - stage:
        identifier: release
        name: Release
        type: Custom
        spec:
          execution:
            steps:
              - ${element}
`
/** A step that applies. `name` is schema, instance and database. */
export const applyStep = (name: string, timeout = '5m', identifier = 'apply'): string =>
  `step: { identifier: ${identifier}, name: Apply, type: DBSchemaApply, timeout: ${timeout}, spec: { dbSchema: ${name}, dbInstance: ${name} } }`

export async function openWorld(
  servers: Pick<World, 'folder' | 'cluster' | 'database' | 'git' | 'registry' | 'openbao' | 'images'>,
): Promise<World> {
  const { folder, cluster, database, git } = servers
  const password = randomBytes(9).toString('hex')
  const rootKey = join(folder, 'manager')
  const managerLog = join(folder, 'manager.log')
  mkdirSync(rootKey, { mode: 0o700 })
  writeFileSync(join(folder, 'password'), password, { mode: 0o600 })
  database.query('postgres', 'create database sluice')
  const keyService = makeTransitKey(servers.openbao, folder)
  let manager: ChildProcess | undefined

  async function startManager(): Promise<void> {
    const store = `postgresql://postgres@${address}:${ports.postgresql}/sluice`
    const args = ['manager', '--data', rootKey, '--store', store, '--host', address, '--port', String(ports.manager)]
    manager = spawn(process.execPath, [program, ...args], {
      env: {
        ...process.env,
        ...keyService,
        SLUICE_STORE_PASSWORD: database.password,
        SLUICE_ADMIN_EMAIL: 'ada@example.com',
        SLUICE_ADMIN_PASSWORD_FILE: join(folder, 'password'),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    say(managerLog, manager)
    await until('the manager', async () => {
      if (manager?.exitCode !== null) throw new Error(`The manager ended:\n${readFileSync(managerLog, 'utf8')}`)
      return await fetch(`${managerUrl}/v1/health`).then(
        () => true as const,
        () => undefined,
      )
    })
  }
  await startManager()
  const client = await signIn(managerUrl, 'ada@example.com', password)
  const { value: token } = await client.createDelegateToken({ body: { identifier: 'cluster' } })
  const kubeconfig = await cluster.kubeconfigOf('sluice', 'sluice-delegate')
  const delegates: DelegateProcess[] = []
  const databasePassword = `pw-${randomBytes(12).toString('hex')}`
  database.query('postgres', `create role app login superuser password '${databasePassword}'`)

  const world: World = {
    ...servers,
    client,
    delegates,
    token,
    secrets: [databasePassword, git.token],
    async startDelegate(name, settings = {}, more = {}) {
      const directory = join(folder, `delegate-${name}`)
      const output = join(folder, `delegate-${name}.log`)
      const settingsFile = join(folder, `delegate-${name}.yaml`)
      writeFileSync(settingsFile, JSON.stringify({ ...baseSettings, ...settings }))
      const start = (): ChildProcess => {
        const child = spawn(
          process.execPath,
          [
            program,
            'delegate',
            '--manager',
            more.manager ?? managerUrl,
            '--name',
            name,
            '--directory',
            directory,
            '--allow-plain-http',
            '--runner',
            'kubernetes',
            '--kubernetes-settings',
            settingsFile,
            '--kubeconfig',
            more.kubeconfig ?? kubeconfig,
            '--drain-seconds',
            '0',
            ...(more.allowScripts ? ['--allow-scripts'] : []),
            ...(more.flags ?? []),
          ],
          {
            env: { ...process.env, SLUICE_DELEGATE_TOKEN: token, ...more.environment },
            stdio: ['ignore', 'pipe', 'pipe'],
          },
        )
        say(output, child)
        return child
      }
      writeFileSync(output, '')
      const one: DelegateProcess = {
        name,
        directory,
        output,
        child: start(),
        restart() {
          one.child = start()
        },
        async stop(signal = 'SIGTERM') {
          one.child.kill(signal)
          await ended(one.child)
        },
      }
      delegates.push(one)
      await until(`delegate ${name}`, () => {
        const text = readFileSync(output, 'utf8')
        if (one.child.exitCode !== null) throw new Error(`The delegate ended: ${text}`)
        return text.includes('is connected') ? true : undefined
      })
      return one
    },
    async withDelegate(name, settings, work, more) {
      const [first] = delegates
      await first?.stop()
      try {
        await work(await world.startDelegate(name, settings, more))
        await world.cleared()
      } finally {
        await delegates.find((one) => one.name === name)?.stop()
        first?.restart()
      }
    },
    async project(name, files, { timeout = '5m', branch = 'main', pipeline } = {}) {
      git.commit(name, files, branch)
      database.query('postgres', `create database ${name} owner app`)
      await ensureEntities(client, {
        scope,
        projectName: 'Cluster',
        secrets: { database_password: databasePassword, git_token: git.token },
        repository: { identifier: `git_${name}`, url: git.url(name), username: git.username, passwordRef: 'git_token' },
        schema: { identifier: name, name, location: 'changelog.yaml', branch },
        instances: [
          {
            identifier: name,
            name,
            url: database.url(name),
            username: 'app',
            passwordRef: 'database_password',
            context: '',
            tags: {},
          },
        ],
        pipeline: { identifier: name, name, yaml: pipeline?.(name) ?? pipelineWith(name, applyStep(name, timeout)) },
      })
      return {
        database: name,
        async start() {
          const started = await client.executePipeline({ params: { ...scope, pipeline: name } })
          return started.execution_details.execution_id
        },
        async end(execution, seconds = 120) {
          return await until(
            `the end of ${name}`,
            async () => {
              const now = await client.getExecution({ params: { ...scope, execution } })
              const waits = now.nodes.some(
                ({ kind, status }) =>
                  kind === 'step' && (status === 'ApprovalWaiting' || status === 'InterventionWaiting'),
              )
              return isFinal(now.status) || waits ? now : undefined
            },
            seconds,
          )
        },
        peek: (execution) => client.getExecution({ params: { ...scope, execution } }),
        async log(execution) {
          const now = await client.getExecution({ params: { ...scope, execution } })
          const texts: string[] = []
          for (const { attempt } of now.nodes) {
            if (attempt === null) continue
            const params = { ...scope, execution, attempt }
            let offset = 0
            for (;;) {
              const part = await client.getLog({ params, query: { offset } })
              texts.push(part.text)
              if (part.nextOffset === offset) break
              offset = part.nextOffset
            }
          }
          return texts.join('')
        },
        query: (sql) => database.query(name, sql),
        async abort(execution) {
          await client.abortExecution({ params: { ...scope, execution }, body: { reason: 'the test wants it' } })
        },
      }
    },
    async cleared() {
      await until('an empty namespace', async () => ((await world.pods()).length === 0 ? true : undefined))
    },
    async pods() {
      const { items } = await cluster.get<{ items: unknown[] }>(`/api/v1/namespaces/${namespace}/pods`)
      return items.map((item) => podSchema.parse(item))
    },
    restartManager: startManager,
    async stopManager(signal = 'SIGKILL') {
      manager?.kill(signal)
      if (manager) await ended(manager)
    },
    async close() {
      for (const one of delegates) await one.stop('SIGKILL')
      manager?.kill('SIGKILL')
      await sleep(0)
    },
  }
  return world
}

/** Of the delegates of these tests. */
export const baseSettings = {
  namespace,
  images: { step: 'localhost/sluice/step:test', source: 'localhost/sluice/source:test', pullSecrets: [] },
  imagePullPolicy: 'Never',
  resources: { memory: '256Mi', cpu: '2', cpuRequest: '20m', storage: '128Mi' },
  times: { grace: 20, imagePull: 3, init: 120, lost: 15 },
}
