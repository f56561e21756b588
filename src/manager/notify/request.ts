// Writes down who is to be told of a change of a run, in the transaction of the change: each event for each destination once.
import { brokenStatuses } from '#contract/pipeline/status'
import type { SecretText } from '#contract/delegate/program-work'
import { nodeOf } from '#pipeline/graph'
import { type Notice, noticesOf, wants } from '#pipeline/notification/event'
import type { Destination, NotificationRule } from '#pipeline/notification/rule'
import { resolveSecretText } from '#pipeline/program'
import type { NodeState, PipelineState } from '#pipeline/state'
import type { Run } from '../execution/run.ts'
import type { StoreTransaction } from '../store/port.ts'

/** What is sent to, with references in place of secrets. */
export type Target =
  | { readonly address: SecretText; readonly headers: Readonly<Record<string, SecretText>> }
  | { readonly group: string }
/** Why it is as it is, at the moment of the event. */
export interface Detail {
  readonly reason?: string
  /** The step that failed first, when one did. */
  readonly failed?: {
    readonly node: string
    readonly reason?: string
    readonly code?: string
    readonly place?: string
  }
}

const LONGEST = 2000
const ROWS = 500

/** `run.state` is the state before. */
export async function requestNotifications(tx: StoreTransaction, run: Run, next: PipelineState): Promise<void> {
  if (rulesOf(run).length > 0) await request(tx, run, next, noticesOf(run.graph, run.state, next))
}

export async function requestNotices(tx: StoreTransaction, run: Run, notices: readonly Notice[]): Promise<void> {
  if (rulesOf(run).length > 0) await request(tx, run, run.state, notices)
}

const rulesOf = (run: Run): readonly NotificationRule[] => run.graph.pipeline.notificationRules ?? []

async function request(
  tx: StoreTransaction,
  run: Run,
  state: PipelineState,
  notices: readonly Notice[],
): Promise<void> {
  const rows = notices.flatMap((notice) =>
    rulesOf(run)
      .filter((rule) => wants(run.graph, rule, notice))
      .flatMap((rule) => rule.destinations.map((destination) => rowOf(run, state, notice, rule, destination))),
  )
  for (let from = 0; from < rows.length; from += ROWS)
    await tx
      .insertInto('notification')
      .values(rows.slice(from, from + ROWS))
      .execute()
}

function rowOf(run: Run, state: PipelineState, notice: Notice, rule: NotificationRule, destination: Destination) {
  const { event, node, status } = notice
  const resolved = resolve(run, state, destination)
  const problem = 'problem' in resolved ? resolved.problem : undefined
  return {
    project_id: run.projectId,
    execution_id: run.id,
    pipeline: run.pipeline,
    rule: rule.name,
    event,
    node_id: node ?? null,
    status,
    method: rule.method,
    destination: shown(rule, resolved),
    target: JSON.stringify('problem' in resolved ? { address: [], headers: {} } : resolved),
    detail: JSON.stringify(detailOf(run, state, notice)),
    // Nothing that is tried again makes an expression have a value.
    ...(problem === undefined ? {} : { state: 'dead', error: problem.slice(0, LONGEST) }),
  }
}

function resolve(run: Run, state: PipelineState, destination: Destination): Target | { readonly problem: string } {
  const values = { graph: run.graph, facts: state.facts, node: (id: string) => stateOf(state, id) }
  const read = (text: string): SecretText => {
    const found = resolveSecretText(values, '', text)
    if ('unresolved' in found) throw new Unresolved(`${found.unresolved} has no value: ${found.because}.`)
    return found.parts
  }
  try {
    if ('group' in destination) {
      const parts = read(destination.group)
      return { group: parts.filter((part) => typeof part === 'string').join('') }
    }
    const { address, headers = {} } = destination
    const opened = Object.entries(headers).map(([name, value]) => [name, read(value)] as const)
    return { address: read(address), headers: Object.fromEntries(opened) }
  } catch (error) {
    if (error instanceof Unresolved) return { problem: error.message }
    throw error
  }
}
class Unresolved extends Error {}

/** Addresses of chats are secrets by themselves; those of people are not. */
function shown({ method }: NotificationRule, target: Target | { readonly problem: string }): string {
  if ('problem' in target) return ''
  if ('group' in target) return `group ${target.group}`.slice(0, 256)
  const isPlain = method === 'Email' && target.address.every((part) => typeof part === 'string')
  return isPlain ? target.address.join('').slice(0, 256) : ''
}

function stateOf(state: PipelineState, id: string): NodeState {
  const node = state.nodes[id]
  if (!node) throw new Error(`The state has no node ${id}.`)
  return node
}

function detailOf({ graph }: Run, state: PipelineState, { node, status }: Notice): Detail {
  const reason = node === undefined ? (state.ending?.reason ?? state.paused) : stateOf(state, node).reason
  const prefix = node === undefined ? '' : `${node}.`
  const failed = brokenStatuses.has(status)
    ? graph.order.find((id) => (id === node || id.startsWith(prefix)) && isFailedStep(id))
    : undefined
  return {
    ...(reason === undefined ? {} : { reason: reason.slice(0, LONGEST) }),
    ...(failed === undefined ? {} : { failed: failureOf(failed, stateOf(state, failed)) }),
  }
  function isFailedStep(id: string): boolean {
    return nodeOf(graph, id).kind === 'step' && brokenStatuses.has(stateOf(state, id).status)
  }
}

function failureOf(node: string, { fault, reason }: NodeState): Detail['failed'] {
  const text = fault?.message ?? reason
  const span = fault?.diagnostics?.find((finding) => finding.span)?.span
  return {
    node,
    ...(text === undefined ? {} : { reason: text.slice(0, LONGEST) }),
    ...(fault === undefined ? {} : { code: fault.code }),
    ...(span === undefined ? {} : { place: `${span.file}:${span.line}:${span.column}` }),
  }
}
