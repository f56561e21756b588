// The calls that the runner makes, by what they are for. Everything here is harmless to repeat.
import type { Clock } from '#contract/delegate/repeat'
import { type ApiClient, isStatus, repeatApi } from './client.ts'
import { mark } from './name.ts'
import { eventListSchema, ownedSchema, type Pod, podSchema } from './object.ts'

export interface PodApi {
  readonly client: ApiClient
  /** Makes an object unless it is there; gives `uid` of the one that is new, undefined when there was one. */
  create(kind: Kind, namespace: string, body: unknown): Promise<string | undefined>
  getPod(namespace: string, name: string): Promise<Pod | undefined>
  getLeaseUid(namespace: string, name: string): Promise<string | undefined>
  /** What is not there is no error. Absent `grace` is the object's own, in seconds. */
  remove(kind: Kind, namespace: string, name: string, grace?: number): Promise<void>
  annotate(namespace: string, name: string, annotations: Readonly<Record<string, string>>): Promise<void>
  /** Lets the pod go. */
  dropFinalizer(namespace: string, pod: Pod): Promise<void>
  /** `seconds`: how long it counts as held. */
  renewLease(namespace: string, name: string, holder: string, seconds: number): Promise<void>
  /** The last warnings about an object, oldest first; none when they may not be read. */
  warnings(namespace: string, uid: string): Promise<readonly string[]>
}

export type Kind = 'pods' | 'secrets' | 'leases' | 'persistentvolumeclaims'

export const pathOf = (kind: Kind | 'events', namespace: string, name = ''): string =>
  `${kind === 'leases' ? '/apis/coordination.k8s.io/v1' : '/api/v1'}/namespaces/${encodeURIComponent(namespace)}/${kind}${name && `/${encodeURIComponent(name)}`}`

export function createPodApi(client: ApiClient, clock: Clock): PodApi {
  const repeated = <T>(work: () => Promise<T>): Promise<T> =>
    repeatApi(work, (milliseconds, signal) => clock.sleep(milliseconds, signal))
  const optional = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await repeated(work)
    } catch (error) {
      if (isStatus(error, 404)) return undefined
      throw error
    }
  }
  const get = (kind: Kind, namespace: string, name: string): Promise<unknown> =>
    client.call({ method: 'GET', path: pathOf(kind, namespace, name) })
  const patch = (namespace: string, name: string, contentType: string, body: unknown): Promise<unknown> =>
    optional(() => client.call({ method: 'PATCH', path: pathOf('pods', namespace, name), body, contentType }))

  return {
    client,
    async create(kind, namespace, body) {
      try {
        const made = await repeated(() => client.call({ method: 'POST', path: pathOf(kind, namespace), body }))
        return ownedSchema.parse(made).metadata.uid
      } catch (error) {
        if (isStatus(error, 409)) return undefined
        throw error
      }
    },
    async getPod(namespace, name) {
      const found = await optional(() => get('pods', namespace, name))
      return found === undefined ? undefined : podSchema.parse(found)
    },
    async getLeaseUid(namespace, name) {
      const found = await optional(() => get('leases', namespace, name))
      return found === undefined ? undefined : ownedSchema.parse(found).metadata.uid
    },
    async remove(kind, namespace, name, grace) {
      const body = {
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        propagationPolicy: 'Background',
        ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
      }
      await optional(() => client.call({ method: 'DELETE', path: pathOf(kind, namespace, name), body }))
    },
    async annotate(namespace, name, annotations) {
      await patch(namespace, name, 'application/merge-patch+json', { metadata: { annotations } })
    },
    async dropFinalizer(namespace, { metadata }) {
      const left = metadata.finalizers.filter((name) => name !== mark.finalizer)
      if (left.length === metadata.finalizers.length) return
      await patch(namespace, metadata.name, 'application/merge-patch+json', { metadata: { finalizers: left } })
    },
    async renewLease(namespace, name, holder, seconds) {
      const found = await optional(() => get('leases', namespace, name))
      if (typeof found !== 'object' || found === null) return
      const spec = { holderIdentity: holder, leaseDurationSeconds: seconds, renewTime: microTime(clock.now()) }
      const body = { ...found, spec }
      // Somebody else renewed it in between, or it is gone: either is fine.
      await client.call({ method: 'PUT', path: pathOf('leases', namespace, name), body }).catch(() => {})
    },
    async warnings(namespace, uid) {
      const query = `?fieldSelector=${encodeURIComponent(`involvedObject.uid=${uid},type=Warning`)}&limit=50`
      try {
        const list = await client.call({ method: 'GET', path: pathOf('events', namespace) + query })
        const texts = eventListSchema.parse(list).items.map(({ reason, message }) => `${reason}: ${message}`)
        return [...new Set(texts)].slice(-3)
      } catch {
        return []
      }
    },
  }
}

/** Times of a Lease have six digits behind the second. */
export const microTime = (milliseconds: number): string => new Date(milliseconds).toISOString().replace('Z', '000Z')
