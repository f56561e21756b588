// What stands in deploy/ agrees with the program: the Role has the verbs that the delegate uses, the settings are ones that it takes.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { neededVerbs } from '#delegate/runner/kubernetes/permission'
import { readKubernetesSettings } from '#delegate/runner/kubernetes/settings'
import { readDockerfile } from '../cluster/dockerfile.ts'

interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}
const manifest = readFileSync('deploy/kubernetes/delegate.yaml', 'utf8')
const chart = readFileSync('deploy/helm/sluice/templates/steps.yaml', 'utf8')

/** Rules are written one a line in both files, so that the chart can be read without Helm. */
const rulesIn = (text: string): Rule[] =>
  [...text.matchAll(/^\s+- (\{apiGroups: .*\})$/gm)].map(([, rule]) => parse(rule ?? '') as Rule)
const verbsOf = (rules: readonly Rule[]): string[] =>
  rules
    .flatMap(({ apiGroups, resources, verbs }) =>
      verbs.map((verb) => `${verb} ${resources.join()} ${apiGroups.join()}`),
    )
    .toSorted()

describe('deploy/', () => {
  test.each([
    ['the manifest', manifest],
    ['the chart', chart],
  ])('%s grants exactly what the delegate uses', (_, text) => {
    const used = neededVerbs.map(({ verb, resource, group }) => `${verb} ${resource} ${group}`)
    expect(verbsOf(rulesIn(text))).toEqual(used.toSorted())
  })
  test('the manifest is YAML, and its settings are read by the delegate', () => {
    const documents = parseAllDocuments(manifest).map((document) => document.toJS() as Record<string, unknown>)
    const settings = documents.find(({ kind }) => kind === 'ConfigMap')?.['data'] as Record<string, string>
    const read = readKubernetesSettings(parse(settings['kubernetes.yaml'] ?? ''), 'the manifest')
    expect(read.namespace).toBe('sluice-steps')
  })
  test('the settings of the chart and of the page are read by the delegate', () => {
    const values = parse(readFileSync('deploy/helm/sluice/values.yaml', 'utf8')) as { steps: { settings: object } }
    const images = { step: 'a', source: 'b' }
    expect(() => readKubernetesSettings({ images, ...values.steps.settings }, 'the chart')).not.toThrow()
    const page = readFileSync('docs/operate/kubernetes.md', 'utf8')
    const [, example = ''] = /```yaml\n(namespace: [^`]*)```/.exec(page) ?? []
    expect(readKubernetesSettings(parse(example), 'the page').times.init).toBe(600)
  })
  test('images run as a user that is not root', () => {
    const stages = readDockerfile(readFileSync('deploy/images/Dockerfile', 'utf8'))
    for (const name of ['base', 'source']) {
      const users = stages.find((stage) => stage.name === name)?.instructions.filter(({ type }) => type === 'user')
      expect(users?.at(-1)).toMatchObject({ value: '10001:10001' })
    }
  })
})
