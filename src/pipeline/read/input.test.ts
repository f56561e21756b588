import { describe, expect, test } from 'vitest'
import { isDatabaseWork } from '../document.ts'
import { nodeOf } from '../graph.ts'
import { readPipeline, type StartInputs } from './pipeline.ts'

const yaml = `pipeline:
  identifier: p
  name: P
  variables:
    - { name: env, type: String, value: "<+input>.allowedValues(dev,prod).default(dev)" }
    - { name: regions, type: String, value: "<+input>.selectManyFrom(eu,us,ap)" }
  stages:
    - parallel:
        - stage:
            identifier: one
            name: One
            type: Custom
            timeout: <+input>.default(10m)
            delegateSelectors: <+input>.default(any)
            spec:
              execution:
                steps:
                  - step:
                      identifier: apply
                      name: Apply
                      type: DBSchemaRollback
                      when: { stageStatus: Success, condition: <+input> }
                      spec:
                        dbSchema: s
                        dbInstance: <+pipeline.variables.env>
                        changeSetCount: <+input>.regex([1-9])
`
const place = 'stages.one.spec.execution.steps.apply'
const set = (text: string) => ({ file: 'set.yaml', source: `inputSet: { identifier: i, name: I, pipeline: ${text} }` })
const all = set(
  '{ identifier: p, variables: [{ name: env, value: prod }, { name: regions, value: "eu,us" }], stages: [{ stage: { identifier: one, type: Custom, delegateSelectors: [fast, near], spec: { execution: { steps: [{ step: { identifier: apply, spec: { changeSetCount: 2 } } }] } } } }] }',
)
const start = (more: Partial<StartInputs> = {}): StartInputs => ({
  sets: [all],
  typed: { [`${place}.when.condition`]: 'true' },
  ...more,
})
const told = (inputs?: StartInputs) =>
  readPipeline(yaml, 'p.yaml', inputs).diagnostics.map(
    ({ span, message }) => `${span?.file}:${span?.line}:${span?.column} ${message}`,
  )

test('at save inputs may be open, and the pipeline tells what it asks for', () => {
  const { pipeline, diagnostics, inputs } = readPipeline(yaml)
  expect(diagnostics).toEqual([])
  expect(pipeline).toBeDefined()
  expect(inputs).toEqual([
    { path: 'variables.env.value', line: 5, allowed: ['dev', 'prod'], default: 'dev' },
    { path: 'variables.regions.value', line: 6, allowed: ['eu', 'us', 'ap'], many: true },
    { path: 'stages.one.timeout', line: 13, default: '10m' },
    { path: 'stages.one.delegateSelectors', line: 14, default: 'any' },
    { path: `${place}.when.condition`, line: 22 },
    { path: `${place}.spec.changeSetCount`, line: 26, pattern: '[1-9]' },
  ])
})

describe('at the start', () => {
  test('values come from sets, from what was typed, and from defaults', () => {
    const { pipeline, diagnostics } = readPipeline(yaml, 'p.yaml', start())
    expect(diagnostics).toEqual([])
    const stage = pipeline?.document.stages[0]?.[0]
    expect(stage).toMatchObject({ timeoutSeconds: 600, delegateSelectors: ['fast', 'near'] })
    expect(pipeline?.document.variables.map(({ value }) => value)).toEqual(['prod', 'eu,us'])
    const node = pipeline && nodeOf(pipeline.graph, 'one.apply')
    expect(node?.kind === 'step' && isDatabaseWork(node.work) && node.work).toMatchObject({ changeSetCount: 2 })
    expect(node?.when).toEqual({ on: 'Success' })
  })
  test('later sets win over earlier ones, and what is typed over all', () => {
    const later = set('{ variables: [{ name: env, value: dev }] }')
    const values = (inputs: StartInputs) => readPipeline(yaml, 'p.yaml', inputs).pipeline?.document.variables[0]?.value
    expect(values(start({ sets: [all, later] }))).toBe('dev')
    expect(values(start({ sets: [later, all] }))).toBe('prod')
    const typed = { ...start().typed, 'variables.env.value': 'dev' }
    expect(values(start({ typed }))).toBe('dev')
  })
  test('what is missing, not allowed or no input is refused at its place', () => {
    expect(told({ sets: [], typed: {} })).toEqual([
      'p.yaml:6:45 The input variables.regions.value was not given and has no default.',
      'p.yaml:22:64 The input stages.one.spec.execution.steps.apply.when.condition was not given and has no default.',
      'p.yaml:26:41 The input stages.one.spec.execution.steps.apply.spec.changeSetCount was not given and has no default.',
      'p.yaml:14:32 `delegateSelectors` of stage one must be a list.',
    ])
    const wrong = { 'variables.env.value': 'test', 'variables.regions.value': 'eu,moon', 'variables.x.value': '1' }
    const found = told(start({ typed: { ...start().typed, ...wrong, [`${place}.spec.changeSetCount`]: '12' } }))
    expect(found).toEqual([
      'p.yaml:5:41 The input variables.env.value cannot be `test`: allowed are dev, prod.',
      'p.yaml:6:45 The input variables.regions.value cannot be `moon`: allowed are eu, us, ap.',
      `p.yaml:26:41 The input ${place}.spec.changeSetCount cannot be \`12\`: it does not match [1-9].`,
      'p.yaml:1:1 The pipeline has no input variables.x.value.',
    ])
    const other = set('{ identifier: p, variables: [{ name: env, value: dev }, { name: other, value: x }] }')
    expect(told(start({ sets: [all, other] }))).toEqual([
      'set.yaml:1:125 variables.other.value is not an input of the pipeline.',
    ])
  })
  test('what an input says is read like the document itself', () => {
    const typed = {
      ...start().typed,
      [`${place}.when.condition`]: '<+pipeline.variables.env> ==',
      'stages.one.timeout': '5s',
    }
    expect(told(start({ typed }))).toEqual([
      expect.stringContaining('p.yaml:13:22 `timeout` of stage one is not a duration.'),
      expect.stringContaining('p.yaml:22:64 The condition cannot be understood: it ends early.'),
    ])
  })
})
