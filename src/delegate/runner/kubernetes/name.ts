// Names and marks of the objects of an attempt. A name follows from attempt and fence alone, so that making a pod twice finds it.
import { createHash } from 'node:crypto'

export const mark = {
  managedBy: 'app.kubernetes.io/managed-by',
  delegate: 'sluice.dev/delegate',
  attempt: 'sluice.dev/attempt',
  fence: 'sluice.dev/fence',
  step: 'sluice.dev/step',
  /** Label of a pod; annotation of the anchor of a workspace, as it is. */
  execution: 'sluice.dev/execution',
  /** Of a pod, its claim; of an anchor and a claim, that they are those of a workspace. */
  workspace: 'sluice.dev/workspace',
  /** Annotation: digest of what the pod was made for. */
  digest: 'sluice.dev/digest',
  /** Annotation: changed to have the kubelet look at the pod again. */
  sealed: 'sluice.dev/sealed',
  /** Finalizer: the pod stays until its end was read. */
  finalizer: 'sluice.dev/result',
} as const
export const managedByValue = 'sluice'

const hash = (text: string): string => createHash('sha256').update(text).digest('hex')

/** A DNS label of at most 55 characters; text that is none gets a digest, so that no two attempts share a name. */
export function objectName(attempt: string, fence: string): string {
  const plain = /^[a-z0-9][a-z0-9-]{0,39}$/.test(attempt)
  const readable = attempt
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 24)
  const own = plain ? attempt : `${readable}${readable === '' ? '' : '-'}${hash(attempt).slice(0, 10)}`
  return `sluice-${own}-${/^\d{1,8}$/.test(fence) ? fence : hash(fence).slice(0, 8)}`.replace(/-+/g, '-')
}

/** Of the claim that the steps of a group share in one execution, and of its anchor. */
export const workspaceName = (execution: string, group: string): string =>
  `sluice-workspace-${hash(`${execution}\0${group}`).slice(0, 20)}`

/** As the value of a label: at most 63 characters of a small alphabet. */
export function labelValue(text: string): string {
  if (/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/.test(text)) return text
  return hash(text).slice(0, 40)
}
