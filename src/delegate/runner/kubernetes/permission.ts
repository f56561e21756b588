// What the service account of the delegate must be allowed, asked of the API at the start: a missing verb is found before a change
// needs it. The same list stands in the Role of deploy/, and a test holds both together.
import { z } from 'zod'
import type { ApiClient } from './client.ts'

export interface Verb {
  readonly group: string
  readonly resource: string
  readonly verb: string
  /** Why, in words. */
  readonly for: string
  /** Without it the runner works in another way. */
  readonly optional?: true
}

const pods = (verb: string, reason: string): Verb => ({ group: '', resource: 'pods', verb, for: reason })
const leases = (verb: string, reason: string): Verb => ({
  group: 'coordination.k8s.io',
  resource: 'leases',
  verb,
  for: reason,
})

export const neededVerbs: readonly Verb[] = [
  pods('create', 'to start a step'),
  pods('get', 'to find a step again'),
  pods('list', 'to see how steps end'),
  { ...pods('watch', 'to see at once how steps end; without it the delegate looks every 2 s'), optional: true },
  pods('delete', 'to cancel a step and to clean up'),
  pods('patch', 'to let an ended pod go'),
  { group: '', resource: 'secrets', verb: 'create', for: 'to tell a step what to do' },
  { group: '', resource: 'secrets', verb: 'delete', for: 'to take that away again' },
  { group: '', resource: 'events', verb: 'list', for: 'to tell why a pod does not start', optional: true },
  leases('create', 'to anchor what belongs to a step'),
  leases('get', 'to find an anchor again'),
  leases('list', 'to clean up after delegates that are gone'),
  leases('update', 'to say that a step is looked after'),
  leases('delete', 'to clean up'),
]

/** Only with `workspace` in the settings. */
export const workspaceVerbs: readonly Verb[] = [
  { group: '', resource: 'persistentvolumeclaims', verb: 'create', for: 'to give the steps of a group a folder' },
]

const reviewSchema = z.object({ status: z.object({ allowed: z.boolean() }) })

/** What of the needed verbs is not allowed in the namespace. */
export async function missingVerbs(
  client: ApiClient,
  namespace: string,
  verbs: readonly Verb[] = neededVerbs,
): Promise<readonly Verb[]> {
  const answers = await Promise.all(
    verbs.map(async (needed) => {
      const { group, resource, verb } = needed
      const body = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { namespace, group, resource, verb } },
      }
      const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
      const { status } = reviewSchema.parse(await client.call({ method: 'POST', path, body, limit: 5000 }))
      return status.allowed ? [] : [needed]
    }),
  )
  return answers.flat()
}

export const describeVerb = ({ group, resource, verb, for: reason }: Verb): string =>
  `${verb} ${resource}${group === '' ? '' : `.${group}`} (${reason})`
