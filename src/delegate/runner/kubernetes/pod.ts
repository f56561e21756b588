// The pod of an attempt as data: a source container that fetches, a step container that works, nothing of the cluster in either.
import { createHash } from 'node:crypto'
import type { PodSettings, PodVolume } from '#contract/delegate/pod-settings'
import { podPaths } from '#contract/delegate/pod-folder'
import type { ScriptSource } from '#contract/delegate/step-spec'
import { outwardVariables } from '#outward/setting'
import { labelValue, managedByValue, mark } from './name.ts'
import type { KubernetesSettings } from './settings.ts'
import { besideCommand, sourceCommand } from './tool.ts'

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
  /** In place of those of the settings. */
  readonly images: { readonly step: string; readonly source: string }
  /** Works beside the step, which tells it what to do; undefined where the step does the work itself. */
  readonly tool: { readonly image: string; readonly entrypoint: readonly string[] } | undefined
  /** Writes the changelog in place of our own source container. */
  readonly script: ScriptSource | undefined
  /** What the steps of its group share. */
  readonly workspace: Workspace | undefined
  /** The step itself writes there; otherwise only the containers beside it. */
  readonly clones: boolean
}

export interface Workspace {
  /** Name of the claim. */
  readonly claim: string
  /** Where else than at its own path it is mounted; each is a folder of its own in it. */
  readonly paths: readonly string[]
  /** Only pods of one node can have it. */
  readonly oneNode: boolean
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
  const authority = settings.authorityConfigMap ? { NODE_EXTRA_CA_CERTS: `${podPaths.authority}/ca.crt` } : {}
  const values = { HOME: '/tmp', ...authority, ...settings.environment }
  return Object.entries(values).map(([name, value]) => ({ name, value }))
}

/** Of an image of somebody else, whose git knows no other place; ours puts it together with what is well known. */
const foreignAuthority = ({ settings }: PodInput): Fields[] =>
  settings.authorityConfigMap ? [{ name: 'GIT_SSL_CAINFO', value: `${podPaths.authority}/ca.crt` }] : []

const certificateOf = ({ settings }: PodInput): Fields[] =>
  settings.clientCertificateSecret
    ? [
        { name: outwardVariables.certificate, value: `${podPaths.certificate}/tls.crt` },
        { name: outwardVariables.key, value: `${podPaths.certificate}/tls.key` },
      ]
    : []

/** What boxes are bound to. */
const bindingOf = ({ attempt, fence }: PodInput): Fields[] => [
  { name: 'SLUICE_ATTEMPT', value: attempt },
  { name: 'SLUICE_FENCE', value: fence },
]

type Task = 'prepare' | 'source' | 'step'

/** Images of others write where they like in what is theirs. */
const toolSecured = { ...secured, readOnlyRootFilesystem: false } as const

const readOnly = (mount: Fields): Fields => ({ ...mount, readOnly: true })
const writable = (mount: Fields): Fields => mount

/** Without a group it is the pod's own. */
function workspaceMounts({ workspace }: PodInput): Fields[] {
  const own = [podPaths.workspace, podPaths.workspaceAlias].map((mountPath) => ({ mountPath, subPath: 'workspace' }))
  const shared = (workspace?.paths ?? []).map((mountPath, index) => ({ mountPath, subPath: `shared-${index}` }))
  return [...own, ...shared].map((one) => ({ name: 'workspace', ...one }))
}

function extraMounts({ asked }: PodInput): Fields[] {
  return (asked.volumes ?? []).map(({ mountPath, type }, index) => ({
    name: `extra-${index}`,
    mountPath,
    ...(type === 'ConfigMap' || type === 'Secret' ? { readOnly: true } : {}),
  }))
}

/** A container with an image of somebody else: no document, no key, no token. */
function foreign(input: PodInput, name: 'source' | 'tool', image: string, command: readonly string[]): Fields {
  const { settings } = input
  const own =
    name === 'source'
      ? [{ name: 'source', mountPath: podPaths.source }]
      : [
          { name: 'source', mountPath: podPaths.source, readOnly: true },
          { name: 'beside', mountPath: podPaths.beside },
          { name: 'tool', mountPath: podPaths.tool },
        ]
  // Where stock plugin images look for an authority.
  const authority = {
    name: 'authority',
    mountPath: '/etc/ssl/certs/dbops/root_ca.crt',
    subPath: 'ca.crt',
    readOnly: true,
  }
  return {
    name,
    image,
    imagePullPolicy: settings.imagePullPolicy,
    command,
    env: [...foreignAuthority(input), ...environment(input)],
    resources: resources(input),
    securityContext: toolSecured,
    terminationMessagePolicy: 'File',
    terminationMessagePath: podPaths.result,
    volumeMounts: [
      { name: `${name}-tmp`, mountPath: '/tmp' },
      ...own,
      ...(settings.authorityConfigMap
        ? [authority, { name: 'authority', mountPath: podPaths.authority, readOnly: true }]
        : []),
      ...workspaceMounts(input),
      ...extraMounts(input),
    ],
  }
}

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
  if (task === 'source') return [...common, ...given, source]
  const shown = settings.clientCertificateSecret ? [mount('certificate', podPaths.certificate, true)] : []
  return [...common, ...given, source, mount('work', podPaths.work), ...shown]
}

/** What the step shares with a tool. */
const toolMounts = ({ tool }: PodInput): Fields[] =>
  tool
    ? [
        { name: 'beside', mountPath: podPaths.beside },
        { name: 'tool', mountPath: podPaths.tool },
      ]
    : []

function container(input: PodInput, task: Task, image: string): Fields {
  const { settings } = input
  const runtime = settings.secretInjection === 'runtime'
  return {
    name: task,
    image,
    imagePullPolicy: settings.imagePullPolicy,
    // The entry point of an image of somebody else is unknown; ours is named.
    command: ['sluice', 'pod', task],
    workingDir: '/tmp',
    env: [
      ...environment(input),
      ...(task === 'prepare' ? bindingOf(input) : []),
      ...(task === 'step' ? certificateOf(input) : []),
    ],
    resources: resources(input),
    securityContext: secured,
    terminationMessagePolicy: 'File',
    terminationMessagePath: podPaths.result,
    volumeMounts: [
      ...volumesOf(task, runtime, settings),
      ...(task === 'step' ? [...toolMounts(input), ...extraMounts(input)] : []),
      ...(task === 'step' && input.workspace ? workspaceMounts(input).map(input.clones ? writable : readOnly) : []),
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

function volumes({ name, asked, settings, tool, script, workspace }: PodInput): Fields[] {
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
    ...(script ? [{ name: 'source-tmp', emptyDir: { sizeLimit: settings.resources.storage } }] : []),
    ...(tool
      ? [
          { name: 'tool-tmp', emptyDir: { sizeLimit: settings.resources.storage } },
          { name: 'tool', emptyDir: { sizeLimit: settings.resources.storage } },
          { name: 'beside', emptyDir: { medium: 'Memory', sizeLimit: '8Mi' } },
        ]
      : []),
    ...(workspace ? [{ name: 'workspace', persistentVolumeClaim: { claimName: workspace.claim } }] : []),
    ...(!workspace && (tool || script)
      ? [{ name: 'workspace', emptyDir: { sizeLimit: settings.resources.storage } }]
      : []),
    ...(runtime ? [memory('source-key'), memory('step-key')] : []),
    ...(settings.authorityConfigMap ? [{ name: 'authority', configMap: { name: settings.authorityConfigMap } }] : []),
    ...(settings.clientCertificateSecret
      ? [{ name: 'certificate', secret: { secretName: settings.clientCertificateSecret, defaultMode: 0o440 } }]
      : []),
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
}: Pick<PodInput, 'attempt' | 'fence' | 'delegate' | 'step' | 'execution'>): Record<string, string> {
  return {
    [mark.managedBy]: managedByValue,
    [mark.delegate]: labelValue(delegate),
    [mark.attempt]: labelValue(attempt),
    [mark.fence]: labelValue(fence),
    [mark.step]: labelValue(step),
    [mark.execution]: labelValue(execution),
  }
}

/** On the node of the pods that have the same claim now. The first one fits everywhere. */
const besideOthers = ({ claim }: Workspace): Fields => ({
  podAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [
      { labelSelector: { matchLabels: { [mark.workspace]: claim } }, topologyKey: 'kubernetes.io/hostname' },
    ],
  },
})

/** Autoscalers leave a node with a running change alone. */
const stay = {
  'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
  'karpenter.sh/do-not-disrupt': 'true',
} as const

export function podOf(input: PodInput, owner: Fields): Fields {
  const { name, namespace, settings, asked, timeoutSeconds, images, tool, script, workspace } = input
  const { times } = settings
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
    imagePullSecrets: [...settings.images.pullSecrets, ...input.pullSecrets].map((secret) => ({ name: secret })),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: user,
      runAsGroup: group,
      // One for all: steps of a group share a folder, whoever each of them runs as.
      fsGroup: settings.runAsUser,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumes: volumes(input),
    initContainers: [
      ...(runtime ? [container(input, 'prepare', images.source)] : []),
      script
        ? foreign(input, 'source', script.image, sourceCommand(script))
        : container(input, 'source', images.source),
    ],
    containers: [
      container(input, 'step', images.step),
      ...(tool ? [foreign(input, 'tool', tool.image, besideCommand(tool.entrypoint))] : []),
    ],
    ...(workspace?.oneNode ? { affinity: besideOthers(workspace) } : {}),
  }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      labels: {
        ...settings.labels,
        ...asked.labels,
        ...labelsOf(input),
        ...(workspace ? { [mark.workspace]: workspace.claim } : {}),
      },
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
