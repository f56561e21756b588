// After a step is gone: when it did not report its outcome itself, the delegate reports what is known, and only that.
import { createClient, type Fetch } from '#contract/client'
import { type FinishBody, protocol } from '#contract/delegate/protocol'
import { type Clock, patientFetch, repeatCall, withTimeLimit } from '#contract/delegate/repeat'
import { changingStepTypes, type StepType } from '#contract/delegate/step-spec'
import { Fault, toFaultRecord } from '#contract/fault'
import type { DelegateLog } from './log.ts'
import { completeLog, type LogEnd, readRemains, type Remains } from './remains.ts'
import type { AcceptedAttempt } from './runner/port.ts'

export interface SettleOptions {
  readonly managerUrl: string
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  readonly log: DelegateLog
  readonly fetch?: Fetch
}

/** Milliseconds after its deadline in which the token of an attempt is still good. */
export const reportGrace = 600_000

const { committedLog, appendLog, finish } = protocol
const isChanging = (type: string): boolean => changingStepTypes.has(type as StepType)

export interface Death {
  /** In a few words, such as `signal SIGKILL`. */
  readonly how: string
  /** It had been asked to stop. */
  readonly cancelled: boolean
}

/** What is true of a step that died without a report. */
export function judgeDeath(
  attempt: Pick<AcceptedAttempt, 'fence' | 'type'>,
  remains: Remains,
  { how, cancelled }: Death,
): Omit<FinishBody, 'logs'> {
  if (remains.result) return remains.result
  const { fence } = attempt
  if (remains.phase === 'started' && isChanging(attempt.type)) {
    const fault = new Fault('outcome-unknown', `The process of the step died (${how}) while it worked on the target.`)
    return { fence, outcome: 'unknown', output: {}, fault: toFaultRecord(fault) }
  }
  if (cancelled) {
    const fault = new Fault('cancelled', 'It was asked to stop and ended before it changed anything.')
    return { fence, outcome: 'cancelled', output: {}, fault: toFaultRecord(fault) }
  }
  const fault = new Fault('step-died', `The process of the step died (${how}); nothing was changed by it.`)
  return { fence, outcome: 'failure', output: {}, fault: toFaultRecord(fault) }
}

/** The manager refuses to hear of the attempt: it knows better, or has given it to another. */
const closed = new Set<Fault['code']>([
  'stale-fence',
  'attempt-gone',
  'unauthenticated',
  'forbidden',
  'not-found',
  'conflict',
])

/**
 * Settles an attempt whose step is gone; afterwards its folder may go. Repeats while the manager is away, as long as it would
 * listen. `died`: the step had not reported. Raises the reason of `signal`.
 */
export async function settleAttempt(
  attempt: AcceptedAttempt,
  death: Death,
  options: SettleOptions,
  signal: AbortSignal,
): Promise<{ readonly died: boolean }> {
  const remains = await readRemains(attempt.folder)
  if (remains.phase === 'reported') return { died: false }
  const { clock, log } = options
  const { how } = death
  const report = judgeDeath(attempt, remains, death)
  log('warn', `the step of attempt ${attempt.attempt} ended without a report: ${how}`, { outcome: report.outcome })
  const overdue = attempt.acceptedAt + attempt.timeoutSeconds * 1000 + reportGrace
  try {
    const patience = Math.max(60_000, overdue - clock.now())
    await withTimeLimit(patience, (stop) => reportDeath(attempt, report, how, options, stop), signal)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof Fault)) throw error
    log(
      closed.has(error.code) ? 'info' : 'error',
      `the end of attempt ${attempt.attempt} was not taken: ${error.message}`,
    )
  }
  return { died: true }
}

async function reportDeath(
  { attempt, fence, attemptToken, folder }: AcceptedAttempt,
  report: Omit<FinishBody, 'logs'>,
  how: string,
  { managerUrl, clock, random, fetch }: SettleOptions,
  signal: AbortSignal,
): Promise<void> {
  const patience = { notBefore: Number.NEGATIVE_INFINITY }
  const client = createClient(
    { committedLog, appendLog, finish },
    {
      baseUrl: managerUrl,
      headers: { authorization: `Bearer ${attemptToken}` },
      fetch: patientFetch(patience, clock, fetch),
      validate: true,
    },
  )
  const repeated = <T>(work: (stop: AbortSignal) => Promise<T>): Promise<T> =>
    repeatCall(work, { clock, random, patience, tryMilliseconds: 15_000 }, signal)

  const params = { attempt, stream: 'step' as const }
  const lastLine = `${new Date(clock.now()).toISOString()} The process of the step died: ${how}. ${report.fault?.message ?? 'It had finished its work.'}`
  const end = await completeLog(folder, lastLine, {
    committed: async () =>
      (await repeated((stop) => client.committedLog({ params, query: { fence } }, stop))).committed,
    append: async (offset, raw) =>
      (await repeated((stop) => client.appendLog({ params, query: { fence, offset }, raw }, stop))).committed,
  }).catch((error: unknown): LogEnd | undefined => {
    // A log that cannot be completed does not keep the outcome from the manager.
    signal.throwIfAborted()
    if (error instanceof Fault && error.code !== 'log-offset' && closed.has(error.code)) throw error
    return undefined
  })
  const logs: FinishBody['logs'] = end ? { step: end } : {}
  await repeated((stop) => client.finish({ params: { attempt }, body: { ...report, logs } }, stop))
}
