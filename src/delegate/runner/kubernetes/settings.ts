// How the administrator of a delegate wants its pods, and what pipelines may ask of them. A YAML file, read once at the start.
import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { z } from 'zod'
import { tolerationSchema } from '#contract/delegate/pod-settings'
import { Fault } from '#contract/fault'

const image = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[^\s]+$/, 'is no reference of an image')
const resources = z.object({
  memory: z.string().default('256Mi'),
  cpu: z.string().default('1'),
  /** What the scheduler looks for; the limit of memory is also its request. */
  cpuRequest: z.string().default('50m'),
  storage: z.string().default('512Mi'),
})
const names = z.array(z.string()).default([])

export const kubernetesSettingsSchema = z.strictObject({
  /** Absent: the namespace of the delegate itself. */
  namespace: z.string().optional(),
  images: z.strictObject({
    /** Runs the step. */
    step: image,
    /** Fetches changelogs: has git. */
    source: image,
    /** Names of secrets for pulling, which are there. */
    pullSecrets: names,
    /** How stock plugin images are started, by repository without tag. Of others the registry is asked. */
    entrypoints: z.record(z.string(), z.array(z.string()).min(1)).default({}),
    /** `host:port` of registries that are asked without encryption. */
    plainHttpRegistries: names,
  }),
  imagePullPolicy: z.enum(['IfNotPresent', 'Always', 'Never']).default('IfNotPresent'),
  /** Credentials of a registry: a file in the form of a Docker configuration. Becomes a secret of each attempt. */
  registryCredentialsFile: z.string().optional(),
  /** `file`: secrets of a step in a Secret of the attempt. `runtime`: sealed to a key that the pod makes; no object holds them. */
  secretInjection: z.enum(['file', 'runtime']).default('file'),
  /** The address of the manager as pods reach it; absent: as the delegate does. */
  managerUrl: z.string().optional(),
  /** What the steps of a group share when they run scripts: a claim for each run of a group. Absent: such groups are refused. */
  workspace: z
    .strictObject({
      size: z.string().default('1Gi'),
      /** Absent: the class that the cluster has for those who name none. */
      storageClassName: z.string().optional(),
      accessMode: z.enum(['ReadWriteOnce', 'ReadWriteMany']).default('ReadWriteOnce'),
      /** Hours after its last use by a step until it goes. */
      keepHours: z.int().min(1).max(720).default(24),
    })
    .optional(),
  /** For all containers; no secrets: proxies and the like. */
  environment: z.record(z.string(), z.string()).default({}),
  /** A ConfigMap with the key ca.crt: authorities that steps trust in addition. */
  authorityConfigMap: z.string().optional(),
  /** A Secret of type kubernetes.io/tls: the certificate that steps show a manager who asks for one. No other container has it. */
  clientCertificateSecret: z.string().optional(),
  resources: resources.prefault({}),
  serviceAccountName: z.string().optional(),
  priorityClassName: z.string().optional(),
  runtimeClassName: z.string().optional(),
  runAsUser: z.int().min(1000).default(10_001),
  nodeSelector: z.record(z.string(), z.string()).default({ 'kubernetes.io/os': 'linux' }),
  tolerations: z.array(tolerationSchema).default([]),
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
  /** Seconds. */
  times: z
    .strictObject({
      /** From the making of the pod until its step runs. */
      init: z.int().min(10).default(600),
      /** From the first failed pull of an image. */
      imagePull: z.int().min(0).default(60),
      /** SIGTERM to SIGKILL. */
      grace: z.int().min(1).max(3600).default(60),
      /** When the time to end is over, until a node that does not report the end of its pod counts as gone. */
      lost: z.int().min(3).max(3600).default(60),
      /** Without a sign of its delegate for so long, a pod is taken over by another. */
      adopt: z.int().min(3).max(3600).default(120),
      /** How long an ended pod stays for whoever looks into a failure. */
      keep: z.int().min(0).default(0),
    })
    .prefault({}),
  /** What pipelines may say of their pods; nothing unless named here. `*` is anything. */
  allow: z
    .strictObject({
      namespaces: names,
      serviceAccounts: names,
      /** Keys. */
      labels: names,
      annotations: names,
      nodeSelector: names,
      tolerations: names,
      priorityClasses: names,
      claims: names,
      configMaps: names,
      secrets: names,
      /** Images besides `images`: whole references, or beginnings that end with `/`, `:` or `*`. */
      images: names,
      serviceAccountToken: z.boolean().default(false),
      runAsUser: z.boolean().default(true),
      /** The most memory and processor time a step may ask for. */
      memory: z.string().default('2Gi'),
      cpu: z.string().default('2'),
    })
    .prefault({}),
})
export type KubernetesSettings = z.infer<typeof kubernetesSettingsSchema>

/** Raises Fault `usage` that names the field. */
export function readKubernetesSettings(value: unknown, where: string): KubernetesSettings {
  const parsed = kubernetesSettingsSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const text = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ')
  throw new Fault('usage', `${where}: ${text}`)
}

export async function loadKubernetesSettings(path: string): Promise<KubernetesSettings> {
  try {
    return readKubernetesSettings(parse(await readFile(path, 'utf8')), path)
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw new Fault('usage', `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}
