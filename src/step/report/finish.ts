// The end of an attempt: all reports delivered, the whole log committed, the outcome told once.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { attemptFiles } from '#contract/delegate/attempt-folder'
import type { Clock } from '#contract/delegate/repeat'
import type { LeftResult, StepDocument, StepState } from '#contract/delegate/step-document'
import type { StepLog } from '../boot.ts'
import { writePhase, writeResult } from '../state.ts'
import type { Lease } from './lease.ts'
import type { Outbox } from './outbox.ts'
import { isRefusal, type Wire } from './wire.ts'

export interface FinishInput {
  readonly document: StepDocument
  readonly result: LeftResult
  readonly log: StepLog
  readonly line: (text: string) => void
  readonly clock: Clock
  readonly wire: Wire
  readonly lease: Lease
  readonly outbox: Outbox
  /** Also tells what goes into the files of the folder, where that is lost with the container. */
  readonly left?: ((phase: StepState['phase'], result?: LeftResult) => void) | undefined
}

/** Seconds. The token of the attempt ends ten minutes after its deadline; later nobody would listen. */
const reportSeconds = 600
/** Seconds after which a log that does not get through no longer holds up the outcome. */
const logSeconds = 30
const streamSeconds = 300

/** A signal that aborts after some time, and what ends it. */
function limit(clock: Clock, seconds: number): { signal: AbortSignal; end: () => void } {
  const ending = new AbortController()
  const late = new AbortController()
  clock.sleep(seconds * 1000, ending.signal).then(
    () => late.abort(new Error(`not done within ${seconds} s`)),
    () => {},
  )
  return { signal: late.signal, end: () => ending.abort() }
}

async function tell(input: FinishInput, signal: AbortSignal): Promise<void> {
  const { document, result, log, wire } = input
  const { attempt } = document.spec
  for (let round = 0; ; round++) {
    const logs = { ...log.streams.end(), step: { bytes: log.spool.end, sha256: log.spool.digest() } }
    const { missingLogs } = await wire.call(
      (stop) => wire.client.finish({ params: { attempt }, body: { ...result, logs } }, stop),
      signal,
    )
    if (Object.keys(missingLogs).length === 0 || round === 2) return
    for (const [name, committed] of Object.entries(missingLogs)) {
      if (name === 'step') log.upload.rewind(committed)
      else log.streams.rewind(name, committed)
    }
    await drainStreams(input)
    await drainLog(input)
  }
}

/** A result of 200 MB takes its time; the outcome waits for it only while it gets through. */
async function drainStreams({ log, clock }: FinishInput): Promise<void> {
  const patience = limit(clock, streamSeconds)
  await log.streams.drain(patience.signal).catch(() => {})
  patience.end()
}

async function drainLog({ log, clock }: FinishInput): Promise<void> {
  const patience = limit(clock, logSeconds)
  await log.upload.drain(patience.signal).catch(() => false)
  patience.end()
}

/** Gives the exit code: 0 when the manager has the outcome or refuses to hear it, 1 when it could not be reached in time. */
export async function finishAttempt(input: FinishInput): Promise<number> {
  const { document, result, log, lease, outbox, clock, left } = input
  const { folder } = document
  await rm(join(folder, attemptFiles.source), { recursive: true, force: true })
  const patience = limit(clock, reportSeconds)
  let exitCode = 0
  try {
    await outbox.delivered(patience.signal)
    // Not before: whoever tells it in the place of this process has no other report to tell, and what was deployed would stay unknown.
    await writeResult(folder, result)
    left?.('started', result)
    log.streams.end()
    await drainStreams(input)
    log.channel.end()
    await drainLog(input)
    await tell(input, patience.signal)
    await writePhase(folder, 'reported')
    left?.('reported')
  } catch (error) {
    if (isRefusal(error)) {
      await writePhase(folder, 'reported')
      left?.('reported')
    } else exitCode = 1
  } finally {
    patience.end()
    await Promise.all([lease.stop(), outbox.stop(), log.upload.stop(), log.streams.stop()])
    log.spool.close()
  }
  return exitCode
}
