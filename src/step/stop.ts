// Why a step should stop before its work is done: asked by a person, told by a signal, or out of time.
import type { Clock } from '#contract/delegate/repeat'
import { Fault } from '#contract/fault'

export interface Stop {
  /** Its reason is a Fault `cancelled` or `timed-out`. */
  readonly signal: AbortSignal
  cancel(reason: string): void
  /** For another reason than somebody's wish. */
  end(fault: Fault): void
  /** Ends the time limit. */
  close(): void
}

/** `timeoutSeconds` counts from now. Only the first reason counts. */
export function createStop(timeoutSeconds: number, clock: Clock, line: (text: string) => void): Stop {
  const controller = new AbortController()
  const closing = new AbortController()
  function stop(fault: Fault): void {
    if (controller.signal.aborted || closing.signal.aborted) return
    line(`Stopping: ${fault.message}`)
    controller.abort(fault)
  }
  clock.sleep(timeoutSeconds * 1000, closing.signal).then(
    () => stop(new Fault('timed-out', `The step did not end within its time-out of ${timeoutSeconds} s.`)),
    () => {},
  )
  return {
    signal: controller.signal,
    cancel: (reason) => stop(new Fault('cancelled', reason)),
    end: stop,
    close: () => closing.abort(),
  }
}
