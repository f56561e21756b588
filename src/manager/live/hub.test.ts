import { describe, expect, test } from 'vitest'
import type { Channel } from '../store/port.ts'
import { createHub } from './hub.ts'

function hints() {
  const listeners = new Map<Channel, () => void>()
  const stopped: Channel[] = []
  const hub = createHub({
    listen: (channel, wake) => {
      listeners.set(channel, wake)
      return () => stopped.push(channel)
    },
  })
  return { hub, stopped, hint: (channel: Channel) => listeners.get(channel)?.() }
}
const never = new AbortController().signal
const long = 60_000

describe('hub', () => {
  test('wakes all who wait for the channel, and nobody else', async () => {
    const { hub, hint } = hints()
    const waiting = [1, 2].map(() => hub.changed('sluice_log', hub.mark('sluice_log'), long, never))
    let other = false
    const stopping = new AbortController()
    const elsewhere = hub
      .changed('sluice_work', hub.mark('sluice_work'), long, stopping.signal)
      .then(() => (other = true))
    hint('sluice_log')
    await Promise.all(waiting)
    expect(other).toBe(false)
    stopping.abort()
    await elsewhere
  })

  test('a hint between the mark and the wait is not missed', async () => {
    const { hub, hint } = hints()
    const mark = hub.mark('sluice_event')
    hint('sluice_event')
    await hub.changed('sluice_event', mark, long, never)
  })

  test('goes on by itself after the time, when aborted, and when closed', async () => {
    const { hub, stopped } = hints()
    await hub.changed('sluice_event', hub.mark('sluice_event'), 1, never)
    await hub.changed('sluice_event', hub.mark('sluice_event'), long, AbortSignal.abort())
    const waiting = hub.changed('sluice_event', hub.mark('sluice_event'), long, never)
    hub.close()
    await waiting
    expect(stopped).toHaveLength(3)
  })
})
