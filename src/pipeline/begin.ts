// Begins one step: resolves what it needs and asks for an attempt, an approval or a wait.
import { arriveAtBarrier } from './barrier.ts'
import { problemOfCallbackId } from './callback-id.ts'
import { type ApprovalWork, type DatabaseWork, isDatabaseWork } from './document.ts'
import { type Draft, valuesOf } from './draft.ts'
import { beginEmail } from './email.ts'
import { formatDuration } from './duration.ts'
import { failStep } from './failure.ts'
import { appliesAfter, type StepNode } from './graph.ts'
import { beginQueue } from './hold.ts'
import { waitsForInputs } from './late-input.ts'
import { readLocalTime } from './local-time.ts'
import { isProgramStep, resolveProgram } from './program.ts'
import { resolveText, type Unresolved, type Values } from './resolve.ts'
import type { AttemptedWork, Command } from './state.ts'

const LONGEST_TAG = 255

/** Also the way of a retry: everything is resolved anew. */
export function beginStep(draft: Draft, node: StepNode): void {
  const { work } = node
  if (waitsForInputs(draft, node)) return
  if (isDatabaseWork(work)) return requestAttempt(draft, node, resolveWork(valuesOf(draft), node.id, work))
  if (isProgramStep(work)) return requestAttempt(draft, node, resolveProgram(valuesOf(draft), node.id, work))
  if (work.type === 'Wait') {
    draft.change(node.id, { status: 'Running', reason: `waits ${formatDuration(work.durationSeconds)}` })
    draft.command({ type: 'start-timer', node: node.id, kind: 'wait', seconds: work.durationSeconds })
    draft.command({ type: 'start-timer', node: node.id, kind: 'timeout', seconds: node.timeoutSeconds })
    return
  }
  if (work.type === 'Barrier') return arriveAtBarrier(draft, node, work.barrierRef)
  if (work.type === 'Email') {
    const problem = beginEmail(draft, node, work)
    return problem && refuse(draft, node, problem)
  }
  if (work.type === 'Queue') {
    const key = resolveText(valuesOf(draft), node.id, work.key)
    if ('unresolved' in key || key.text === '')
      return refuse(draft, node, 'unresolved' in key ? key : { unresolved: work.key, because: 'its value is empty' })
    return beginQueue(draft, node, key.text)
  }
  const message = resolveText(valuesOf(draft), node.id, work.message)
  if ('unresolved' in message) return refuse(draft, node, message)
  const more = resolveExtras(draft, node, work)
  if ('unresolved' in more) return refuse(draft, node, more)
  const { minimumCount, disallowPipelineExecutor, userGroups, disallowedUsers = [], inputs = [] } = work
  const { timeoutSeconds } = node
  draft.change(node.id, { status: 'ApprovalWaiting', reason: approvalReason(draft, work) })
  draft.command({
    type: 'request-approval',
    node: node.id,
    message: message.text,
    minimumCount,
    disallowPipelineExecutor,
    userGroups,
    disallowedUsers,
    inputs,
    rejectsOlder: work.rejectsOlder === true,
    ...more,
    timeoutSeconds,
    applies: resolvedApplies(draft, node),
  })
  draft.command({ type: 'start-timer', node: node.id, kind: 'timeout', seconds: timeoutSeconds })
}

/** When it is given by itself, and what callers know it by. */
function resolveExtras(
  draft: Draft,
  { id }: StepNode,
  { automatic, callbackId }: ApprovalWork,
): Unresolved | Pick<Extract<Command, { readonly type: 'request-approval' }>, 'automatic' | 'callbackId'> {
  const texts: Record<string, string> = {}
  for (const [name, text] of Object.entries({ ...automatic, ...(callbackId === undefined ? {} : { callbackId }) })) {
    const resolved = resolveText(valuesOf(draft), id, text)
    if ('unresolved' in resolved) return resolved
    texts[name] = resolved.text
  }
  const { time = '', zone = '', comments = '', callbackId: name } = texts
  const problem = name === undefined ? undefined : problemOfCallbackId(name)
  if (problem !== undefined) return { unresolved: callbackId ?? '', because: `it ${problem}` }
  const known = name === undefined ? {} : { callbackId: name }
  if (!automatic) return known
  const at = readLocalTime(time, zone)
  if (typeof at !== 'number') return { unresolved: automatic.time, because: `\`${time.slice(0, 64)}\` ${at.problem}` }
  return { ...known, automatic: { at, comments } }
}

function approvalReason(draft: Draft, work: { minimumCount: number; disallowPipelineExecutor: boolean }): string {
  const people = work.minimumCount === 1 ? 'one person' : `${work.minimumCount} people`
  const but = work.disallowPipelineExecutor ? ` other than ${draft.facts['pipeline.triggeredBy.name']}` : ''
  return `waits for approval by ${people}${but}`
}

/** Targets that are not known yet are left out: they hang on steps that run after the approval. */
function resolvedApplies(draft: Draft, node: StepNode) {
  return appliesAfter(draft.graph, node.id).flatMap((apply) => {
    const dbSchema = resolveText(valuesOf(draft), apply.node, apply.dbSchema)
    const dbInstance = resolveText(valuesOf(draft), apply.node, apply.dbInstance)
    const open = draft.node(apply.node).status === 'NotStarted'
    if ('unresolved' in dbSchema || 'unresolved' in dbInstance || !open) return []
    return [{ ...apply, dbSchema: dbSchema.text, dbInstance: dbInstance.text }]
  })
}

function requestAttempt(draft: Draft, node: StepNode, resolved: { readonly work: AttemptedWork } | Unresolved): void {
  if ('unresolved' in resolved) return refuse(draft, node, resolved)
  const state = draft.node(node.id)
  const number = state.attempts + 1
  const live = { number, kind: 'work', started: false } as const
  const tries = state.tries + 1
  const clear = { reason: undefined, fault: undefined, pending: undefined }
  draft.change(node.id, { status: 'Queued', attempts: number, tries, live, ...clear })
  const { timeoutSeconds, delegateSelectors } = node
  draft.command({
    type: 'run-step',
    node: node.id,
    number,
    work: resolved.work,
    timeoutSeconds,
    delegateSelectors,
    ...knownAnchor(draft, node.id),
  })
}

/** An earlier attempt of the same step may have set the anchor already; going on must not move it. */
export function knownAnchor(draft: Draft, id: string): { readonly preStartTag?: string } {
  const { preStartTag } = draft.node(id).output
  return typeof preStartTag === 'string' && preStartTag !== '' ? { preStartTag } : {}
}

/** The work with the values of its expressions. */
export function resolveWork(
  values: Values,
  id: string,
  work: DatabaseWork,
): { readonly work: DatabaseWork } | Unresolved {
  const texts: Record<string, string> = {}
  for (const [name, value] of Object.entries(work)) {
    if (name === 'type' || typeof value !== 'string') continue
    const resolved = resolveText(values, id, value)
    if ('unresolved' in resolved) return resolved
    if ((name === 'tag' || name === 'toTag') && (resolved.text === '' || resolved.text.length > LONGEST_TAG)) {
      const because = resolved.text === '' ? 'its value is empty' : `its value is longer than ${LONGEST_TAG} characters`
      return { unresolved: value, because }
    }
    texts[name] = resolved.text
  }
  const environment = work.environment && resolveEach(values, id, work.environment)
  if (environment && 'problem' in environment) return environment.problem
  const own = environment ? { environment: environment.texts } : {}
  if (work.type !== 'LiquibaseCommand') return { work: { ...work, ...texts, ...own } }
  const given = resolveEach(values, id, work.arguments)
  if ('problem' in given) return given.problem
  return { work: { ...work, ...texts, ...own, arguments: given.texts } }
}

function resolveEach(
  values: Values,
  id: string,
  written: Readonly<Record<string, string>>,
): { readonly texts: Readonly<Record<string, string>> } | { readonly problem: Unresolved } {
  const texts: Record<string, string> = {}
  for (const [name, value] of Object.entries(written)) {
    const resolved = resolveText(values, id, value)
    if ('unresolved' in resolved) return { problem: resolved }
    texts[name] = resolved.text
  }
  return { texts }
}

/**
 * A rollback whose anchor is missing because the step that should have told it never touched the database, or failed before it
 * told it, has nothing to do: the anchor is told before the first change. In every other case a missing value is an error.
 */
function refuse(draft: Draft, node: StepNode, problem: Unresolved): void {
  const source = problem.source === undefined ? undefined : draft.node(problem.source)
  const reported = source?.fault !== undefined && source.fault.code !== 'outcome-unknown'
  const nothingHappened = source && !source.lostOnce && source.status !== 'Success' && (!source.touched || reported)
  if (node.rollback && nothingHappened) {
    const reason = `nothing to roll back: ${problem.because}`
    draft.change(node.id, { status: 'Skipped', reason, pending: undefined })
    return
  }
  const message = `${problem.unresolved} has no value: ${problem.because}.`
  const fault = { code: 'invalid-input', message, hint: 'Correct the expression, or the step that it reads.' } as const
  failStep(draft, node.id, { status: 'Errored', failureClass: 'Unknown', reason: message, fault })
}
