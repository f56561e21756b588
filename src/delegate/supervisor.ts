// Looks after the attempts that this delegate has accepted: starts their steps, passes on cancels, settles what ended.
import type { Clock } from '#contract/delegate/repeat'
import type { LeaseCount, StepDocument } from '#contract/delegate/step-document'
import type { Ledger } from './ledger.ts'
import type { DelegateLog } from './log.ts'
import type { Metrics } from './metric.ts'
import { readLeases, readRemains } from './remains.ts'
import type { AcceptedAttempt, Runner, RunningStep } from './runner/port.ts'
import { reportGrace, type SettleOptions, settleAttempt } from './settle.ts'

export interface Supervisor {
  /** Takes over what an earlier delegate on this directory left. */
  adopt(): Promise<void>
  /** Starts the step of an accepted attempt. */
  launch(attempt: Omit<AcceptedAttempt, 'folder'>, documentFor: (folder: string) => StepDocument): Promise<void>
  /** Asks a step to stop; kills it when it has not after the grace. Asking again changes nothing. */
  cancel(attempt: string, graceSeconds: number): void
  /** Attempts with a step that is at work. */
  readonly running: readonly string[]
  /** Also those that ended and are not settled yet. */
  readonly attempts: readonly string[]
  /** Called whenever a step has ended or was settled. Gives what ends that. */
  onEnd(listener: () => void): () => void
  /** Brings the metrics up to date with what the steps say of their leases. */
  countLeases(): Promise<void>
  /** Resolves when all attempts are settled, or after so many milliseconds. */
  idle(milliseconds: number): Promise<void>
}

export interface SupervisorOptions extends SettleOptions {
  readonly ledger: Ledger
  readonly runner: Runner
  readonly clock: Clock
  readonly log: DelegateLog
  readonly metrics?: Metrics
}

interface Entry {
  readonly accepted: AcceptedAttempt
  step: RunningStep | undefined
  cancelled: boolean
  /** Renewals of its lease that the metrics have. */
  counted: LeaseCount
}

/** `signal` ends the reports about dead steps; they are made up for by the next delegate on the directory. */
export function createSupervisor(options: SupervisorOptions, signal: AbortSignal): Supervisor {
  const { ledger, runner, clock, log } = options
  const entries = new Map<string, Entry>()
  const listeners = new Set<() => void>()

  /** Ends a step after some time, unless it is gone by then. */
  async function killLater(entry: Entry, step: RunningStep, milliseconds: number, why: string): Promise<void> {
    const gone = new AbortController()
    const give = (): void => gone.abort()
    // A delegate that ends must not stay for this timer; the next one on the directory sets its own.
    signal.addEventListener('abort', give, { once: true })
    void step.ended.finally(() => {
      signal.removeEventListener('abort', give)
      gone.abort()
    })
    await clock.sleep(milliseconds, gone.signal).catch(() => {})
    if (gone.signal.aborted) return
    log('warn', `killing the step of attempt ${entry.accepted.attempt}: ${why}`)
    step.kill()
  }

  async function watch(entry: Entry, step: RunningStep): Promise<void> {
    const { accepted } = entry
    // The step's own time-out comes first and is gentle; then it may still report for as long as its token is good.
    const left = accepted.acceptedAt + accepted.timeoutSeconds * 1000 + reportGrace + 60_000 - clock.now()
    void killLater(entry, step, Math.max(0, left), 'it did not end long after its time-out')
    const how = await step.ended
    await settle(entry, how)
  }

  async function settle(entry: Entry, how: string): Promise<void> {
    const { accepted } = entry
    entry.step = undefined
    for (const tell of listeners) tell()
    await measure(entry)
    try {
      const { died } = await settleAttempt(accepted, { how, cancelled: entry.cancelled }, options, signal)
      const kept = await ledger.remove(accepted, died)
      if (kept) log('info', `the last words of attempt ${accepted.attempt} are in ${kept}`)
    } catch (error) {
      if (!signal.aborted) log('error', `attempt ${accepted.attempt} could not be settled: ${String(error)}`)
    } finally {
      entries.delete(accepted.attempt)
      for (const tell of listeners) tell()
    }
  }

  async function countLease(entry: Entry): Promise<void> {
    const { renewed, failed } = await readLeases(entry.accepted.folder)
    const { counted } = entry
    entry.counted = { renewed, failed }
    options.metrics?.leases(Math.max(0, renewed - counted.renewed), Math.max(0, failed - counted.failed))
  }

  /** Before its folder goes. */
  async function measure(entry: Entry): Promise<void> {
    if (!options.metrics) return
    await countLease(entry)
    const { result } = await readRemains(entry.accepted.folder)
    const { type, acceptedAt } = entry.accepted
    const ran = result?.outcome === 'success' || result?.outcome === 'cancelled'
    const how = result?.fault?.code === 'timed-out' ? 'timed-out' : ran ? 'completed' : 'failed'
    options.metrics.ended({ type, seconds: (clock.now() - acceptedAt) / 1000, how })
  }

  function enter(accepted: AcceptedAttempt, step: RunningStep | undefined): Entry {
    const entry = { accepted, step, cancelled: false, counted: { renewed: 0, failed: 0 } }
    entries.set(accepted.attempt, entry)
    return entry
  }

  return {
    async adopt() {
      for (const accepted of await ledger.list()) {
        const step = await runner.find(accepted)
        const entry = enter(accepted, step)
        if (step) {
          log('info', `adopted attempt ${accepted.attempt}, which is still at work`)
          void watch(entry, step)
        } else void settle(entry, 'it ended while no delegate was there')
      }
    },
    async launch(attempt, documentFor) {
      const accepted = await ledger.add(attempt)
      const entry = enter(accepted, undefined)
      try {
        entry.step = await runner.start(accepted, documentFor(accepted.folder))
      } catch (error) {
        void settle(entry, error instanceof Error ? error.message : String(error))
        return
      }
      log('info', `started attempt ${accepted.attempt}`, { type: accepted.type })
      options.metrics?.started(clock.now() - accepted.acceptedAt)
      void watch(entry, entry.step)
    },
    cancel(attempt, graceSeconds) {
      const entry = entries.get(attempt)
      if (!entry?.step || entry.cancelled) return
      entry.cancelled = true
      log('info', `asking attempt ${attempt} to stop`, { graceSeconds })
      entry.step.terminate()
      void killLater(entry, entry.step, graceSeconds * 1000, `it did not stop within ${graceSeconds} s`)
    },
    get running() {
      return [...entries.values()].filter(({ step }) => step).map(({ accepted }) => accepted.attempt)
    },
    get attempts() {
      return [...entries.keys()]
    },
    onEnd(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async countLeases() {
      for (const entry of entries.values()) if (entry.step) await countLease(entry)
    },
    async idle(milliseconds) {
      const settled = new AbortController()
      const check = (): void => {
        if (entries.size === 0) settled.abort()
      }
      listeners.add(check)
      check()
      await clock.sleep(milliseconds, settled.signal).catch(() => {})
      listeners.delete(check)
    },
  }
}
