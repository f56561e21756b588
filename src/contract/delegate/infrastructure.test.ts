// `stepGroupInfra` as pipelines write it.
import { describe, expect, test } from 'vitest'
import { readInfrastructure } from './infrastructure.ts'

const direct = (spec: object) => readInfrastructure({ type: 'KubernetesDirect', spec })
const complaints = (spec: object): string =>
  direct(spec)
    .diagnostics.map(({ message }) => message)
    .join('\n')

describe('stepGroupInfra', () => {
  test('is honoured field by field', () => {
    const { settings, diagnostics } = direct({
      connectorRef: 'account.cluster',
      namespace: 'team-a',
      serviceAccountName: 'reader',
      automountServiceAccountToken: false,
      labels: { team: 'a' },
      annotations: { 'sidecar.istio.io/inject': 'false' },
      nodeSelector: { disk: 'ssd' },
      tolerations: [{ key: 'db', operator: 'Exists', effect: 'NoSchedule' }],
      priorityClassName: 'high',
      runAsUser: '2000',
      containerSecurityContext: { runAsNonRoot: true, capabilities: { drop: ['ALL'] }, runAsGroup: 3000 },
      initTimeout: '1h 30m',
      os: 'Linux',
      resources: { limits: { memory: '512Mi', cpu: 1 } },
      volumes: [
        { type: 'EmptyDir', mountPath: '/cache', spec: { medium: 'Memory', size: '64Mi' } },
        { type: 'PersistentVolumeClaim', mountPath: '/claim', spec: { claimName: 'c', readOnly: true } },
        { type: 'ConfigMap', mountPath: '/config', spec: { name: 'm' } },
        { type: 'Secret', mountPath: '/secret', spec: { name: 's' } },
      ],
    })
    expect(diagnostics).toEqual([])
    expect(settings).toMatchObject({
      namespace: 'team-a',
      runAsUser: 2000,
      runAsGroup: 3000,
      initTimeoutSeconds: 5400,
      memory: '512Mi',
      cpu: '1',
      volumes: [{ medium: 'Memory', size: '64Mi' }, { claimName: 'c', readOnly: true }, { name: 'm' }, { name: 's' }],
    })
  })
  test.each([
    [{ os: 'Windows' }, 'steps run on Linux'],
    [{ containerSecurityContext: { privileged: true } }, 'is always false'],
    [{ containerSecurityContext: { capabilities: { add: ['NET_ADMIN'] } } }, 'no capabilities'],
    [{ volumes: [{ type: 'HostPath', mountPath: '/x', spec: { path: '/' } }] }, 'folder of the node'],
    [{ hostNetwork: true }, 'is no field'],
    [{ runAsUser: '0' }, 'runAsUser'],
    [{ resources: { limits: { memory: 'much' } } }, 'no quantity'],
    [{ initTimeout: 'soon' }, 'initTimeoutSeconds'],
    [{ namespace: '../x' }, 'namespace'],
  ])('%j is refused with a reason', (spec, words) => {
    expect(direct(spec).settings).toBeUndefined()
    expect(complaints(spec)).toContain(words)
  })
  test('empty fields of a form mean nothing', () => {
    expect(direct({ connectorRef: 'c', namespace: '', priorityClassName: '' })).toEqual({
      settings: { connectorRef: 'c' },
      diagnostics: [],
    })
  })
  test('none at all, and Delegate, leave it to the administrator; other kinds are refused', () => {
    expect(readInfrastructure(undefined)).toEqual({ settings: undefined, diagnostics: [] })
    expect(readInfrastructure({ type: 'Delegate' }).diagnostics).toEqual([])
    expect(readInfrastructure({ type: 'ECSDirect', spec: {} }).diagnostics[0]?.message).toContain('ECSDirect')
  })
})
