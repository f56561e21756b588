// Looks after what delegates that are gone left in the namespace. Of their pods, those whose step works are left to it, which reports by
// itself; this delegate takes their anchors over. Those that ended, and those whose step never began, are removed.
import type { Clock } from '#contract/delegate/repeat'
import { z } from 'zod'
import type { AskEnded } from '../port.ts'
import { type PodApi, pathOf } from './api.ts'
import type { ApiClient } from './client.ts'
import { dropSecrets } from './clean.ts'
import { judgePod } from './judge.ts'
import { managedByValue, mark } from './name.ts'
import { listSchema, type Pod, podSchema } from './object.ts'
import type { KubernetesSettings } from './settings.ts'
import { renewAnchors } from './workspace.ts'

export interface SweepOptions {
  readonly api: PodApi
  readonly client: ApiClient
  readonly namespace: string
  readonly clock: Clock
  readonly settings: KubernetesSettings
  /** This process: replicas share a name. */
  readonly holder: string
  /** Pods that this delegate looks after. */
  readonly own: ReadonlySet<string>
  readonly askEnded: AskEnded
}

export interface Swept {
  readonly adopted: readonly string[]
  readonly removed: readonly string[]
}

const leaseSchema = z.object({
  metadata: z.object({
    name: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: z
    .object({
      renewTime: z.string().optional(),
      leaseDurationSeconds: z.number().default(0),
      holderIdentity: z.string().optional(),
    })
    .prefault({}),
})
type Lease = z.infer<typeof leaseSchema>

/** Executions at a time; the next sweep asks for others. */
const mostAsked = 500

/** Only what bears our mark. Gives the names of what changed hands or went. */
export async function sweep(options: SweepOptions): Promise<Swept> {
  const { api, client, namespace, clock, settings, holder, own } = options
  const query = `?labelSelector=${encodeURIComponent(`${mark.managedBy}=${managedByValue}`)}`
  const read = async (kind: 'pods' | 'leases'): Promise<readonly unknown[]> =>
    listSchema.parse(await client.call({ method: 'GET', path: pathOf(kind, namespace) + query })).items
  const leases = (await read('leases')).flatMap((item) => leaseSchema.safeParse(item).data ?? [])
  const pods = (await read('pods')).flatMap((item) => podSchema.safeParse(item).data ?? [])
  const podOf = new Map(pods.map((pod) => [pod.metadata.name, pod]))
  const isAlone = ({ spec }: Lease): boolean => {
    const patience = Math.max(settings.times.adopt, spec.leaseDurationSeconds) * 1000
    return !(clock.now() - Date.parse(spec.renewTime ?? '') < patience)
  }
  const isMine = ({ metadata, spec }: Lease): boolean =>
    spec.holderIdentity === holder && !(mark.workspace in metadata.labels)
  const isOver = await findOver(leases, pods, options)
  const adopted: string[] = []
  const removed: string[] = []
  for (const lease of leases) {
    const { name } = lease.metadata
    if (own.has(name) || !(isAlone(lease) || isMine(lease) || isOver(lease))) continue
    const pod = podOf.get(name)
    if (pod && judgePod(pod).type === 'running' && !isLost(pod, clock.now())) {
      if (!isMine(lease)) adopted.push(name)
      await dropSecrets({ api, settings }, { name, namespace })
      await renewAnchors(options, { name, namespace }, pod)
      continue
    }
    if (pod) {
      await api.remove('pods', namespace, name)
      await api.dropFinalizer(namespace, pod)
    }
    // Secrets go with their owner.
    await api.remove('leases', namespace, name)
    removed.push(name)
  }
  return { adopted, removed }
}

/** It should have ended long ago: its node does not answer, or is no more. The clocks of cluster and delegate may differ. */
const isLost = ({ metadata }: Pod, now: number): boolean =>
  metadata.deletionTimestamp !== undefined && now > Date.parse(metadata.deletionTimestamp) + longLost
const longLost = 600_000

/** Says which anchors are those of workspaces whose run is over, as far as the manager can be asked. */
async function findOver(
  leases: readonly Lease[],
  pods: readonly Pod[],
  { askEnded }: SweepOptions,
): Promise<(lease: Lease) => boolean> {
  const used = new Set(
    pods.flatMap((pod) => (judgePod(pod).type === 'ended' ? [] : pod.metadata.labels[mark.workspace])),
  )
  const executionOf = ({ metadata }: Lease): string | undefined =>
    mark.workspace in metadata.labels && !used.has(metadata.name) ? metadata.annotations[mark.execution] : undefined
  const asked = [...new Set(leases.map(executionOf).filter((one) => one !== undefined))].slice(0, mostAsked)
  const ended = new Set(asked.length > 0 ? await askEnded(asked) : [])
  return (lease) => ended.has(executionOf(lease) ?? '')
}
