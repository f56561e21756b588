// Turns the store's hints into wake-ups of whoever waits, with a timer beside them because hints may be lost.
import type { Channel, Store } from '../store/port.ts'

export interface Hub {
  /** Take it before reading; a hint that comes while reading is then not missed. */
  mark(channel: Channel): number
  /**
   * Resolves when there was a hint since `mark`, after `milliseconds`, or when `signal` is aborted; whichever is first.
   * Never rejects.
   */
  changed(channel: Channel, mark: number, milliseconds: number, signal: AbortSignal): Promise<void>
  close(): void
}

export function createHub(store: Pick<Store, 'listen'>): Hub {
  const channels: readonly Channel[] = ['sluice_work', 'sluice_event', 'sluice_log']
  const marks = new Map<Channel, number>()
  const waiting = new Map<Channel, Set<() => void>>(channels.map((channel) => [channel, new Set()]))
  const mark = (channel: Channel): number => marks.get(channel) ?? 0
  const stops = channels.map((channel) =>
    store.listen(channel, () => {
      marks.set(channel, mark(channel) + 1)
      for (const wake of waiting.get(channel) ?? []) wake()
    }),
  )
  return {
    mark,
    changed: (channel, since, milliseconds, signal) =>
      new Promise((resolve) => {
        if (mark(channel) !== since || signal.aborted) {
          resolve()
          return
        }
        const wake = (): void => {
          clearTimeout(timer)
          waiting.get(channel)?.delete(wake)
          signal.removeEventListener('abort', wake)
          resolve()
        }
        const timer = setTimeout(wake, milliseconds)
        waiting.get(channel)?.add(wake)
        signal.addEventListener('abort', wake)
      }),
    close: () => {
      for (const stop of stops) stop()
      for (const wakes of waiting.values()) for (const wake of wakes) wake()
    },
  }
}
