import { describe, expect, test } from 'vitest'
import { Run } from '../../test/pipeline/run.ts'
import { readPipeline } from './read/pipeline.ts'

const target = 'dbSchema: s, dbInstance: i'
const step = (identifier: string, type: string, more = '', spec = target) =>
  `{ step: { identifier: ${identifier}, name: ${identifier}, type: ${type}, spec: { ${spec} } ${more} } }`
const apply = (identifier: string, more = '') => step(identifier, 'DBSchemaApply', more)
const preview = (identifier: string, more = '') => step(identifier, 'DBSchemaUpdateSQL', more)
const undo = (identifier: string) => step(identifier, 'DBSchemaRollback', '', `${target}, changeSetCount: 1`)
const group = (identifier: string, steps: string[], rollback: string[] = [], more = '') =>
  `{ stepGroup: { identifier: ${identifier}, name: ${identifier}, steps: [${steps.join()}], rollbackSteps: [${rollback.join()}] ${more} } }`
const stage = (identifier: string, steps: string[], rollback: string[] = [], more = '') =>
  `{ stage: { identifier: ${identifier}, name: ${identifier}, type: Custom, spec: { execution: { steps: [${steps.join()}], rollbackSteps: [${rollback.join()}] } } ${more} } }`
const pipeline = (...stages: string[]) => `pipeline: { identifier: p, name: P, stages: [${stages.join()}] }`
const onFailure = (action: string, errors = 'AllErrors') =>
  `, failureStrategies: [{ onFailure: { errors: [${errors}], action: ${action} } }]`
const simple = (type: string) => `{ type: ${type} }`
const retry = (then: string, count = 2) =>
  `{ type: Retry, spec: { retryCount: ${count}, retryIntervals: [10s, 1m], onRetryFailure: { action: ${then} } } }`

describe('Retry', () => {
  test('work that changes nothing is tried again after its intervals, then the action after it', () => {
    const run = new Run(pipeline(stage('a', [preview('look', onFailure(retry(simple('Ignore'))))])))
    run.fail('a.look')
    expect(run.commands).toContainEqual({ type: 'start-timer', node: 'a.look', kind: 'retry', seconds: 10 })
    expect(run.state.nodes['a.look']).toMatchObject({ status: 'Queued', reason: 'is tried again in 10s (1 of 2): No.' })
    run.tell({ type: 'timer', node: 'a.look', kind: 'retry' })
    expect(run.running()).toEqual(['a.look'])
    run.fail('a.look')
    expect(run.commands).toContainEqual({ type: 'start-timer', node: 'a.look', kind: 'retry', seconds: 60 })
    run.tell({ type: 'timer', node: 'a.look', kind: 'retry' }).fail('a.look')
    expect(run.statuses()).toEqual({ a: 'IgnoreFailed', 'a.look': 'IgnoreFailed' })
  })
  test('a change is tried again only when none of it can have been done', () => {
    const yaml = pipeline(stage('a', [apply('go')], [], onFailure(retry(simple('MarkAsFailure')))))
    expect(new Run(yaml).fail('a.go', 'database-unreachable').statuses()['a.go']).toBe('Queued')
    expect(new Run(yaml).fail('a.go', 'database-lost').statuses()['a.go']).toBe('Failed')
    expect(new Run(yaml).fail('a.go', 'change-set-failed').statuses()['a.go']).toBe('Failed')
  })
  test('a step that waits for its retry does not begin again in a stage that is rolled back', () => {
    const waiting = preview('look', onFailure(retry(simple('Ignore'))))
    const other = preview('other', onFailure(simple('StageRollback')))
    const run = new Run(pipeline(stage('a', [`{ parallel: [${waiting}, ${other}] }`], [undo('back')])))
    run.fail('a.look').fail('a.other')
    expect(run.running()).toEqual([])
    run.tell({ type: 'timer', node: 'a.look', kind: 'retry' })
    expect(run.statuses()['a.look']).toBe('Failed')
    expect(run.running()).toEqual(['a.back'])
  })
  test('an abort while it waits ends it', () => {
    const run = new Run(pipeline(stage('a', [preview('look', onFailure(retry(simple('Ignore'))))]))).fail('a.look')
    run.tell({ type: 'abort', by: 'Dana' })
    expect(run.commands).toContainEqual({ type: 'stop-timer', node: 'a.look', kind: 'retry' })
    expect(run.state.status).toBe('Aborted')
  })
})

describe('MarkAsSuccess and Ignore', () => {
  test('count for work that changes nothing, and not for a change', () => {
    const more = onFailure(simple('MarkAsSuccess'))
    expect(new Run(pipeline(stage('a', [preview('x')], [], more))).fail('a.x').state.status).toBe('Success')
    expect(new Run(pipeline(stage('a', [apply('x')], [], more))).fail('a.x').state.status).toBe('Failed')
  })
  test('an approval that was refused is ignored only by a strategy that names it', () => {
    const ask = step('ok', 'HarnessApproval', '', 'approvers: { minimumCount: 1, disallowPipelineExecutor: false }')
    const refused = { type: 'approval-decided', node: 'a.ok', decision: 'REJECTED', reason: 'no' } as const
    const status = (errors: string) =>
      new Run(pipeline(stage('a', [ask, apply('x')], [], onFailure(simple('Ignore'), errors)))).tell(refused).statuses()
    expect(status('AllErrors')).toMatchObject({ 'a.ok': 'ApprovalRejected', 'a.x': 'Skipped' })
    expect(status('ApprovalRejection')).toMatchObject({ 'a.ok': 'IgnoreFailed', 'a.x': 'Queued' })
  })
})

describe('MarkAsFailure', () => {
  test('what follows runs by its `when`', () => {
    const run = new Run(
      pipeline(
        stage('a', [apply('apply'), apply('next'), preview('look', ', when: { stageStatus: Failure }')]),
        stage('b', [apply('x')], [], ', when: { pipelineStatus: All }'),
      ),
    )
    run.fail('a.apply')
    expect(run.statuses()).toMatchObject({ 'a.next': 'Skipped', 'a.look': 'Queued' })
    run.ok('a.look').ok('b.x')
    expect(run.statuses()).toMatchObject({ a: 'Failed', b: 'Success' })
    expect(run.state.status).toBe('Failed')
  })
})

describe('StepGroupRollback', () => {
  const failing = apply('two', onFailure(simple('StepGroupRollback')))
  test('undoes the group and nothing else, and the stage has failed', () => {
    const run = new Run(
      pipeline(
        stage(
          'a',
          [group('g', [apply('one'), failing, apply('three')], [undo('back')]), apply('after')],
          [undo('stage_back')],
        ),
      ),
    )
    run.ok('a.g.one').fail('a.g.two')
    expect(run.running()).toEqual(['a.g.back'])
    run.ok('a.g.back')
    expect(run.statuses()).toMatchObject({
      a: 'Failed',
      'a.g': 'Failed',
      'a.g.three': 'Skipped',
      'a.g.back': 'Success',
      'a.after': 'Skipped',
      'a.stage_back': 'Skipped',
    })
  })
  test('outside of a group it is the rollback of the stage', () => {
    const run = new Run(pipeline(stage('a', [failing], [undo('back')]))).fail('a.two')
    expect(run.running()).toEqual(['a.back'])
  })
})

describe('PipelineRollback', () => {
  const yaml = pipeline(
    stage('a', [apply('go')], [undo('back')]),
    stage('b', [apply('go')], [undo('back')]),
    stage('c', [apply('go', onFailure(simple('PipelineRollback')))], [undo('back')]),
    stage('d', [apply('go')], [undo('back')], ', when: { pipelineStatus: All }'),
  )
  test('undoes the stages that began, the latest first', () => {
    const run = new Run(yaml).ok('a.go').ok('b.go')
    expect(run.statuses()).toMatchObject({ a: 'Success', 'a.back': 'NotStarted' })
    const undone: string[] = []
    run.fail('c.go')
    for (let turn = 0; turn < 4; turn += 1) {
      const [node] = run.running()
      if (node === undefined) break
      undone.push(node)
      run.ok(node)
    }
    expect(undone).toEqual(['c.back', 'b.back', 'a.back'])
    expect(run.state.status).toBe('Failed')
    expect(run.statuses()).toMatchObject({ a: 'Success', c: 'Failed', d: 'Skipped', 'd.back': 'Skipped' })
    expect(run.state.nodes['a']?.reason).toBe('is rolled back because of c.go')
  })
  test('nothing is undone when all went well', () => {
    const run = new Run(yaml).ok('a.go').ok('b.go').ok('c.go').ok('d.go')
    expect(run.state.status).toBe('Success')
    expect(run.statuses()).toMatchObject({ 'a.back': 'Skipped', 'd.back': 'Skipped' })
  })
})

describe('what is not safe is refused at save', () => {
  const errors = (yaml: string) =>
    readPipeline(yaml).diagnostics.flatMap(({ severity, code }) => (severity === 'error' ? [code] : []))
  test.each([
    [apply('x', onFailure(simple('MarkAsSuccess'))), ['pipeline/unsafe-action']],
    [apply('x', onFailure(retry(simple('Ignore')))), ['pipeline/unsafe-action']],
    [apply('x', onFailure(retry(simple('MarkAsSuccess')), 'Connectivity')), ['pipeline/unsafe-action']],
    [apply('x', onFailure(retry(simple('Ignore')), 'Connectivity, Authentication')), []],
    [preview('x', onFailure(retry(simple('MarkAsSuccess')))), []],
    [apply('x', onFailure(retry(retry(simple('Ignore'))), 'Connectivity')), ['pipeline/wrong-value']],
    [
      apply('x', onFailure('{ type: Retry, spec: { retryCount: 11 } }', 'Connectivity')),
      ['pipeline/missing-field', 'pipeline/missing-field', 'pipeline/wrong-type'],
    ],
  ])('%s', (text, expected) => {
    expect(errors(pipeline(stage('a', [text])))).toEqual(expected)
  })
})
