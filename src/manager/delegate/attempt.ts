// One attempt from accept to finish, as its delegate and its step report it.
import { Fault, toFaultRecord } from '#contract/fault'
import { secretReferences } from '#contract/delegate/step-spec'
import { createToken, hashToken } from '../access/token.ts'
import { recordEvent, systemActor } from '../audit/record.ts'
import type { ProtocolHandlers } from '../http/handler.ts'
import { completeLogs } from '../log/append.ts'
import { isUniqueViolation } from '../store/error.ts'
import type { StoreTransaction } from '../store/port.ts'
import { attemptStateEvent, lockAttempt, refusal, toAttemptRecord } from '../work/attempt.ts'
import { type AcceptedRow, acceptAgain, type AcceptInput, acceptAttempt } from '../work/claim.ts'
import { endAttempt, reportEnd } from '../work/finish.ts'
import { renewLease, startAttempt } from '../work/lease.ts'
import type { AttemptEnd } from '../work/port.ts'
import { attemptCaller } from './authenticate.ts'
import type { ProtocolDependencies } from './dependency.ts'

type AttemptHandlers = Pick<ProtocolHandlers, 'accept' | 'start' | 'lease' | 'finish'>

export function attemptHandlers(dependencies: ProtocolDependencies): AttemptHandlers {
  const { store, observers } = dependencies
  return {
    accept: acceptHandler(dependencies),
    start: ({ params: { attempt: id }, body: { fence }, caller }) =>
      store.transaction(async (tx) => {
        const { attempt: row, lease, first } = await startAttempt(tx, id, fence)
        if (first) {
          const attempt = toAttemptRecord(row)
          await recordEvent(tx, attemptStateEvent(caller.actor, attempt, 'started'))
          for (const observer of observers) await observer.started?.(tx, attempt)
        }
        return lease
      }),
    lease: ({ params, body }) => renewLease(store.db, params.attempt, body.fence),
    finish: ({ params: { attempt: id }, body: { logs, ...report }, caller }) =>
      store.transaction(async (tx) => {
        await reportEnd(tx, id, report, caller.actor, observers)
        return { accepted: true, missingLogs: await completeLogs(tx, id, logs) }
      }),
  }
}

/** Milliseconds; the token itself is good for longer, whatever the time limit of its step. */
const newTokenKnown = 60_000

function acceptHandler(dependencies: ProtocolDependencies): ProtocolHandlers['accept'] {
  const { store, observers, sealSecrets, random, known } = dependencies
  return async ({ params: { attempt: attemptId }, body: { fence, instance }, caller }) => {
    const attemptToken = createToken(random)
    const delegateId = caller.delegate?.id ?? ''
    const tokenHash = hashToken(attemptToken)
    try {
      const accepted = await store.transaction(async (tx) => {
        const input = { attemptId, fence, delegateId, instance, tokenHash, actor: caller.actor }
        const { row, first } = await takeAttempt(tx, input)
        const attempt = toAttemptRecord(row)
        const references = secretReferences(attempt.spec)
        const sealing = { attempt, references, sealingKey: row.sealing_key }
        const { sealed, places } = await sealOrGiveUp(sealSecrets(tx, sealing))
        if (first) for (const observer of observers) await observer.accepted?.(tx, attempt)
        const { spec } = attempt
        const lockedUntil = row.lease_until.getTime()
        return { spec, fence: row.fence, attemptToken, secrets: [...sealed], places: [...places], lockedUntil }
      })
      known?.put(tokenHash, attemptCaller(attemptId), newTokenKnown)
      return accepted
    } catch (error) {
      if (error instanceof Unsealable) {
        await giveUp(dependencies, attemptId, fence, error.fault)
        throw error.fault
      }
      if (!isUniqueViolation(error, 'attempt_instance_running')) throw error
      throw new Fault('conflict', `Another attempt on the same instance was accepted a moment before ${attemptId}.`)
    }
  }
}

/** A secret that cannot be had: no delegate could do better, so the attempt must not be offered again. */
class Unsealable extends Error {
  readonly fault: Fault

  constructor(fault: Fault) {
    super(fault.message)
    this.fault = fault
  }
}

async function sealOrGiveUp<T>(sealing: Promise<T>): Promise<T> {
  try {
    return await sealing
  } catch (error) {
    throw error instanceof Fault && error.retry !== 'later' ? new Unsealable(error) : error
  }
}

/** The accept was rolled back; the attempt ends as failed, unless somebody else has it now. */
async function giveUp(
  { store, observers }: ProtocolDependencies,
  attemptId: string,
  fence: string,
  fault: Fault,
): Promise<void> {
  await store.transaction(async (tx) => {
    const row = await lockAttempt(tx, attemptId)
    if (row?.state !== 'queued' || row.fence !== fence) return
    const end: AttemptEnd = { outcome: 'failure', output: {}, fault: toFaultRecord(fault) }
    await endAttempt(tx, row, end, systemActor, observers)
  })
}

/** Raises `stale-fence` also when another delegate has it: its accept has bumped the fence. */
async function takeAttempt(
  tx: StoreTransaction,
  input: AcceptInput,
): Promise<{ readonly row: AcceptedRow; readonly first: boolean }> {
  const taken = await acceptAttempt(tx, input)
  if (taken) return { row: taken, first: true }
  const again = await acceptAgain(tx, input)
  if (again) return { row: again, first: false }
  throw await refusal(tx, input.attemptId, input.fence)
}
