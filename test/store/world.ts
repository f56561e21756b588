// A small world for suites of the work queue: a project, executions, registered delegates, and handlers called directly.
import { generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto'
import { createSealingKeys, type SealingKeys } from '#contract/delegate/seal'
import type { FinishBody } from '#contract/delegate/protocol'
import type { PipelineTarget, StepSpec } from '#contract/delegate/step-spec'
import { hashToken } from '#manager/access/token'
import { protocolHandlers } from '#manager/delegate/protocol'
import type { Call, Caller, ProtocolHandlers } from '#manager/http/handler'
import { createHub, type Hub } from '#manager/live/hub'
import type { Store } from '#manager/store/port'
import { enqueue } from '#manager/work/enqueue'
import type { AttemptObserver, EnqueueInput, SealSecrets } from '#manager/work/port'

export interface World {
  readonly store: Store
  readonly hub: Hub
  readonly projectId: string
  readonly joinToken: string
  /** Who was told what, in order: `started a1`, `ended a1 success`. */
  readonly told: string[]
  readonly observer: AttemptObserver
  readonly handlers: ProtocolHandlers
  /** Rows of a new execution and its step nodes; gives its id. */
  addExecution(): Promise<string>
  add(
    input?: Partial<Omit<EnqueueInput, 'spec'>> & { type?: PipelineTarget['type']; execution?: string; node?: string },
  ): Promise<string>
  call<Name extends keyof ProtocolHandlers>(name: Name, input: CallInput): ReturnType<ProtocolHandlers[Name]>
}

export interface CallInput {
  readonly params?: Readonly<Record<string, unknown>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
  readonly delegate?: { readonly id: string; readonly name: string }
  readonly request?: Request
  readonly signal?: AbortSignal
}

const noSecrets: SealSecrets = async () => ({ sealed: [], places: [] })

export async function createWorld(store: Store, options: { sealSecrets?: SealSecrets } = {}): Promise<World> {
  const told: string[] = []
  const observer = observe(told)
  const hub = createHub(store)
  const handlers = protocolHandlers({
    store,
    hub,
    observers: [observer],
    sealSecrets: options.sealSecrets ?? noSecrets,
    random: randomBytes,
  })
  const { projectId, joinToken } = await seed(store)
  const addExecution = async (): Promise<string> => {
    const id = randomUUID()
    await store.db
      .insertInto('execution')
      .values({
        id,
        project_id: projectId,
        pipeline: 'p',
        pipeline_name: 'P',
        number: 1,
        status: 'Running',
        yaml: '',
        state: '{}',
        trigger_type: 'MANUAL',
        triggered_by: 'test',
        triggered_by_name: 'Test',
      })
      .execute()
    return id
  }
  return {
    store,
    hub,
    projectId,
    joinToken,
    told,
    observer,
    handlers,
    addExecution,
    add: async ({ type = 'DBSchemaApply', execution, node = 's.apply', ...input } = {}) => {
      const attempt = randomUUID()
      const spec = specOf(attempt, execution ?? (await addExecution()), node, type)
      await store.transaction((tx) =>
        enqueue(tx, { spec, projectId, number: 1, instanceKey: attempt, delegateSelectors: [], ...input }),
      )
      return attempt
    },
    call: (name, input) => {
      const handler = handlers[name] as unknown as (call: never) => ReturnType<ProtocolHandlers[typeof name]>
      return handler(makeCall(input) as never)
    },
  }
}

function makeCall(input: CallInput): Call<unknown> {
  const caller: Caller = {
    actor: input.delegate ? { type: 'delegate', name: input.delegate.name } : { type: 'attempt', name: 'attempt' },
    permissions: new Set(),
    grants: [],
    principal: undefined,
    user: undefined,
    session: undefined,
    delegate: input.delegate,
    attempt: undefined,
    sourceAddress: '127.0.0.1',
  }
  return {
    params: (input.params ?? {}) as never,
    query: (input.query ?? {}) as never,
    body: input.body as never,
    caller,
    request: input.request ?? new Request('http://manager/'),
    signal: input.signal ?? new AbortController().signal,
    setHeader: () => {},
  }
}

async function seed(store: Store): Promise<{ projectId: string; joinToken: string }> {
  const name = `o_${randomUUID().replaceAll('-', '')}`
  const organization = await store.db
    .insertInto('organization')
    .values({ identifier: name, name })
    .returning('id')
    .executeTakeFirstOrThrow()
  const project = await store.db
    .insertInto('project')
    .values({ organization_id: organization.id, identifier: 'p', name: 'p' })
    .returning('id')
    .executeTakeFirstOrThrow()
  const joinToken = `sdt.${name}`
  await store.db
    .insertInto('delegate_token')
    .values({ identifier: name, name, token_hash: hashToken(joinToken), status: 'ACTIVE', created_by: 'test' })
    .execute()
  return { projectId: project.id, joinToken }
}

function observe(told: string[]): AttemptObserver {
  return {
    accepted: async (_, attempt) => void told.push(`accepted ${attempt.id}`),
    started: async (_, attempt) => void told.push(`started ${attempt.id}`),
    requeued: async (_, attempt) => void told.push(`requeued ${attempt.id}`),
    event: async (_, attempt, event) => void told.push(`event ${attempt.id} ${event.seq}`),
    payload: async (_, attempt, payload) => void told.push(`payload ${attempt.id} ${payload.kind}`),
    waiting: async (_, attempt, reason) => void told.push(`waiting ${attempt.id} ${reason}`),
    ended: async (_, attempt, end) => void told.push(`ended ${attempt.id} ${end.outcome} ${end.fault?.code ?? '-'}`),
  }
}

export function specOf(attempt: string, execution: string, node: string, type: PipelineTarget['type']): StepSpec {
  const target = {
    dbSchema: 'shop',
    dbInstance: 'dev',
    source: { type: 'git' as const, url: 'file:///none', reference: { branch: 'main' }, path: 'changelog.yaml' },
    connection: { url: 'jdbc:pglite:none' },
    contexts: '',
    labelFilter: '',
    substituteProperties: {},
  }
  const work: Record<PipelineTarget['type'], () => PipelineTarget> = {
    DBSchemaApply: () => ({ type: 'DBSchemaApply', ...target, preStartTag: 't' }),
    DBSchemaRollback: () => ({ type: 'DBSchemaRollback', ...target, tag: 't' }),
    DBSchemaUpdateSQL: () => ({ type: 'DBSchemaUpdateSQL', ...target }),
    DBSchemaRollbackSQL: () => ({ type: 'DBSchemaRollbackSQL', ...target, tag: 't' }),
    DBTestAndPreview: () => ({ type: 'DBTestAndPreview', ...target, changeset: 'eA==', directory: 'dbops/x' }),
    LiquibaseCommand: () => ({
      type: 'LiquibaseCommand',
      ...target,
      command: 'tag',
      arguments: { tag: 't' },
      withoutChangelog: true,
    }),
    Reconcile: () => ({ type: 'Reconcile', ...target, lostAttempt: 'x', lostWork: 'DBSchemaApply' }),
  }
  return {
    attempt,
    execution,
    node,
    pipeline: 'p',
    project: { org: 'o', project: 'p' },
    timeoutSeconds: 600,
    work: work[type](),
  }
}

export interface TestDelegate {
  readonly id: string
  readonly name: string
  readonly sealing: SealingKeys
  readonly signingKey: string
  readonly privateKey: ReturnType<typeof generateKeyPairSync>['privateKey']
}

/** Registers a delegate through the protocol. */
export async function join(world: World, name: string, tags: readonly string[] = []): Promise<TestDelegate> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const signingKey = publicKey.export({ format: 'jwk' }).x ?? ''
  const sealing = createSealingKeys()
  const proven = `sluice-register-v1|${world.joinToken}|${signingKey}|${sealing.publicKey}`
  const { delegate } = await world.call('register', {
    body: {
      token: world.joinToken,
      name,
      tags,
      version: '0.1.0',
      signingKey,
      sealingKey: sealing.publicKey,
      proof: sign(null, Buffer.from(proven), privateKey).toString('base64url'),
    },
  })
  return { id: delegate, name, sealing, signingKey, privateKey }
}

export const pollBody = (freeSlots: number, holdSeconds = 0) => ({
  instance: 'i',
  freeSlots,
  running: [],
  capacity: 10,
  holdSeconds,
})

export const finishBody = (fence: string, outcome: FinishBody['outcome'], more: Partial<FinishBody> = {}) => ({
  fence,
  outcome,
  output: {},
  logs: {},
  ...more,
})
