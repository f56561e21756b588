// What a pipeline may say about the pod of its steps (`stepGroupInfra` of type KubernetesDirect), checked and normalised.
// What an administrator allows of it is decided by the delegate that makes the pod.
import { z } from 'zod'

const name = z.string().min(1).max(253)
const quantity = z
  .string()
  .max(32)
  .regex(/^\d+(\.\d+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/, 'is no quantity of Kubernetes, such as 500m or 256Mi')
const labels = z.record(z.string().min(1).max(317), z.string().max(63))

export const podVolumeSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('EmptyDir'),
    mountPath: z.string(),
    medium: z.literal('Memory').optional(),
    size: quantity.optional(),
  }),
  z.object({
    type: z.literal('PersistentVolumeClaim'),
    mountPath: z.string(),
    claimName: name,
    readOnly: z.boolean().optional(),
  }),
  z.object({ type: z.literal('ConfigMap'), mountPath: z.string(), name }),
  z.object({ type: z.literal('Secret'), mountPath: z.string(), name }),
])
export type PodVolume = z.infer<typeof podVolumeSchema>

export const tolerationSchema = z.object({
  key: z.string().max(317).optional(),
  operator: z.enum(['Equal', 'Exists']).optional(),
  value: z.string().max(63).optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
  tolerationSeconds: z.int().optional(),
})

/** Absent fields are the administrator's. */
export const podSettingsSchema = z.object({
  connectorRef: z.string().max(256).optional(),
  namespace: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'is no name of a namespace')
    .optional(),
  serviceAccountName: name.optional(),
  automountServiceAccountToken: z.boolean().optional(),
  labels: labels.optional(),
  annotations: z.record(z.string().min(1).max(317), z.string().max(4096)).optional(),
  nodeSelector: labels.optional(),
  tolerations: z.array(tolerationSchema).max(32).optional(),
  priorityClassName: name.optional(),
  runAsUser: z.int().positive().max(4_294_967_294).optional(),
  runAsGroup: z.int().positive().max(4_294_967_294).optional(),
  /** Seconds from the making of the pod until its step runs. */
  initTimeoutSeconds: z.int().min(10).max(86_400).optional(),
  memory: quantity.optional(),
  cpu: quantity.optional(),
  volumes: z.array(podVolumeSchema).max(16).optional(),
})
export type PodSettings = z.infer<typeof podSettingsSchema>
