// The pod of an attempt as data: a source container that fetches, a step container that works, nothing of the cluster in either.
import { createHash } from 'node:crypto'
import type { PodSettings, PodVolume } from '#contract/delegate/pod-settings'
import { podPaths } from '#contract/delegate/pod-folder'
import { labelValue, managedByValue, mark } from './name.ts'
import type { KubernetesSettings } from './settings.ts'

export interface PodInput {
  readonly name: string
  readonly namespace: string
  readonly attempt: string
  readonly fence: string
  readonly delegate: string
  readonly step: string
  readonly execution: string
  readonly timeoutSeconds: number
  readonly asked: PodSettings
  readonly settings: KubernetesSettings
  /** Names of pull secrets besides those of the settings. */
  readonly pullSecrets: readonly string[]
}

type Fields = Record<string, unknown>

/** Seconds that a pod may live longer than its step may work. */
const lastResort = 60

const secured = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  privileged: false,
  capabilities: { drop: ['ALL'] },
} as const

function resources({ settings, asked }: PodInput): Fields {
  const { memory, cpu, cpuRequest, storage } = settings.resources
  return {
    requests: { cpu: cpuRequest, memory: asked.memory ?? memory, 'ephemeral-storage': storage },
    limits: { cpu: asked.cpu ?? cpu, memory: asked.memory ?? memory, 'ephemeral-storage': storage },
  }
}

/** A heap of its own size would be the node's; the rest is for buffers and the threads of drivers. */
function environment({ settings }: PodInput): Fields[] {
  const authority = settings.authorityConfigMap
    ? { NODE_EXTRA_CA_CERTS: `${podPaths.authority}/ca.crt`, GIT_SSL_CAINFO: `${podPaths.authority}/ca.crt` }
    : {}
  const values = { HOME: '/tmp', ...authority, ...settings.environment }
  return Object.entries(values).map(([name, value]) => ({ name, value }))
}

/** What boxes are bound to. */
const bindingOf = ({ attempt, fence }: PodInput): Fields[] => [
  { name: 'SLUICE_ATTEMPT', value: attempt },
  { name: 'SLUICE_FENCE', value: fence },
]

type Task = 'prepare' | 'source' | 'step'

const volumesOf = (task: Task, runtime: boolean, settings: KubernetesSettings): Fields[] => {
  const mount = (name: string, mountPath: string, readOnly = false): Fields => ({
    name,
    mountPath,
    ...(readOnly ? { readOnly } : {}),
  })
  const common = [
    mount('tmp', '/tmp'),
    ...(settings.authorityConfigMap ? [mount('authority', podPaths.authority, true)] : []),
  ]
  if (task === 'prepare')
    return [...common, mount('source-key', podPaths.sourceKey), mount('step-key', podPaths.stepKey)]
  const given = [
    mount(`${task}-document`, podPaths.document, true),
    ...(runtime ? [mount(`${task}-key`, podPaths.key, true)] : []),
  ]
  // The step reads what was fetched and cannot change it.
  const source = mount('source', podPaths.source, task === 'step')
  return [...common, ...given, source, ...(task === 'step' ? [mount('work', podPaths.work)] : [])]
}

function container(input: PodInput, task: Task, image: string): Fields {
  const { settings, asked } = input
  const runtime = settings.secretInjection === 'runtime'
  const extra = task === 'step' ? (asked.volumes ?? []) : []
  return {
    name: task,
    image,
    imagePullPolicy: settings.imagePullPolicy,
    // The entry point of an image of somebody else is unknown; ours is named.
    command: ['sluice', 'pod', task],
    workingDir: '/tmp',
    env: [...environment(input), ...(task === 'prepare' ? bindingOf(input) : [])],
    resources: resources(input),
    securityContext: secured,
    terminationMessagePolicy: 'File',
    terminationMessagePath: podPaths.result,
    volumeMounts: [
      ...volumesOf(task, runtime, settings),
      ...extra.map(({ mountPath, type }, index) => ({
        name: `extra-${index}`,
        mountPath,
        ...(type === 'ConfigMap' || type === 'Secret' ? { readOnly: true } : {}),
      })),
    ],
  }
}

function extraVolume(volume: PodVolume, index: number): Fields {
  const name = `extra-${index}`
  switch (volume.type) {
    case 'EmptyDir':
      return { name, emptyDir: { medium: volume.medium ?? '', sizeLimit: volume.size ?? '1Gi' } }
    case 'PersistentVolumeClaim':
      return { name, persistentVolumeClaim: { claimName: volume.claimName, readOnly: volume.readOnly ?? false } }
    case 'ConfigMap':
      return { name, configMap: { name: volume.name } }
    case 'Secret':
      break
  }
  return { name, secret: { secretName: volume.name } }
}

function volumes({ name, asked, settings }: PodInput): Fields[] {
  const runtime = settings.secretInjection === 'runtime'
  const memory = (volume: string): Fields => ({ name: volume, emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } })
  const document = (task: 'source' | 'step'): Fields => ({
    name: `${task}-document`,
    // Sealed documents come when the pod has said its keys.
    secret: { secretName: documentSecret(name, task), defaultMode: 0o440, optional: runtime },
  })
  return [
    { name: 'tmp', emptyDir: { sizeLimit: '256Mi' } },
    { name: 'source', emptyDir: { sizeLimit: settings.resources.storage } },
    { name: 'work', emptyDir: { sizeLimit: '256Mi' } },
    document('source'),
    document('step'),
    ...(runtime ? [memory('source-key'), memory('step-key')] : []),
    ...(settings.authorityConfigMap ? [{ name: 'authority', configMap: { name: settings.authorityConfigMap } }] : []),
    ...(asked.volumes ?? []).map(extraVolume),
  ]
}

/** Each in a Secret of its own: the source container cannot read what the step is given, nor the other way round. */
export const documentSecret = (name: string, task: 'source' | 'step'): string => `${name}-${task}`

export function labelsOf({
  attempt,
  fence,
  delegate,
  step,
  execution,
}: Omit<PodInput, 'settings' | 'asked'>): Record<string, string> {
  return {
    [mark.managedBy]: managedByValue,
    [mark.delegate]: labelValue(delegate),
    [mark.attempt]: labelValue(attempt),
    [mark.fence]: labelValue(fence),
    [mark.step]: labelValue(step),
    [mark.execution]: labelValue(execution),
  }
}

/** Autoscalers leave a node with a running change alone. */
const stay = {
  'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
  'karpenter.sh/do-not-disrupt': 'true',
} as const

export function podOf(input: PodInput, owner: Fields): Fields {
  const { name, namespace, settings, asked, timeoutSeconds } = input
  const { images, times } = settings
  const runtime = settings.secretInjection === 'runtime'
  const user = asked.runAsUser ?? settings.runAsUser
  const group = asked.runAsGroup ?? user
  const serviceAccountName = asked.serviceAccountName ?? settings.serviceAccountName
  const priorityClassName = asked.priorityClassName ?? settings.priorityClassName
  const spec: Fields = {
    restartPolicy: 'Never',
    automountServiceAccountToken: asked.automountServiceAccountToken ?? false,
    enableServiceLinks: false,
    // The last resort: it kills. The step ends itself long before.
    activeDeadlineSeconds: timeoutSeconds + (asked.initTimeoutSeconds ?? times.init) + times.grace + lastResort,
    terminationGracePeriodSeconds: times.grace,
    ...(serviceAccountName ? { serviceAccountName } : {}),
    ...(priorityClassName ? { priorityClassName } : {}),
    ...(settings.runtimeClassName ? { runtimeClassName: settings.runtimeClassName } : {}),
    nodeSelector: { ...settings.nodeSelector, ...asked.nodeSelector },
    tolerations: [...settings.tolerations, ...(asked.tolerations ?? [])],
    imagePullSecrets: [...images.pullSecrets, ...input.pullSecrets].map((secret) => ({ name: secret })),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: user,
      runAsGroup: group,
      fsGroup: group,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumes: volumes(input),
    initContainers: [
      ...(runtime ? [container(input, 'prepare', images.source)] : []),
      container(input, 'source', images.source),
    ],
    containers: [container(input, 'step', images.step)],
  }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      labels: { ...settings.labels, ...asked.labels, ...labelsOf(input) },
      annotations: {
        ...settings.annotations,
        ...asked.annotations,
        ...stay,
        [mark.digest]: createHash('sha256').update(JSON.stringify(spec)).digest('hex'),
      },
      finalizers: [mark.finalizer],
      ownerReferences: [owner],
    },
    spec,
  }
}
