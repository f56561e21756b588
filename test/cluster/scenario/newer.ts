// What a newer Kubernetes does and the one of Debian 12's source cannot: these run with `--kubernetes` only.
import { isStatus } from '#delegate/runner/kubernetes/client'
import { expect, holds } from '../check.ts'
import { namespace } from '../world.ts'
import type { Scenario } from './index.ts'

const plainPod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'unrestricted', namespace },
  spec: { containers: [{ name: 'pause', image: 'localhost/pause:1', imagePullPolicy: 'Never' }] },
}

export const newer: Readonly<Record<string, Scenario>> = {
  'the namespace of steps enforces the restricted profile, so every pod of the other scenarios has passed it': async ({
    cluster,
  }) => {
    const refusal = await cluster.apply(plainPod).then(
      () => undefined,
      (error: unknown) => error,
    )
    expect('a plain pod is forbidden', isStatus(refusal, 403), true)
    holds(String(refusal), String(refusal).includes('violates PodSecurity "restricted'))
  },
}
