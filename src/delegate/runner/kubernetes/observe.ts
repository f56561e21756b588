// Sees the pods of a namespace change: list, then watch, then list again, because events get lost. One for all its attempts.
import { type Clock, withOwnSignal } from '#contract/delegate/repeat'
import type { DelegateLog } from '../../log.ts'
import { type ApiClient, ApiRefusal, isStatus } from './client.ts'
import { pathOf } from './api.ts'
import { managedByValue, mark } from './name.ts'
import { listSchema, type Pod, podSchema, watchEventSchema } from './object.ts'

/** Undefined: the pod is gone. */
export type Listener = (pod: Pod | undefined) => void

export interface Observer {
  /** Tells of each change of the pod, first of what it is now as soon as that is known. Gives what ends it. */
  follow(name: string, listener: Listener): () => void
}

export interface ObserverOptions {
  readonly client: ApiClient
  readonly namespace: string
  readonly clock: Clock
  readonly log: DelegateLog
}

/** A watch ends by itself after so many seconds, and a list follows. */
const watchSeconds = 25
/** Milliseconds between lists where watching is forbidden, and after a failure. */
const pollPause = 2000

export function createObserver({ client, namespace, clock, log }: ObserverOptions, signal: AbortSignal): Observer {
  const listeners = new Map<string, Set<Listener>>()
  const selector = `labelSelector=${encodeURIComponent(`${mark.managedBy}=${managedByValue}`)}`
  let wanted = new AbortController()
  let working = false
  let mayWatch = true

  function tell(name: string, pod: Pod | undefined): void {
    for (const listener of listeners.get(name) ?? []) listener(pod)
  }
  function tellOf(object: unknown, gone: boolean): void {
    const parsed = podSchema.safeParse(object)
    if (parsed.success) tell(parsed.data.metadata.name, gone ? undefined : parsed.data)
  }
  async function list(stop: AbortSignal): Promise<string | undefined> {
    const asked = [...listeners.keys()]
    const found = listSchema.parse(
      await client.call({ method: 'GET', path: `${pathOf('pods', namespace)}?${selector}` }, stop),
    )
    const pods = found.items.flatMap((item) => podSchema.safeParse(item).data ?? [])
    const there = new Set(pods.map((pod) => pod.metadata.name))
    for (const pod of pods) tell(pod.metadata.name, pod)
    // Only those that were followed before the list was made: a younger pod may not be in it.
    for (const name of asked) if (!there.has(name)) tell(name, undefined)
    return found.metadata.resourceVersion
  }
  async function watch(version: string, stop: AbortSignal): Promise<void> {
    const query = `watch=1&allowWatchBookmarks=true&timeoutSeconds=${watchSeconds}&resourceVersion=${version}&${selector}`
    for await (const line of client.lines(`${pathOf('pods', namespace)}?${query}`, (watchSeconds + 10) * 1000, stop)) {
      const { type, object } = watchEventSchema.parse(line)
      // 410 Gone, or something newer than us: the list that follows knows.
      if (type === 'ERROR') return
      if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') tellOf(object, type === 'DELETED')
    }
  }
  async function once(stop: AbortSignal): Promise<void> {
    try {
      const version = await list(stop)
      if (!mayWatch || version === undefined) return await clock.sleep(pollPause, stop)
      await watch(version, stop)
    } catch (error) {
      if (stop.aborted) return
      if (mayWatch && isStatus(error, 403) && error instanceof ApiRefusal && error.message.includes('watch')) {
        mayWatch = false
        log('warn', `pods in ${namespace} may not be watched; looking every ${pollPause / 1000} s instead`)
        return
      }
      log('warn', `pods in ${namespace} cannot be seen: ${error instanceof Error ? error.message : String(error)}`)
      await clock.sleep(pollPause, stop).catch(() => {})
    }
  }
  async function work(): Promise<void> {
    working = true
    while (listeners.size > 0 && !signal.aborted) {
      await withOwnSignal((own) => {
        wanted = own
        return once(own.signal)
      }, signal)
    }
    working = false
  }
  return {
    follow(name, listener) {
      const known = listeners.get(name) ?? new Set()
      known.add(listener)
      listeners.set(name, known)
      if (!working) void work()
      return () => {
        known.delete(listener)
        if (known.size === 0) listeners.delete(name)
        if (listeners.size === 0) wanted.abort(new Error('nobody looks any more'))
      }
    },
  }
}
