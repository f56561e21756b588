// Reads `stepGroupInfra` as pipelines of the original product write it. Each field is honoured or refused with a reason; none
// is silently dropped.
import { type Diagnostic } from '../diagnostic.ts'
import { type PodSettings, podSettingsSchema } from './pod-settings.ts'

export interface Infrastructure {
  /** Undefined: as the administrator of the delegate has it. */
  readonly settings: PodSettings | undefined
  readonly diagnostics: readonly Diagnostic[]
}

type Fields = Readonly<Record<string, unknown>>
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

class Findings {
  readonly found: Diagnostic[] = []
  refuse(path: string, message: string, fix: string): void {
    this.found.push({ code: 'infrastructure-not-offered', severity: 'error', message: `${path}: ${message}`, fix })
  }
}

/** Given as a number, or as text, as forms of the original product send it. */
function number(value: unknown): unknown {
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
}
function boolean(value: unknown): unknown {
  return value === 'true' ? true : value === 'false' ? false : value
}

/** `10m`, `1h30m`, `90s`, `2d`: seconds. */
function seconds(text: unknown): unknown {
  if (typeof text !== 'string') return text
  const units = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const
  const parts = [...text.replaceAll(' ', '').matchAll(/(\d+)([smhdw])/g)]
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text.replaceAll(' ', '')) return text
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * units[unit as keyof typeof units], 0)
}

/** What a pod of ours already is; anything that would make it weaker is refused. */
function readSecurity(value: unknown, findings: Findings): Partial<PodSettings> {
  if (value === undefined) return {}
  const path = 'stepGroupInfra.spec.containerSecurityContext'
  if (!isFields(value)) {
    findings.refuse(path, 'must be an object', 'Write it as a map, or leave it out.')
    return {}
  }
  const always: Fields = {
    allowPrivilegeEscalation: false,
    privileged: false,
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
  }
  for (const [key, wanted] of Object.entries(value)) {
    if (key === 'runAsUser' || key === 'runAsGroup') continue
    if (key in always) {
      if (boolean(wanted) !== always[key])
        findings.refuse(`${path}.${key}`, `is always ${String(always[key])} in pods of Sluice`, 'Leave it out.')
    } else if (key === 'capabilities') checkCapabilities(wanted, `${path}.capabilities`, findings)
    else if (key === 'procMount' && wanted === 'Default') continue
    else findings.refuse(`${path}.${key}`, 'is not offered', 'Leave it out.')
  }
  const { runAsUser, runAsGroup } = value
  return {
    ...(runAsUser === undefined ? {} : { runAsUser: number(runAsUser) as number }),
    ...(runAsGroup === undefined ? {} : { runAsGroup: number(runAsGroup) as number }),
  }
}

function checkCapabilities(value: unknown, path: string, findings: Findings): void {
  const added = isFields(value) ? value['add'] : value
  if (isFields(value) && (added === undefined || (Array.isArray(added) && added.length === 0))) return
  findings.refuse(path, 'containers of Sluice have no capabilities', 'Leave out `add`; all are dropped anyway.')
}

function readVolume(value: unknown, path: string, findings: Findings): unknown {
  if (!isFields(value)) return value
  const { type, mountPath } = value
  const spec = isFields(value['spec']) ? value['spec'] : {}
  switch (type) {
    case 'HostPath':
      findings.refuse(path, 'a folder of the node would give the step the node', 'Use an EmptyDir or a claim.')
      return undefined
    case 'EmptyDir':
      return {
        type,
        mountPath,
        ...(spec['medium'] === 'Memory' ? { medium: 'Memory' } : {}),
        ...(spec['size'] === undefined || spec['size'] === '' ? {} : { size: spec['size'] }),
      }
    case 'PersistentVolumeClaim':
      return { type, mountPath, claimName: spec['claimName'], readOnly: boolean(spec['readOnly'] ?? false) }
    case 'ConfigMap':
      return { type, mountPath, name: spec['name'] }
    case 'Secret':
      return { type, mountPath, name: spec['name'] }
    default:
      findings.refuse(path, `there is no volume of type ${String(type)}`, 'Use EmptyDir, ConfigMap, Secret or a claim.')
      return undefined
  }
}

/** Taken over as they are; the schema says what may stand in them. */
const plain = [
  'connectorRef',
  'namespace',
  'serviceAccountName',
  'labels',
  'annotations',
  'nodeSelector',
  'tolerations',
  'priorityClassName',
] as const
const known = new Set<string>([
  ...plain,
  'automountServiceAccountToken',
  'containerSecurityContext',
  'runAsUser',
  'initTimeout',
  'os',
  'resources',
  'volumes',
  // Where its images come from is the image configuration's business.
  'harnessImageConnectorRef',
])

function readSpec(spec: Fields, findings: Findings): Fields {
  const path = 'stepGroupInfra.spec'
  for (const key of Object.keys(spec))
    if (!known.has(key)) findings.refuse(`${path}.${key}`, 'is no field of KubernetesDirect', 'Remove it.')
  if (spec['os'] !== undefined && spec['os'] !== 'Linux')
    findings.refuse(
      `${path}.os`,
      `steps run on Linux, not on ${JSON.stringify(spec['os'])}`,
      'Use Linux, or leave it out.',
    )
  const limits = isFields(spec['resources']) && isFields(spec['resources']['limits']) ? spec['resources']['limits'] : {}
  const volumes = Array.isArray(spec['volumes']) ? (spec['volumes'] as readonly unknown[]) : undefined
  const given: Record<string, unknown> = {
    ...Object.fromEntries(plain.map((key) => [key, spec[key]])),
    automountServiceAccountToken: boolean(spec['automountServiceAccountToken']),
    ...readSecurity(spec['containerSecurityContext'], findings),
    ...(spec['runAsUser'] === undefined ? {} : { runAsUser: number(spec['runAsUser']) }),
    initTimeoutSeconds: seconds(spec['initTimeout']),
    memory: limits['memory'],
    cpu: typeof limits['cpu'] === 'number' ? String(limits['cpu']) : limits['cpu'],
    volumes: volumes
      ?.map((one, index) => readVolume(one, `${path}.volumes[${index}]`, findings))
      .filter((one) => one !== undefined),
  }
  // Empty text is how forms say "not given".
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== ''))
}

/** The value of `stepGroupInfra`; undefined where a step group has none. */
export function readInfrastructure(value: unknown): Infrastructure {
  const findings = new Findings()
  if (value === undefined || value === null) return { settings: undefined, diagnostics: [] }
  if (!isFields(value)) {
    findings.refuse('stepGroupInfra', 'must be an object', 'Write type and spec.')
    return { settings: undefined, diagnostics: findings.found }
  }
  const type = value['type']
  if (type === 'Noop' || type === 'Delegate') return { settings: undefined, diagnostics: [] }
  if (type !== 'KubernetesDirect') {
    findings.refuse('stepGroupInfra.type', `${String(type)} is not offered`, 'Use KubernetesDirect or Delegate.')
    return { settings: undefined, diagnostics: findings.found }
  }
  const parsed = podSettingsSchema.safeParse(readSpec(isFields(value['spec']) ? value['spec'] : {}, findings))
  if (!parsed.success)
    for (const issue of parsed.error.issues)
      findings.refuse(`stepGroupInfra.spec.${issue.path.join('.')}`, issue.message, 'Correct the value.')
  const settings = parsed.success && findings.found.length === 0 ? parsed.data : undefined
  return { settings, diagnostics: findings.found }
}
