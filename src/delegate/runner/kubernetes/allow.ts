// Holds what a pipeline says of its pod against what the administrator allows.
import { isScriptWork } from '#contract/delegate/program-work'
import type { PodSettings } from '#contract/delegate/pod-settings'
import { changelogScriptOf, type StepSpec } from '#contract/delegate/step-spec'
import type { KubernetesSettings } from './settings.ts'

type Allow = KubernetesSettings['allow']

const binary = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 } as const
const decimal = { m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12 } as const

/** Bytes or cores; undefined for what is no quantity. */
export function quantity(text: string): number | undefined {
  const found = /^(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(text)
  if (!found) return undefined
  const unit = found[2] ?? ''
  const factor = unit in binary ? binary[unit as keyof typeof binary] : decimal[unit as keyof typeof decimal]
  return Number(found[1]) * factor
}

const permits = (list: readonly string[], name: string): boolean => list.includes('*') || list.includes(name)

/** An image by its whole name, or by how it begins. */
const permitsImage = (list: readonly string[], image: string): boolean =>
  list.some((one) =>
    one.endsWith('*')
      ? image.startsWith(one.slice(0, -1))
      : one === image || (/[/:]$/.test(one) && image.startsWith(one)),
  )

/** Folders that the pod has for itself. */
const reserved = [
  '/sluice',
  '/workspace',
  '/harness',
  '/tmp',
  '/dev',
  '/proc',
  '/sys',
  '/etc',
  '/usr',
  '/lib',
  '/bin',
  '/var/run/secrets',
]

function mountProblem(path: string): string | undefined {
  if (!path.startsWith('/') || path === '/' || path.includes('..') || path.includes(':'))
    return `the folder ${path} is not an absolute path`
  const taken = reserved.find((folder) => path === folder || path.startsWith(`${folder}/`))
  return taken === undefined ? undefined : `the folder ${path} belongs to the pod itself`
}

function volumeProblems(settings: PodSettings, allow: Allow): string[] {
  return (settings.volumes ?? []).flatMap((volume) => {
    const mount = mountProblem(volume.mountPath)
    if (mount !== undefined) return [mount]
    switch (volume.type) {
      case 'EmptyDir':
        return []
      case 'PersistentVolumeClaim':
        return permits(allow.claims, volume.claimName) ? [] : [`the claim ${volume.claimName} (allow.claims)`]
      case 'ConfigMap':
        return permits(allow.configMaps, volume.name) ? [] : [`the ConfigMap ${volume.name} (allow.configMaps)`]
      case 'Secret':
        break
    }
    return permits(allow.secrets, volume.name) ? [] : [`the Secret ${volume.name} (allow.secrets)`]
  })
}

const overBy = (asked: string | undefined, most: string): boolean =>
  asked !== undefined && (quantity(asked) ?? Number.POSITIVE_INFINITY) > (quantity(most) ?? 0)

/** Images and shared folders of a step that are not allowed, as `forbidden` has it. */
export function forbiddenImages(spec: Pick<StepSpec, 'images' | 'work' | 'workspace'>, allow: Allow): string[] {
  const { images, workspace } = spec
  const own = isScriptWork(spec.work) ? spec.work.image : undefined
  const named = [images?.step, images?.source, changelogScriptOf(spec)?.image, own]
  const refused = named.filter((image) => image !== undefined).filter((image) => !permitsImage(allow.images, image))
  const paths = (workspace?.paths ?? []).map(mountProblem).filter((problem) => problem !== undefined)
  return [...new Set([...refused.map((image) => `the image ${image} (allow.images)`), ...paths])]
}

/** What is not allowed, each in words with the setting that would allow it. */
export function forbidden(settings: PodSettings, allow: Allow, own: { readonly namespace: string }): string[] {
  const { namespace, serviceAccountName, priorityClassName, memory, cpu, tolerations = [] } = settings
  const keys = (
    given: Readonly<Record<string, string>> | undefined,
    list: keyof Allow & ('labels' | 'annotations' | 'nodeSelector'),
  ): string[] =>
    Object.keys(given ?? {})
      .filter((key) => !permits(allow[list], key) || key.startsWith('sluice.dev/'))
      .map((key) => `${list} ${key} (allow.${list})`)
  const one = (value: string | undefined, list: readonly string[], what: string, setting: string): string[] =>
    value === undefined || permits(list, value) ? [] : [`${what} ${value} (allow.${setting})`]
  return [
    ...(namespace === own.namespace ? [] : one(namespace, allow.namespaces, 'namespace', 'namespaces')),
    ...one(serviceAccountName, allow.serviceAccounts, 'service account', 'serviceAccounts'),
    ...one(priorityClassName, allow.priorityClasses, 'priority class', 'priorityClasses'),
    ...keys(settings.labels, 'labels'),
    ...keys(settings.annotations, 'annotations'),
    ...keys(settings.nodeSelector, 'nodeSelector'),
    ...tolerations
      .filter(({ key }) => !permits(allow.tolerations, key ?? '*'))
      .map(({ key }) => `toleration ${key ?? 'of everything'} (allow.tolerations)`),
    ...(settings.automountServiceAccountToken && !allow.serviceAccountToken
      ? ['a mounted service account token (allow.serviceAccountToken)']
      : []),
    ...(settings.runAsUser !== undefined && !allow.runAsUser ? ['another user (allow.runAsUser)'] : []),
    ...(settings.runAsUser !== undefined && settings.runAsUser < 1000 ? ['a user below 1000'] : []),
    ...(overBy(memory, allow.memory) ? [`${memory} of memory, more than ${allow.memory} (allow.memory)`] : []),
    ...(overBy(cpu, allow.cpu) ? [`${cpu} processors, more than ${allow.cpu} (allow.cpu)`] : []),
    ...volumeProblems(settings, allow),
  ]
}
