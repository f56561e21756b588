// Removes what delegates that are gone left in the namespace: ended pods that nobody reads, anchors without a pod.
import type { Clock } from '#contract/delegate/repeat'
import { z } from 'zod'
import { type PodApi, pathOf } from './api.ts'
import type { ApiClient } from './client.ts'
import { judgePod } from './judge.ts'
import { managedByValue, mark } from './name.ts'
import { listSchema, podSchema } from './object.ts'

export interface SweepOptions {
  readonly api: PodApi
  readonly client: ApiClient
  readonly namespace: string
  readonly clock: Clock
  /** Pods that this delegate looks after. */
  readonly own: ReadonlySet<string>
}

/** Milliseconds without a renewal after which an anchor is nobody's. Delegates renew every 40 s. */
const abandoned = 600_000

const leaseSchema = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({ renewTime: z.string().optional() }).default({}),
})

/** Only what bears our mark, and never a pod that still works: its step reports by itself. Gives the names. */
export async function sweep({ api, client, namespace, clock, own }: SweepOptions): Promise<readonly string[]> {
  const query = `?labelSelector=${encodeURIComponent(`${mark.managedBy}=${managedByValue}`)}`
  const read = async (kind: 'pods' | 'leases'): Promise<readonly unknown[]> =>
    listSchema.parse(await client.call({ method: 'GET', path: pathOf(kind, namespace) + query })).items
  const leases = (await read('leases')).flatMap((item) => leaseSchema.safeParse(item).data ?? [])
  const pods = (await read('pods')).flatMap((item) => podSchema.safeParse(item).data ?? [])
  const podOf = new Map(pods.map((pod) => [pod.metadata.name, pod]))
  const old = leases.filter(({ metadata, spec }) => {
    const renewed = Date.parse(spec.renewTime ?? '')
    return !own.has(metadata.name) && !(clock.now() - renewed < abandoned)
  })
  const removed: string[] = []
  for (const { metadata } of old) {
    const pod = podOf.get(metadata.name)
    if (pod && judgePod(pod).type !== 'ended') continue
    if (pod) {
      await api.remove('pods', namespace, metadata.name)
      await api.dropFinalizer(namespace, pod)
    }
    // Secrets go with their owner.
    await api.remove('leases', namespace, metadata.name)
    removed.push(metadata.name)
  }
  return removed
}
