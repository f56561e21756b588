// A delivery of a webhook: from whom it is, which triggers it is about, what is decided for each, and the runs that follow.
import { createHash } from 'node:crypto'
import type { z } from 'zod'
import type { triggerEndpoints } from '#contract/api/trigger'
import { Fault } from '#contract/fault'
import type { GitSource, TriggerDocument, WebhookProvider } from '#pipeline/trigger/document'
import type { ReadEvent, WebhookEvent } from '#pipeline/trigger/event'
import { webhookFacts } from '#pipeline/trigger/fact'
import { asksForFiles, matchConditions, matchEvent, matchRepository } from '#pipeline/trigger/match'
import { providerOf, readEvent } from '#pipeline/trigger/read-event'
import { findProject } from '../entity/scope.ts'
import { readGitConnector } from '../execution/connector.ts'
import type { ApiHandlers, Caller } from '../http/handler.ts'
import { findUnstorable } from '../http/text.ts'
import { takeTry } from '../identity/try-limit.ts'
import type { RootKeys } from '../secret/envelope.ts'
import type { StoreTransaction } from '../store/port.ts'
import { readDelivery } from './body.ts'
import { type Decision, recordDecision, summaryOf } from './history.ts'
import { deliveryKeys, problemOfProof, type Sent } from './proof.ts'
import { abortReplaced } from './replace.ts'
import { rowOf, selectTriggers, type TriggerRow } from './row.ts'
import { readOwnSecret } from './secret.ts'
import { type StartDependencies, startTrigger } from './start.ts'

export interface ReceiveDependencies extends StartDependencies {
  readonly account: string
  readonly rootKeys: RootKeys
  /** Seconds since 1970. */
  readonly now: () => number
  /** Asks the Git host what the delivery does not tell. Raises faults. */
  readonly ask: {
    changedFiles(trigger: TriggerRow, source: GitSource, event: WebhookEvent): Promise<readonly string[]>
    pullRequest(trigger: TriggerRow, source: GitSource, event: WebhookEvent): Promise<WebhookEvent>
  }
  /** Writes down what the Git host is to be told of a run. */
  readonly report: (tx: StoreTransaction, run: ReportedRun) => Promise<void>
}
export interface ReportedRun {
  readonly execution: string
  readonly trigger: TriggerRow
  readonly source: GitSource
  readonly event: WebhookEvent
}

/** Deliveries of one address, and those of it that could not be proved. */
const deliveryLimit = { tries: 600, seconds: 60 }
const refusalLimit = { tries: 60, seconds: 60 }
/** Decisions about strangers that a project keeps, whatever address they come from: they cost a sender nothing, and stay for a month. */
const strangerLimit = { tries: 600, seconds: 3600 }
const MOST_TRIGGERS = 500

type Query = z.output<(typeof triggerEndpoints)['receiveWebhook']['query']>
type Webhook = Extract<TriggerDocument['source'], { readonly type: 'Webhook' }>

interface Received extends Sent {
  readonly id: string
  readonly provider: WebhookProvider
  readonly event: ReadEvent
  readonly digest: string
  readonly sourceAddress: string
}

export function receiveHandlers(
  dependencies: ReceiveDependencies,
): ApiHandlers<'receiveWebhook' | 'receiveCustomWebhook'> {
  const receive = async (request: Request, query: Query, caller: Caller, custom: boolean): Promise<string> => {
    const { store, account, createId } = dependencies
    const { sourceAddress } = caller
    const wait = await takeTry(store.db, `webhook ${sourceAddress}`, deliveryLimit)
    if (wait !== undefined) throw tooMany(wait)
    if (query.accountIdentifier && query.accountIdentifier !== account)
      throw new Fault('not-found', 'There is no such account here.')
    const { bytes, payload } = await readDelivery(request)
    if (findUnstorable(payload)?.message.startsWith('Nested'))
      throw new Fault('invalid-input', 'The delivery is nested too deeply.')
    const headers = Object.fromEntries(request.headers)
    const provider = custom ? 'Custom' : providerOf(headers, payload)
    if (provider === undefined)
      throw new Fault('invalid-input', 'No header says which Git host sends this.', {
        hint: 'Known are GitHub, GitLab, Bitbucket Cloud and Azure Repos; other programs use /pipeline/api/webhook/custom.',
      })
    const received: Received = {
      id: createId(),
      provider,
      headers,
      body: bytes,
      payload,
      event: readEvent({ provider, headers, payload }),
      digest: createHash('sha256').update(bytes).digest('hex'),
      sourceAddress,
    }
    await decideAll(dependencies, received, query)
    return received.id
  }
  return {
    receiveWebhook: ({ request, query, caller }) => receive(request, query, caller, false),
    receiveCustomWebhook: ({ request, query, caller }) => receive(request, query, caller, true),
  }
}

const tooMany = (seconds: number): Fault =>
  new Fault('too-many-requests', 'Too many deliveries come from this address.', { retryAfterSeconds: seconds })

async function decideAll(dependencies: ReceiveDependencies, received: Received, query: Query): Promise<void> {
  const { store, createId } = dependencies
  const { event, provider } = received
  const common = {
    delivery: received.id,
    source: provider,
    summary: summaryOf(event, received.sourceAddress),
  }
  const meant: TriggerRow[] = []
  // Many triggers share a connector, and nothing is proved yet: each is read once.
  const known: KnownConnectors = new Map()
  for (const trigger of await candidates(dependencies, provider, query))
    if (await isMeant(dependencies, trigger, event, known)) meant.push(trigger)
  if (meant.length === 0) {
    await limitRefusals(dependencies, received)
    const projectId = await projectOf(dependencies, query)
    const reason =
      'ignored' in event ? event.ignored : `No trigger waits for ${event.repository ?? 'what this delivery names'}.`
    const status = 'ignored' in event ? 'IGNORED' : 'NO_MATCHING_TRIGGER'
    if (projectId !== undefined && (await isKept(dependencies, projectId)))
      await recordDecision(store.db, { ...common, id: createId(), status, reason, projectId })
    return
  }
  const proofs: (string | undefined)[] = []
  for (const trigger of meant) proofs.push(await problemOf(dependencies, received, trigger))
  // Somebody who can prove it to one of the triggers is no stranger.
  if (proofs.every((problem) => problem !== undefined)) await limitRefusals(dependencies, received)
  for (const [index, trigger] of meant.entries()) {
    const unproved = proofs[index]
    if (unproved !== undefined && !(await isKept(dependencies, trigger.project_id))) continue
    const outcome = await decide(dependencies, received, trigger, unproved)
    if (outcome) await recordDecision(store.db, { ...common, ...outcome, id: createId(), trigger })
  }
}

async function candidates(
  { store }: ReceiveDependencies,
  provider: WebhookProvider,
  query: Query,
): Promise<readonly TriggerRow[]> {
  const { orgIdentifier: org, projectIdentifier: project, pipelineIdentifier, triggerIdentifier } = query
  if (provider === 'Custom' && (!org || !project || !triggerIdentifier))
    throw new Fault('invalid-input', 'Name orgIdentifier, projectIdentifier and triggerIdentifier in the query.')
  const rows = await selectTriggers(store.db)
    .where('pipeline_trigger.provider', '=', provider)
    .$if(Boolean(org), (select) => select.where('organization.identifier', '=', org ?? ''))
    .$if(Boolean(project), (select) => select.where('project.identifier', '=', project ?? ''))
    .$if(Boolean(pipelineIdentifier), (select) => select.where('pipeline.identifier', '=', pipelineIdentifier ?? ''))
    .$if(Boolean(triggerIdentifier), (select) =>
      select.where('pipeline_trigger.identifier', '=', triggerIdentifier ?? ''),
    )
    .orderBy('pipeline_trigger.id')
    .limit(MOST_TRIGGERS + 1)
    .execute()
  if (rows.length > MOST_TRIGGERS)
    throw new Fault('invalid-input', `More than ${MOST_TRIGGERS} triggers could be meant.`, {
      hint: 'Name the project in the address: orgIdentifier and projectIdentifier.',
    })
  return rows.map(rowOf)
}

/** Custom deliveries name their trigger; Git hosts a repository. An event that starts nothing is only written down. */
type KnownConnectors = Map<string, ReturnType<typeof readGitConnector>>

async function isMeant(
  { store }: ReceiveDependencies,
  trigger: TriggerRow,
  event: ReadEvent,
  known: KnownConnectors,
): Promise<boolean> {
  const { source } = trigger.document
  if (source.type !== 'Webhook') return false
  if (source.provider === 'Custom') return true
  if ('ignored' in event) return false
  try {
    const key = `${trigger.project_id} ${source.connectorRef}`
    const reading = known.get(key) ?? readGitConnector(store.db, trigger.project_id, source.connectorRef)
    known.set(key, reading)
    return matchRepository(source, await reading, event).met
  } catch (error) {
    if (error instanceof Fault && error.code !== 'store-unavailable') return false
    throw error
  }
}

async function projectOf({ store }: ReceiveDependencies, query: Query): Promise<string | undefined> {
  const { orgIdentifier: org, projectIdentifier: project } = query
  if (!org || !project) return undefined
  try {
    return (await findProject(store.db, { org, project })).id
  } catch (error) {
    if (error instanceof Fault && error.code === 'not-found') return undefined
    throw error
  }
}

/** Anybody can send what is refused; only so much of it is written down. */
async function limitRefusals({ store }: ReceiveDependencies, { sourceAddress }: Received): Promise<void> {
  const wait = await takeTry(store.db, `webhook refused ${sourceAddress}`, refusalLimit)
  if (wait !== undefined) throw tooMany(wait)
}

async function isKept({ store }: ReceiveDependencies, projectId: string): Promise<boolean> {
  return (await takeTry(store.db, `webhook stranger in ${projectId}`, strangerLimit)) === undefined
}

type Outcome = Pick<Decision, 'status' | 'reason'>

/** What is to be written down; undefined when it was. */
async function decide(
  dependencies: ReceiveDependencies,
  received: Received,
  trigger: TriggerRow,
  unproved: string | undefined,
): Promise<Outcome | undefined> {
  const source = trigger.document.source as Webhook
  if (unproved !== undefined) return { status: 'TRIGGER_AUTHENTICATION_FAILED', reason: unproved }
  if (!trigger.enabled) return { status: 'IGNORED', reason: 'The trigger is disabled.' }
  if ('ignored' in received.event) return { status: 'IGNORED', reason: received.event.ignored }
  const told = matchEvent(source, received.event)
  if (!told.met) return { status: 'TRIGGER_DID_NOT_MATCH', reason: told.because }
  try {
    return await decideStart(dependencies, received, trigger, received.event)
  } catch (error) {
    if (!(error instanceof Fault) || error.code === 'store-unavailable' || error.code === 'bug') throw error
    return { status: 'START_FAILED', reason: error.message }
  }
}

async function problemOf(
  { store, rootKeys, now }: ReceiveDependencies,
  received: Received,
  { project_id: projectId, document }: TriggerRow,
): Promise<string | undefined> {
  if (document.secretRef === undefined)
    return 'The trigger has no encryptedWebhookSecretIdentifier, so that nobody can prove who sends this.'
  try {
    const secret = await readOwnSecret(store.db, rootKeys, projectId, document.secretRef)
    return problemOfProof(received.provider, secret, received, now())
  } catch (error) {
    if (error instanceof Fault && error.code === 'secret-unresolved') return error.message
    throw error
  }
}

async function decideStart(
  dependencies: ReceiveDependencies,
  received: Received,
  trigger: TriggerRow,
  first: WebhookEvent,
): Promise<Outcome | undefined> {
  const source = trigger.document.source as Webhook
  const { ask, report } = dependencies
  const { provider, headers, payload } = received
  // A comment on GitHub says which pull request it is about, and not what that is.
  const isBare = source.provider === 'Github' && first.event === 'IssueComment'
  const event = isBare ? await ask.pullRequest(trigger, source, first) : first
  const facts = webhookFacts(trigger.document, event, { provider, headers, payload })
  const files =
    source.provider !== 'Custom' && asksForFiles(source)
      ? (event.changedFiles ?? (await ask.changedFiles(trigger, source, event)))
      : undefined
  const conditions = matchConditions(source, { ...facts, payload }, headers, files)
  if (!conditions.met) return { status: 'TRIGGER_DID_NOT_MATCH', reason: conditions.because }
  const subject = subjectOf(event)
  const outcome = await startTrigger(
    dependencies,
    { delivery: received.id, source: provider, summary: summaryOf(event, received.sourceAddress), trigger },
    {
      type: provider === 'Custom' ? 'WEBHOOK_CUSTOM' : 'WEBHOOK',
      facts,
      subject,
      replaces: source.provider !== 'Custom' && source.abortsPrevious,
      keys: deliveryKeys(provider, received, received.digest),
      reason: 'All conditions are met.',
      sourceAddress: received.sourceAddress,
      started: async (tx, execution) => {
        if (source.provider !== 'Custom') await report(tx, { execution, trigger, source, event })
      },
    },
  )
  // At once, and not only with the next tick.
  if (outcome?.execution !== undefined) await abortReplaced(dependencies)
  return undefined
}

/** What a run is about, in so far as a newer one replaces it. */
function subjectOf({ repositoryName = '', pullRequest, sourceBranch, tag }: WebhookEvent): string | null {
  if (pullRequest !== undefined) return `pull request ${pullRequest} of ${repositoryName}`
  if (sourceBranch !== undefined) return `branch ${sourceBranch} of ${repositoryName}`
  return tag === undefined ? null : `tag ${tag} of ${repositoryName}`
}
