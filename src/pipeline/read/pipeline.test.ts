import { formatDiagnostic } from '#contract/diagnostic'
import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readPipeline } from './pipeline.ts'

const example = readFileSync(new URL('../../../examples/pipelines/release_shop.yaml', import.meta.url), 'utf8')

/** A small right document; the tests break one line of it. */
const small = `pipeline:
  identifier: p
  name: P
  variables:
    - name: env
      type: String
      value: dev
  stages:
    - stage:
        identifier: dev
        name: Dev
        type: Custom
        spec:
          execution:
            steps:
              - step:
                  identifier: preview
                  name: Preview
                  type: DBSchemaUpdateSQL
                  timeout: 10m
                  spec:
                    dbSchema: shop
                    dbInstance: shop_dev
              - step:
                  identifier: apply
                  name: Apply
                  type: DBSchemaApply
                  timeout: 10m
                  when:
                    stageStatus: Success
                    condition: <+pipeline.variables.env> == "dev"
                  spec:
                    dbSchema: shop
                    dbInstance: shop_<+pipeline.variables.env>
                    tag: v<+pipeline.sequenceId>
            rollbackSteps:
              - step:
                  identifier: undo
                  name: Undo
                  type: DBSchemaRollback
                  spec:
                    dbSchema: shop
                    dbInstance: shop_dev
                    tag: <+steps.apply.output.preStartTag>
        failureStrategies:
          - onFailure:
              errors: [AllErrors]
              action:
                type: StageRollback
`
/** `line:column code`, for the errors and warnings of the document after the replacement. */
function findings(from: string, to: string): readonly string[] {
  if (!small.includes(from)) throw new Error(`The document has no ${from}.`)
  return readPipeline(small.replace(from, to))
    .diagnostics.filter((finding) => finding.severity !== 'info')
    .map(({ span, code, message }) => `${span?.line}:${span?.column} ${code.replace('pipeline/', '')} ${message}`)
}

describe('a right document', () => {
  test('the example reads without any finding', () => {
    const { pipeline, diagnostics } = readPipeline(example)
    expect(diagnostics.map(formatDiagnostic)).toEqual([])
    expect(pipeline?.graph.order.filter((id) => id.startsWith('prod'))).toEqual([
      'prod',
      'prod.deploy',
      'prod.deploy.apply_prod',
      'prod.rollback_prod',
    ])
  })
  test('the small one as well, typed', () => {
    const { pipeline, diagnostics } = readPipeline(small)
    expect(diagnostics).toEqual([])
    expect(pipeline?.graph.nodes.get('dev.undo')).toMatchObject({ rollback: true, timeoutSeconds: 600 })
    expect(pipeline?.graph.nodes.get('dev.apply')).toMatchObject({
      work: { type: 'DBSchemaApply', tag: 'v<+pipeline.sequenceId>' },
    })
  })
  test('what containers need is kept and said to have no effect', () => {
    const { pipeline, diagnostics } = readPipeline(
      small.replace('dbInstance: shop_dev', 'dbInstance: shop_dev\n                    connectorRef: account.images'),
    )
    expect(pipeline).toBeDefined()
    expect(diagnostics).toMatchObject([{ severity: 'info', code: 'pipeline/not-used', span: { line: 24 } }])
  })
  test('rollbackSteps without failureStrategies: the default is said', () => {
    const { diagnostics } = readPipeline(small.slice(0, small.indexOf('        failureStrategies')))
    expect(diagnostics).toMatchObject([{ severity: 'info', code: 'pipeline/default-strategy' }])
  })
  test('parallel stages and steps become one batch', () => {
    const step = (id: string) =>
      `{ step: { identifier: ${id}, name: ${id}, type: DBSchemaUpdateSQL, spec: { dbSchema: s, dbInstance: i } } }`
    const stage = (id: string, steps: string) =>
      `{ stage: { identifier: ${id}, name: ${id}, type: Custom, spec: { execution: { steps: [${steps}] } } } }`
    const { pipeline } = readPipeline(
      `pipeline: { identifier: p, name: P, stages: [{ parallel: [${stage('a', `{ parallel: [${step('x')}, ${step('y')}] }`)}, ${stage('b', step('x'))}] }] }`,
    )
    expect(pipeline?.graph.stages).toEqual([['a', 'b']])
    expect(pipeline?.graph.nodes.get('a')).toMatchObject({ steps: [['a.x', 'a.y']] })
  })
})

describe('each mistake is found at its place', () => {
  test.each<[string, string, string]>([
    ['identifier: apply', 'identifer: apply', '25:19 unknown-field `identifer` is not a field of a step.'],
    ['identifier: apply', 'identifier: app-ly', '25:31 bad-identifier `app-ly` is not an identifier.'],
    ['identifier: apply', 'identifier: preview', '25:31 duplicate-identifier'],
    ['identifier: undo', 'identifier: apply', '38:31 duplicate-identifier'],
    ['name: Apply', 'name: " Apply"', '26:25 bad-name'],
    ['                  name: Apply\n', '', '25:19 missing-field Step apply has no `name`.'],
    ['timeout: 10m', 'timeout: 5s', '20:28 bad-timeout'],
    ['timeout: 10m', 'timeout: 30w', '20:28 bad-timeout'],
    ['timeout: 10m', 'timeout: <+pipeline.variables.env>', '20:28 not-offered'],
    ['DBSchemaUpdateSQL', 'DBSchemaUpdateSql', '19:25 wrong-value `DBSchemaUpdateSql` is no step type.'],
    ['DBSchemaUpdateSQL', 'FlywayCommand', '19:25 not-offered Steps of type FlywayCommand are not offered yet.'],
    ['type: Custom', 'type: CI', '12:15 wrong-value Stages of type CI are not offered.'],
    ['type: Custom', 'type: Approval', '19:25 wrong-place DBSchemaUpdateSQL'],
    ['type: StageRollback', 'type: RetryStepGroup', '49:23 not-offered The action RetryStepGroup is not offered yet.'],
    ['type: StageRollback', 'type: Retry', '49:17 missing-field The action of onFailure of stage dev has no `spec`.'],
    ['type: StageRollback', 'type: StageRolback', '49:23 wrong-value'],
    ['[AllErrors]', '[AllErrors, Timeout]', '47:15 wrong-value AllErrors stands alone'],
    ['[AllErrors]', '[AllError]', '47:24 wrong-value `AllError` is not an error class.'],
    ['dbInstance: shop_dev', 'dbInstance: shop-dev', '23:33 bad-identifier'],
    ['dbInstance: shop_dev', 'dbInstance: [a]', '23:33 wrong-type'],
    [
      'dbInstance: shop_dev',
      'dbInstance: shop_<+input>',
      '23:33 runtime-input The input is wrong: `<+input>` stands inside',
    ],
    ['dbInstance: shop_dev', 'dbInstance: <+input>.executionInput()', '23:33 runtime-input'],
    ['dbInstance: shop_dev', 'dbInstance: <+input>.default(c).allowedValues(a,b)', '23:33 runtime-input'],
    ['dbInstance: shop_dev', 'settings: { a: b }', '23:33 not-offered'],
    ['tag: v<+pipeline.sequenceId>', 'tag: v<+pipeline.sequenceID>', '35:27 bad-expression'],
    ['tag: v<+pipeline.sequenceId>', 'tag: <+secrets.getValue("x")>', '35:26 bad-expression A secret'],
    ['tag: v<+pipeline.sequenceId>', 'markNextChangeSetRun: maybe', '35:43 wrong-type'],
    ['<+pipeline.variables.env> ==', '<+pipeline.variables.environment> ==', '31:32 bad-expression'],
    ['<+pipeline.variables.env> ==', '<+pipeline.variables.env> =', '31:58 bad-condition'],
    ['<+steps.apply.output.preStartTag>', '<+steps.aply.output.preStartTag>', '44:26 bad-expression'],
    ['<+steps.apply.output.preStartTag>', '<+steps.apply.output.startTag>', '44:26 bad-expression'],
    ['stageStatus: Success', 'pipelineStatus: Success', '30:21 unknown-field'],
    ['value: dev', 'value: *anchor', '7:14 yaml'],
    ['  stages:', '\tstages:', '8:1 yaml'],
    ['name: Apply', 'name: Apply\n                  name: Other', '27:19 yaml `name` stands twice in step apply.'],
    ['pipeline:', 'pipelin:', '1:1 unknown-field'],
  ])('%s → %s', (from, to, expected) => {
    const found = findings(from, to)
    expect(`\n${found.join('\n')}`).toContain(`\n${expected}`)
  })

  test('did you mean', () => {
    const { diagnostics } = readPipeline(small.replace('dbSchema: shop', 'dbSchma: shop'))
    expect(diagnostics.find((finding) => finding.code === 'pipeline/unknown-field')?.fix).toBe(
      'Did you mean `dbSchema`?',
    )
  })
  test('all at once, and then no document', () => {
    const { pipeline, diagnostics } = readPipeline(
      small.replace('identifier: apply', 'identifier: 1a').replace('type: Custom', 'type: Custm').replace('10m', '1'),
    )
    expect(pipeline).toBeUndefined()
    expect(diagnostics.length).toBeGreaterThanOrEqual(3)
  })
  test('a tag and a count are too much for a rollback', () => {
    expect(findings('tag: <+steps', 'changeSetCount: 1\n                    tag: <+steps')).toHaveLength(1)
  })
})

describe('approvals', () => {
  const approval = (approvers: string, before = '') => `pipeline:
  identifier: p
  name: P
  stages:
    - stage:
        identifier: s
        name: S
        type: Approval
        spec:
          execution:
            steps:
${before}              - step: { identifier: ok, name: Ok, type: HarnessApproval, spec: { approvers: ${approvers} } }
              - step: { identifier: go, name: Go, type: DBSchemaApply, spec: { dbSchema: a, dbInstance: b } }
`
  test('an approval that cannot show the SQL is warned of', () => {
    const { pipeline, diagnostics } = readPipeline(
      approval('{ minimumCount: 1, disallowPipelineExecutor: true, userGroups: [account._account_all_users] }'),
    )
    expect(pipeline?.graph.nodes.get('s.ok')).toMatchObject({ timeoutSeconds: 86_400 })
    expect(diagnostics).toMatchObject([{ code: 'pipeline/approval-without-preview', severity: 'warning' }])
  })
})

describe('no text is too bad', () => {
  test('a long document on one line is not deep', () => {
    const variable = (index: number) => `{ name: v${index}, type: String, value: "a: b" }`
    const variables = Array.from({ length: 300 }, (_, index) => variable(index)).join(', ')
    const { diagnostics } = readPipeline(
      `{ pipeline: { identifier: p, name: P, variables: [${variables}], stages: [] } }`,
    )
    expect(diagnostics).toMatchObject([{ code: 'pipeline/missing-field' }])
  })
  test('deep nesting, size, and nothing at all', () => {
    for (const piece of ['[', '{a: ', '- ', '? ', '[a,'])
      expect(readPipeline(piece.repeat(20_000)).diagnostics).toMatchObject([{ code: 'pipeline/yaml' }])
    const stairs = Array.from({ length: 900 }, (_, depth) => `${' '.repeat(depth)}a:`)
    expect(readPipeline(stairs.join('\n')).diagnostics).toMatchObject([{ code: 'pipeline/yaml' }])
    expect(readPipeline('a'.repeat(1_100_000)).diagnostics).toMatchObject([{ code: 'pipeline/too-large' }])
    expect(readPipeline('').diagnostics).toMatchObject([{ code: 'pipeline/missing-field' }])
  })
  test('a document with parts cut out or doubled gives findings or a graph, never a throw', () => {
    const lines = example.split('\n')
    const index = fc.nat({ max: lines.length - 1 })
    fc.assert(
      fc.property(
        index,
        fc.nat({ max: 5 }),
        fc.constantFrom('', '  - x', 'null', '? [a]: b', '<<: {}'),
        (at, length, put) => {
          const changed = [...lines.slice(0, at), put, ...lines.slice(at + length)].join('\n')
          const { pipeline, diagnostics } = readPipeline(changed)
          expect(pipeline !== undefined || diagnostics.length > 0).toBe(true)
        },
      ),
      { numRuns: 150 },
    )
  })
})
