// Looks again and again at all that a namespace of Kubernetes shows of the self-test's release: objects, and what containers say.
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { pathOf } from '#delegate/runner/kubernetes/api'
import { type ApiClient, isStatus } from '#delegate/runner/kubernetes/client'
import { listSchema, podSchema } from '#delegate/runner/kubernetes/object'
import type { Needle } from './look.ts'

export interface ClusterWatch {
  /** Pods that were seen, by name. */
  readonly pods: ReadonlySet<string>
  /** Names of objects that held it, other than Secrets. */
  readonly objects: ReadonlySet<string>
  /** Names of Secrets that held it. */
  readonly secrets: ReadonlySet<string>
  /** Containers that said it. */
  readonly logs: ReadonlySet<string>
  readonly looks: number
  /** Kinds that may not be listed: nothing can be said of them. */
  readonly refused: ReadonlySet<string>
  stop(): Promise<void>
}

const plain = ['pods', 'configmaps', 'events', 'persistentvolumeclaims'] as const
const namedSchema = z.object({
  metadata: z.object({ name: z.string() }),
  data: z.record(z.string(), z.string()).default({}),
})
/** Bytes of the log of a container. */
const logLimit = 4_194_304

export function watchCluster(client: ApiClient, namespace: string, needle: Needle): ClusterWatch {
  const found = {
    pods: new Set<string>(),
    objects: new Set<string>(),
    secrets: new Set<string>(),
    logs: new Set<string>(),
  }
  const refused = new Set<string>()
  const stopping = new AbortController()
  let looks = 0
  const list = async (kind: string): Promise<readonly unknown[]> => {
    try {
      const path = pathOf('pods', namespace).replace(/pods$/, kind)
      return listSchema.parse(await client.call({ method: 'GET', path })).items
    } catch (error) {
      if (isStatus(error, 403)) refused.add(kind)
      return []
    }
  }
  async function lookAtLogs(pod: unknown): Promise<void> {
    const parsed = podSchema.safeParse(pod)
    if (!parsed.success) return
    const { metadata, status } = parsed.data
    found.pods.add(metadata.name)
    for (const { name, containerID } of [...status.initContainerStatuses, ...status.containerStatuses]) {
      if (containerID === undefined) continue
      const path = `${pathOf('pods', namespace, metadata.name)}/log?container=${name}`
      const text = await client.text(path, logLimit).catch((error: unknown) => {
        if (isStatus(error, 403)) refused.add('pods/log')
        return ''
      })
      if (needle.isIn(text)) found.logs.add(`${metadata.name} ${name}`)
    }
  }
  async function look(): Promise<void> {
    for (const kind of plain) {
      const items = await list(kind)
      for (const item of items)
        if (needle.isIn(JSON.stringify(item)))
          found.objects.add(`${kind} ${namedSchema.safeParse(item).data?.metadata.name}`)
      if (kind === 'pods') await Promise.all(items.map(lookAtLogs))
    }
    for (const item of await list('secrets')) {
      const { metadata, data } = namedSchema.parse(item)
      if (Object.values(data).some((base64) => needle.isIn(Buffer.from(base64, 'base64'))))
        found.secrets.add(metadata.name)
    }
    looks += 1
  }
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await look()
      await sleep(50, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }
  const running = loop()
  return {
    ...found,
    refused,
    get looks() {
      return looks
    },
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}
