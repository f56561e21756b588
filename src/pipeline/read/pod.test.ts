// `stepGroupInfra`: what a step group asks of the pods of its steps.
import { expect, test } from 'vitest'
import { formatDiagnostic } from '#contract/diagnostic'
import { readPipeline } from './pipeline.ts'

const step = (id: string) =>
  `{ step: { identifier: ${id}, name: S, type: DBSchemaUpdateSQL, spec: { dbSchema: shop, dbInstance: dev } } }`
const group = (id: string, infra: string, steps: string) =>
  `{ stepGroup: { identifier: ${id}, name: G${infra}, steps: [${steps}] } }`
const pipeline = (steps: string) => `pipeline:
  identifier: p
  name: P
  stages:
    - stage: { identifier: s, name: S, type: Custom, spec: { execution: { steps: [${steps}] } } }
`
const kubernetes = (spec: string) => `, stepGroupInfra: { type: KubernetesDirect, spec: { ${spec} } }`

function podsOf(steps: string): Record<string, unknown> {
  const { pipeline: read, diagnostics } = readPipeline(pipeline(steps), 'p.yaml')
  expect(diagnostics.filter(({ severity }) => severity === 'error').map(formatDiagnostic)).toEqual([])
  if (!read) throw new Error('It is not valid.')
  const nodes = [...read.graph.nodes.values()]
  return Object.fromEntries(nodes.flatMap((node) => (node.kind === 'step' ? [[node.identifier, node.pod]] : [])))
}

test('a step has it from the nearest group that says it', () => {
  const inner = group('inner', kubernetes('namespace: inner'), step('c'))
  const plain = group('plain', '', step('d'))
  const outer = group(
    'outer',
    kubernetes('namespace: outer, resources: { limits: { memory: 1Gi } }'),
    `${step('b')}, ${inner}, ${plain}`,
  )
  expect(podsOf(`${step('a')}, ${outer}`)).toEqual({
    a: undefined,
    b: { namespace: 'outer', memory: '1Gi' },
    c: { namespace: 'inner' },
    d: { namespace: 'outer', memory: '1Gi' },
  })
})

test('a step says of its own container what its group does not', () => {
  const own = step('a').replace(
    'dbInstance: dev',
    'dbInstance: dev, runAsUser: 2000, resources: { limits: { memory: 2Gi } }',
  )
  const outer = group(
    'g',
    kubernetes('namespace: n, resources: { limits: { memory: 1Gi, cpu: 1 } }'),
    `${own}, ${step('b')}`,
  )
  const alone = step('c').replace(
    'dbInstance: dev',
    'dbInstance: dev, resources: { limits: { cpu: 500m } }, privileged: false',
  )
  expect(podsOf(`${outer}, ${alone}`)).toEqual({
    a: { namespace: 'n', memory: '2Gi', cpu: '1', runAsUser: 2000 },
    b: { namespace: 'n', memory: '1Gi', cpu: '1' },
    c: { cpu: '500m' },
  })
})

test('what is not offered is refused where it stands', () => {
  const volumes = kubernetes('volumes: [{ type: HostPath, mountPath: /node, spec: { path: / } }]')
  const asked = step('a').replace(
    'dbInstance: dev',
    'dbInstance: dev, privileged: true, resources: { limits: { memory: much } }',
  )
  const { diagnostics } = readPipeline(pipeline(group('g', volumes, asked)), 'p.yaml')
  expect(diagnostics.filter(({ severity }) => severity === 'error').map(formatDiagnostic)).toEqual([
    expect.stringMatching(
      /^p\.yaml:5:\d+ error pipeline\/infrastructure-not-offered: stepGroupInfra\.spec\.volumes\[0\]: a folder of the node/,
    ),
    expect.stringMatching(/^p\.yaml:5:\d+ error pipeline\/not-offered: .*cannot be privileged/),
    expect.stringMatching(/^p\.yaml:5:\d+ error pipeline\/wrong-value: `memory` .*is no quantity/),
  ])
})
