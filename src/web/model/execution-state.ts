// What live events tell about an execution that is on the screen: when to read it anew, and the change sets that its steps work on.
import { changeSetFqn, type ChangeSetDeploymentStatus, type ChangeSetIdentity } from '#contract/change-set'
import type { LiveEvent } from '#contract/event/live'

/**
 * Must the execution be read anew after this event? Log and change set events say all themselves. Others are not applied in
 * place: a stream begins with the past, and past states must not show again.
 */
export function needsReading(event: LiveEvent): boolean {
  return event.body.type !== 'log.committed' && event.body.type !== 'change-set.state'
}

/** A change set as a step works on it. */
export interface WorkedChangeSet extends ChangeSetIdentity {
  /** Absent while it is in progress. */
  readonly status: ChangeSetDeploymentStatus | undefined
  readonly attempt: string
  readonly startedAt: number
  /** Milliseconds. */
  readonly duration: number | undefined
  readonly error: string | undefined
}
/** Node id → change sets in the order in which they began, the key being attempt and identity. */
export type WorkByNode = ReadonlyMap<string, ReadonlyMap<string, WorkedChangeSet>>

export const noWork: WorkByNode = new Map()

/** Adds events to what is known. Repeats are harmless: a finish without its start counts as both. */
export function addWork(known: WorkByNode, events: readonly LiveEvent[]): WorkByNode {
  let result: Map<string, ReadonlyMap<string, WorkedChangeSet>> | undefined
  const touched = new Map<string, Map<string, WorkedChangeSet>>()
  for (const { body, at } of events) {
    if (body.type !== 'change-set.state') continue
    result ??= new Map(known)
    const ofNode = touched.get(body.node) ?? new Map(known.get(body.node))
    touched.set(body.node, ofNode)
    result.set(body.node, ofNode)
    const key = `${body.attempt} ${changeSetFqn(body)}`
    const before = ofNode.get(key)
    if (body.phase === 'started' && before?.status !== undefined) continue
    ofNode.set(key, {
      fileName: body.fileName,
      id: body.id,
      author: body.author,
      attempt: body.attempt,
      status: body.phase === 'finished' ? (body.status ?? 'Successfully_Deployed') : undefined,
      startedAt: before?.startedAt ?? at - (body.duration ?? 0),
      duration: body.duration,
      error: body.error,
    })
  }
  return result ?? known
}
