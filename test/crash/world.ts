// The world of a crash test: a manager and a delegate as processes of their own, one project, and a fresh target for each round.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ensureEntities } from '#cli/setup/entity'
import { type ApiClient, signIn } from '#cli/setup/session'
import type { Execution } from '#contract/api/execution'
import { isFinal } from '#contract/pipeline/status'
import { crashChangelog, crashPipeline } from './changelog.ts'
import { killAll, Program, stepProcesses } from './program.ts'

const email = 'admin@sluice.example'
const password = 'crash-admin-password'
const scope = { org: 'default', project: 'crash' } as const

export class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'sluice-crash-'))
  readonly delegateFolder = join(this.folder, 'delegate')
  readonly manager: Program
  readonly #token: string[] = []
  #delegate: Program | undefined
  readonly #port: number
  client!: ApiClient

  private constructor(port: number) {
    this.#port = port
    writeFileSync(join(this.folder, 'password'), password, { mode: 0o600 })
    this.manager = new Program(
      ['manager', '--data', join(this.folder, 'manager'), '--host', '127.0.0.1', '--port', String(port)],
      { SLUICE_ADMIN_EMAIL: email, SLUICE_ADMIN_PASSWORD_FILE: join(this.folder, 'password') },
      join(this.folder, 'manager.log'),
    )
  }

  static async open(): Promise<World> {
    const world = new World(await freePort())
    world.manager.start()
    await world.reconnect()
    const { value } = await world.client.createDelegateToken({ body: { identifier: 'crash' } })
    world.#token.push(value)
    writeFileSync(join(world.folder, 'token'), value, { mode: 0o600 })
    world.#delegate = new Program(
      [
        'delegate',
        '--manager',
        world.baseUrl,
        '--token-file',
        join(world.folder, 'token'),
        '--name',
        'crash',
        '--directory',
        world.delegateFolder,
      ],
      {},
      join(world.folder, 'delegate.log'),
    )
    world.#delegate.start()
    world.#makeRepository()
    return world
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get delegate(): Program {
    if (!this.#delegate) throw new Error('the delegate was not started')
    return this.#delegate
  }

  /** Waits until the manager answers, and signs in. */
  async reconnect(): Promise<void> {
    await until('the manager answers', async () => {
      const response = await fetch(`${this.baseUrl}/v1/health`).catch(() => undefined)
      return response?.status === 200 ? true : undefined
    })
    this.client = await signIn(this.baseUrl, email, password)
  }

  #makeRepository(): void {
    const tree = join(this.folder, 'tree')
    mkdirSync(tree)
    writeFileSync(join(tree, 'changelog.yaml'), crashChangelog)
    const git = (...args: string[]): void => {
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: tree, stdio: 'ignore' })
    }
    git('init', '--initial-branch=main')
    git('add', '--all')
    git('commit', '--message', 'changelog')
  }

  /** A project's worth of entities for one round; `name` is an identifier. */
  async prepareRound(name: string, url: string, username: string, databasePassword: string): Promise<void> {
    await ensureEntities(this.client, {
      scope,
      projectName: 'Crash',
      secrets: { database_password: databasePassword },
      repository: {
        identifier: 'repository',
        url: `file://${join(this.folder, 'tree')}`,
        username: undefined,
        passwordRef: undefined,
      },
      schema: { identifier: 'crash', name: 'Crash', location: 'changelog.yaml', branch: 'main' },
      instances: [{ identifier: name, name, url, username, passwordRef: 'database_password', context: '', tags: {} }],
      pipeline: { identifier: name, name, yaml: crashPipeline(name) },
    })
  }

  async startRound(name: string): Promise<string> {
    const started = await this.client.executePipeline({ params: { ...scope, pipeline: name } })
    return started.execution_details.execution_id
  }

  async read(execution: string): Promise<Execution> {
    return await this.client.getExecution({ params: { ...scope, execution } })
  }

  /** Until the run is final or waits for a person; the manager may be away meanwhile. */
  async settle(execution: string): Promise<Execution> {
    return await until(`execution ${execution} settles`, async () => {
      const now = await this.read(execution).catch(() => undefined)
      if (!now) return undefined
      return isFinal(now.status) || now.nodes.some((node) => node.status === 'InterventionWaiting') ? now : undefined
    })
  }

  /** Change set id → status, as the manager tells it for an instance. */
  async statesOf(name: string): Promise<Map<string, string>> {
    const params = { ...scope, dbschema: 'crash' }
    const { body } = await this.client.getMigrationState({
      params,
      query: { limit: 100 },
      body: { instanceFilter: { instances: [name] } },
    })
    return new Map(body.changeSets.flatMap((one) => one.instances.map((cell) => [one.changeSet, cell.status] as const)))
  }

  /** A write whose answer counts as acknowledged. */
  async acknowledge(name: string): Promise<boolean> {
    const organization = { identifier: name, name }
    return await this.client.createOrganization({ body: { organization } }).then(
      () => true,
      () => false,
    )
  }

  async acknowledged(name: string): Promise<boolean> {
    return await this.client.getOrganization({ params: { org: name } }).then(
      () => true,
      () => false,
    )
  }

  async close(): Promise<void> {
    await this.#delegate?.kill()
    await this.manager.kill()
    killAll(stepProcesses(this.delegateFolder))
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Asks again and again; the time-out is only there to end a broken run with a name. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>, seconds = 120): Promise<T> {
  const deadline = Date.now() + seconds * 1000
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (Date.now() > deadline) throw new Error(`Waited ${seconds} s until ${what}.`)
    await sleep(25)
  }
}

export async function freePort(): Promise<number> {
  return await new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
