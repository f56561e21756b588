// What an attempt's containers are told, as Secrets: each immutable, owned by the anchor, gone as soon as the step runs.
import { sealBox } from '#contract/delegate/seal'
import { podFiles, podPaths, preparedSchema, type SourceDocument } from '#contract/delegate/pod-folder'
import type { StepDocument } from '#contract/delegate/step-document'
import { sourceOf, sourceReferences, targetReferences } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import { documentSecret } from './pod.ts'

export interface Documents {
  readonly source: SourceDocument
  readonly step: StepDocument
}

/** Source credentials go to the container that fetches and to no other. One that is missing is told by whoever needs it. */
export function documentsOf(document: StepDocument, managerUrl: string | undefined): Documents {
  const { spec } = document
  const only = (references: readonly string[]): Pick<StepDocument, 'secrets' | 'files'> => {
    const pick = (from: Readonly<Record<string, string>>): Record<string, string> =>
      Object.fromEntries(Object.entries(from).filter(([reference]) => references.includes(reference)))
    return { secrets: pick(document.secrets), files: pick(document.files) }
  }
  return {
    source: { source: sourceOf(spec), ...only(sourceReferences(spec)) },
    step: {
      ...document,
      ...only(targetReferences(spec)),
      managerUrl: managerUrl ?? document.managerUrl,
      folder: podPaths.work,
    },
  }
}

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64')

function secretObject(
  name: string,
  labels: unknown,
  owner: unknown,
  type: string,
  data: Record<string, string>,
): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, labels, ownerReferences: [owner] },
    type,
    immutable: true,
    data,
  }
}

/** A Secret holds at most a mebibyte. */
const secretLimit = 1_000_000

function sized(text: string): string {
  if (Buffer.byteLength(text) <= secretLimit) return text
  throw new Fault('too-large', 'What the step is told does not fit into a Secret of Kubernetes (1 MiB).')
}

export interface SecretPlace {
  /** Of the pod. */
  readonly name: string
  readonly labels: unknown
  readonly owner: unknown
}

export function plainSecrets({ source, step }: Documents, { name, labels, owner }: SecretPlace): unknown[] {
  const make = (task: 'source' | 'step', document: unknown): unknown =>
    secretObject(documentSecret(name, task), labels, owner, 'Opaque', {
      [podFiles.document]: base64(sized(JSON.stringify(document))),
    })
  return [make('source', source), make('step', step)]
}

/** `prepared`: what the pod said of its keys. Each box is good for this attempt, fence and container only. */
export function sealedSecrets(
  { source, step }: Documents,
  { name, labels, owner }: SecretPlace,
  prepared: string,
): unknown[] {
  const keys = preparedSchema.parse(JSON.parse(prepared))
  const { spec, fence } = step
  const make = (task: 'source' | 'step', document: unknown): unknown => {
    const box = sealBox(keys[task], sized(JSON.stringify(document)), {
      attempt: spec.attempt,
      fence,
      ref: `pod:${task}`,
    })
    return secretObject(documentSecret(name, task), labels, owner, 'Opaque', { [podFiles.sealed]: base64(box) })
  }
  return [make('source', source), make('step', step)]
}

/** From a file as Docker writes it: `{"auths": …}`, or the older form without that. */
export function registrySecret(credentials: string, { name, labels, owner }: SecretPlace): unknown {
  const isNew = Object.hasOwn(JSON.parse(credentials) as object, 'auths')
  return secretObject(
    registrySecretName(name),
    labels,
    owner,
    isNew ? 'kubernetes.io/dockerconfigjson' : 'kubernetes.io/dockercfg',
    { [isNew ? '.dockerconfigjson' : '.dockercfg']: base64(credentials) },
  )
}

export const registrySecretName = (name: string): string => `${name}-registry`
