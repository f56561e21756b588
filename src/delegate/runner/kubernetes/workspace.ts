// The folder that the steps of a group share: a claim for each run of a group, owned by an anchor that every step of it renews. The
// sweep lets the anchor go when the run is over, or when no step has used it for the time of the settings; the cluster the claim with it.
import type { Clock } from '#contract/delegate/repeat'
import { microTime, type PodApi } from './api.ts'
import { managedByValue, mark, workspaceName } from './name.ts'
import type { Pod } from './object.ts'
import type { Workspace } from './pod.ts'
import type { KubernetesSettings } from './settings.ts'

export interface WorkspaceOptions {
  readonly api: PodApi
  readonly clock: Clock
  readonly namespace: string
  readonly holder: string
  readonly settings: NonNullable<KubernetesSettings['workspace']>
}

/** Makes the claim unless an earlier step of the group did. */
export async function keepWorkspace(
  { api, clock, namespace, holder, settings }: WorkspaceOptions,
  execution: string,
  { group, paths }: { readonly group: string; readonly paths: readonly string[] },
): Promise<Workspace> {
  const name = workspaceName(execution, group)
  const labels = { [mark.managedBy]: managedByValue, [mark.workspace]: name }
  const seconds = settings.keepHours * 3600
  const made = await api.create('leases', namespace, {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, labels, annotations: { [mark.execution]: execution } },
    spec: { holderIdentity: holder, leaseDurationSeconds: seconds, renewTime: microTime(clock.now()) },
  })
  if (made === undefined) await api.renewLease(namespace, name, holder, seconds)
  const uid = made ?? (await api.getLeaseUid(namespace, name))
  if (uid === undefined) throw new Error(`the Lease ${name} of its workspace vanished`)
  await api.create('persistentvolumeclaims', namespace, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      labels,
      ownerReferences: [{ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name, uid, blockOwnerDeletion: false }],
    },
    spec: {
      accessModes: [settings.accessMode],
      resources: { requests: { storage: settings.size } },
      ...(settings.storageClassName === undefined ? {} : { storageClassName: settings.storageClassName }),
    },
  })
  return { claim: name, paths, oneNode: settings.accessMode === 'ReadWriteOnce' }
}

/** Of a pod and of the workspace that it uses: a step may take longer than an unused one is kept. */
export async function renewAnchors(
  { api, holder, settings }: { readonly api: PodApi; readonly holder: string; readonly settings: KubernetesSettings },
  { name, namespace }: { readonly name: string; readonly namespace: string },
  pod: Pod | undefined,
): Promise<void> {
  await api.renewLease(namespace, name, holder, settings.times.adopt)
  const claim = pod?.metadata.labels[mark.workspace]
  if (claim === undefined || !settings.workspace) return
  await api.renewLease(namespace, claim, holder, settings.workspace.keepHours * 3600)
}
