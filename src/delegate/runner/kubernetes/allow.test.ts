// What pipelines may ask of their pods.
import { describe, expect, test } from 'vitest'
import { forbidden, quantity } from './allow.ts'
import { readKubernetesSettings } from './settings.ts'

const settings = (allow: object) => readKubernetesSettings({ images: { step: 'a', source: 'b' }, allow }, 'test').allow
const own = { namespace: 'steps' }

describe('what a pipeline asks', () => {
  test('is nothing that an administrator did not name', () => {
    const asked = {
      namespace: 'kube-system',
      serviceAccountName: 'admin',
      priorityClassName: 'system-node-critical',
      labels: { a: 'b' },
      nodeSelector: { a: 'b' },
      tolerations: [{ operator: 'Exists' as const }],
      automountServiceAccountToken: true,
      memory: '64Gi',
      cpu: '64',
      volumes: [{ type: 'Secret' as const, mountPath: '/s', name: 'root' }],
    }
    const problems = forbidden(asked, settings({}), own)
    expect(problems).toHaveLength(10)
    expect(problems.join('\n')).toContain('allow.namespaces')
  })
  test('is what the administrator named', () => {
    const allow = settings({ namespaces: ['team-a'], labels: ['team'], secrets: ['ca'], memory: '4Gi' })
    const volumes = [{ type: 'Secret' as const, mountPath: '/ca', name: 'ca' }]
    const asked = { namespace: 'team-a', labels: { team: 'a' }, memory: '4096Mi', volumes }
    expect(forbidden(asked, allow, own)).toEqual([])
  })
  test.each(['/sluice/document', '/tmp', 'relative', '/a/../sluice', '/'])('never a mount at %s', (mountPath) => {
    const problems = forbidden({ volumes: [{ type: 'EmptyDir', mountPath }] }, settings({}), own)
    expect(problems).toHaveLength(1)
  })
  test('never our own marks', () => {
    expect(forbidden({ labels: { 'sluice.dev/fence': '9' } }, settings({ labels: ['*'] }), own)).toHaveLength(1)
  })
})

test('quantities of Kubernetes', () => {
  expect(['500m', '1', '256Mi', '1.5Gi', '2M', 'x'].map(quantity)).toEqual([
    0.5,
    1,
    2 ** 28,
    1.5 * 2 ** 30,
    2e6,
    undefined,
  ])
})
