import type { FaultRecord } from '#contract/fault'
import { describe, expect, test } from 'vitest'
import { Run as PlainRun } from '../../test/pipeline/run.ts'
import { interventionActions } from './machine.ts'
import type { AttemptResult, PipelineEvent } from './state.ts'

class Run extends PlainRun {
  types(): readonly string[] {
    return this.commands
      .filter(({ type }) => type !== 'release-hold')
      .map((command) => `${command.type} ${command.node}`)
  }
}

const step = (identifier: string, type: string, spec: string, more = '') =>
  `{ step: { identifier: ${identifier}, name: ${identifier}, type: ${type}, spec: { ${spec} } ${more} } }`
const target = 'dbSchema: s, dbInstance: i'
const apply = (identifier: string, more = '') => step(identifier, 'DBSchemaApply', target, more)
const preview = (identifier: string, more = '') => step(identifier, 'DBSchemaUpdateSQL', target, more)
const undo = step('undo', 'DBSchemaRollback', `${target}, tag: "<+execution.steps.apply.output.preStartTag>"`)
const approval = (more = '') =>
  step('ok', 'HarnessApproval', 'approvers: { minimumCount: 1, disallowPipelineExecutor: true }', more)
const stage = (identifier: string, steps: string[], more = '', rollback = '') =>
  `{ stage: { identifier: ${identifier}, name: ${identifier}, type: Custom, spec: { execution: { steps: [${steps.join(', ')}]${rollback && `, rollbackSteps: [${rollback}]`} } } ${more} } }`
const pipeline = (...stages: string[]) => `pipeline: { identifier: p, name: P, stages: [${stages.join(', ')}] }`
const onFailure = (action: string, errors = 'AllErrors') =>
  `, failureStrategies: [{ onFailure: { errors: [${errors}], action: ${action} } }]`
const manually = (onTimeout: string) =>
  `{ type: ManualIntervention, spec: { timeout: 1h, onTimeout: { action: { type: ${onTimeout} } } } }`
const fault = (code: FaultRecord['code'], message = 'No.'): FaultRecord => ({ code, message })

describe('going forward', () => {
  test('one step after the other, stages after stages, to success', () => {
    const run = new Run(pipeline(stage('a', [preview('look'), apply('apply')]), stage('b', [apply('apply')])))
    expect(run.types()).toEqual(['run-step a.look'])
    run.end('a.look', { outcome: 'success' })
    expect(run.types()).toContain('run-step a.apply')
    run.end('a.apply', { outcome: 'success' }).end('b.apply', { outcome: 'success' })
    expect(new Set(Object.values(run.statuses()))).toEqual(new Set(['Success']))
    expect(run.state.status).toBe('Success')
  })
  test('parallel steps start together and are waited for', () => {
    const run = new Run(pipeline(stage('a', [`{ parallel: [${preview('x')}, ${preview('y')}] }`, apply('apply')])))
    expect(run.types()).toEqual(['run-step a.x', 'run-step a.y'])
    expect(run.end('a.y', { outcome: 'success' }).types()).not.toContain('run-step a.apply')
    expect(run.end('a.x', { outcome: 'success' }).types()).toContain('run-step a.apply')
  })
  test('expressions get their values when a step starts', () => {
    const tagged = step(
      'again',
      'DBSchemaApply',
      `${target}, tag: "v<+pipeline.sequenceId>-<+steps.apply.output.preStartTag>"`,
    )
    const run = new Run(pipeline(stage('a', [apply('apply'), tagged])))
    run.end('a.apply', { outcome: 'success', output: { preStartTag: 't1' } })
    expect(run.commands.find((command) => command.type === 'run-step')).toMatchObject({ work: { tag: 'v7-t1' } })
  })
  test('a wait ends by its timer', () => {
    const run = new Run(pipeline(stage('a', [step('pause', 'Wait', 'duration: 10m'), apply('apply')])))
    expect(run.commands).toContainEqual({ type: 'start-timer', node: 'a.pause', kind: 'wait', seconds: 600 })
    expect(run.tell({ type: 'timer', node: 'a.pause', kind: 'wait' }).types()).toContain('run-step a.apply')
  })
  test('conditions decide, and what is skipped counts as good', () => {
    const run = new Run(
      pipeline(
        stage('a', [apply('apply', ', when: { stageStatus: Success, condition: "<+pipeline.sequenceId> == 8" }')]),
        stage('b', [apply('apply')], ', when: { pipelineStatus: Failure }'),
      ),
    )
    expect(run.statuses()).toMatchObject({ 'a.apply': 'Skipped', a: 'Success', b: 'Skipped', 'b.apply': 'Skipped' })
    expect(run.state.status).toBe('Success')
  })
  test('late, repeated and foreign events change nothing', () => {
    const run = new Run(pipeline(stage('a', [preview('look'), apply('apply')])))
    run.end('a.look', { outcome: 'success' })
    const before = run.state
    run.tell({ type: 'attempt-ended', node: 'a.look', number: 1, result: { outcome: 'failure', output: {} } })
    run.tell({ type: 'attempt-started', node: 'a.apply', number: 9 })
    run.tell({ type: 'timer', node: 'nowhere', kind: 'timeout' })
    expect(run.state).toEqual(before)
    expect(run.commands).toEqual([])
  })
})

describe('failures', () => {
  const rollingBack = onFailure('{ type: StageRollback }')

  test('StageRollback: back to the anchor, and the stage has failed', () => {
    const run = new Run(
      pipeline(stage('a', [apply('apply'), apply('next')], rollingBack, undo), stage('b', [apply('x')])),
    )
    run.end('a.apply', { outcome: 'failure', output: { preStartTag: 't0' }, fault: fault('change-set-failed') })
    expect(run.commands).toContainEqual(expect.objectContaining({ type: 'run-step', node: 'a.undo' }))
    expect(run.commands.at(-1)).toMatchObject({ work: { tag: 't0' } })
    run.end('a.undo', { outcome: 'success' })
    expect(run.statuses()).toEqual({
      a: 'Failed',
      'a.apply': 'Failed',
      'a.next': 'Skipped',
      'a.undo': 'Success',
      b: 'Skipped',
      'b.x': 'Skipped',
    })
    expect(run.state.status).toBe('Failed')
  })
  test('a rollback has nothing to do when the apply never began', () => {
    const run = new Run(pipeline(stage('a', [preview('look'), apply('apply')], rollingBack, undo)))
    run.end('a.look', { outcome: 'failure', fault: fault('source-unreachable') })
    expect(run.statuses()).toMatchObject({ 'a.undo': 'Skipped', a: 'Failed' })
    expect(run.reason('a.undo')).toMatch(/^nothing to roll back: /)
  })
  test('an anchor that was told before the failure is where the rollback goes', () => {
    const run = new Run(pipeline(stage('a', [apply('apply')], rollingBack, undo))).start('a.apply')
    run.tell({ type: 'attempt-output', node: 'a.apply', number: 1, output: { preStartTag: 't0' } })
    run.end('a.apply', { outcome: 'failure', fault: fault('change-set-failed') })
    expect(run.commands.at(-1)).toMatchObject({ type: 'run-step', node: 'a.undo', work: { tag: 't0' } })
  })
  test('lost once and then failed without an anchor: an error, because something may have been changed', () => {
    const run = new Run(pipeline(stage('a', [apply('apply')], rollingBack, undo))).end('a.apply', {
      outcome: 'unknown',
    })
    run.end('a.apply', { outcome: 'success', reconcile: { verdict: 'resumable', explanation: 'goes on' } })
    run.end('a.apply', { outcome: 'failure', fault: fault('database-unreachable') })
    expect(run.statuses()).toMatchObject({ 'a.apply': 'Failed', 'a.undo': 'Errored' })
  })
  test('success leaves the rollback section alone', () => {
    const run = new Run(pipeline(stage('a', [apply('apply')], rollingBack, undo))).end('a.apply', {
      outcome: 'success',
    })
    expect(run.statuses()).toMatchObject({ a: 'Success', 'a.undo': 'Skipped' })
  })
  test('groups roll back newest first, before the stage; those that never began do not', () => {
    const back = (id: string) => step(`undo_${id}`, 'DBSchemaRollback', `${target}, changeSetCount: 1`)
    const group = (id: string) =>
      `{ stepGroup: { identifier: ${id}, name: ${id}, steps: [${apply('apply')}], rollbackSteps: [${back(id)}] } }`
    const run = new Run(pipeline(stage('a', [group('g1'), group('g2'), group('g3')], rollingBack, back('stage'))))
    run.end('a.g1.apply', { outcome: 'success' }).end('a.g2.apply', { outcome: 'failure' })
    expect(run.types()).toContain('run-step a.g2.undo_g2')
    expect(run.end('a.g2.undo_g2', { outcome: 'success' }).types()).toContain('run-step a.g1.undo_g1')
    expect(run.end('a.g1.undo_g1', { outcome: 'success' }).types()).toContain('run-step a.undo_stage')
    run.end('a.undo_stage', { outcome: 'success' })
    expect(run.statuses()).toMatchObject({ a: 'Failed', 'a.g3.undo_g3': 'Skipped', 'a.g3': 'Skipped' })
  })
  test('Ignore at the step stands before StageRollback at the stage', () => {
    const run = new Run(pipeline(stage('a', [apply('apply', onFailure('{ type: Ignore }'))], rollingBack, undo)))
    run.end('a.apply', { outcome: 'failure' })
    expect(run.statuses()).toMatchObject({ a: 'IgnoreFailed', 'a.apply': 'IgnoreFailed', 'a.undo': 'Skipped' })
    expect(run.state.status).toBe('IgnoreFailed')
  })
  test('an entry is chosen by the class of the failure', () => {
    const run = new Run(pipeline(stage('a', [apply('apply', onFailure('{ type: Ignore }', 'Connectivity'))])))
    run.end('a.apply', { outcome: 'failure', fault: fault('database-authentication') })
    expect(run.state.status).toBe('Failed')
  })
  test('Abort ends the run', () => {
    const run = new Run(pipeline(stage('a', [apply('apply', onFailure('{ type: Abort }'))]), stage('b', [apply('x')])))
    run.end('a.apply', { outcome: 'failure' })
    expect(run.statuses()).toMatchObject({ a: 'Aborted', 'a.apply': 'Failed', 'b.x': 'Skipped' })
    expect(run.state.status).toBe('Aborted')
  })
  test('ManualIntervention waits for a person; a retry keeps the anchor of the first attempt', () => {
    const manual = onFailure(manually('StageRollback'))
    const run = new Run(pipeline(stage('a', [apply('apply')], manual, undo)))
    run.end('a.apply', { outcome: 'failure', output: { preStartTag: 't0' }, fault: fault('change-set-failed') })
    expect(run.state.status).toBe('InterventionWaiting')
    expect(run.commands).toContainEqual({ type: 'start-timer', node: 'a.apply', kind: 'intervention', seconds: 3600 })
    expect(interventionActions(run.graph, run.state, 'a.apply')).toEqual(['Retry', 'MarkAsFailure', 'MarkAsSuccess'])
    run.tell({ type: 'resolve', node: 'a.apply', action: 'Retry', by: 'Dana', reason: 'fixed' })
    expect(run.commands).toContainEqual(expect.objectContaining({ type: 'run-step', number: 2, preStartTag: 't0' }))
    run.end('a.apply', { outcome: 'failure', output: { preStartTag: 't5' } })
    run.tell({ type: 'timer', node: 'a.apply', kind: 'intervention' })
    expect(run.commands.at(-1)).toMatchObject({ type: 'run-step', node: 'a.undo', work: { tag: 't0' } })
  })
  test('marked as failed by a person: the strategies for that apply, and nobody is asked again', () => {
    const manual = onFailure(manually('Abort'))
    const run = new Run(pipeline(stage('a', [apply('apply', manual)], rollingBack, undo)))
    run.end('a.apply', { outcome: 'failure', output: { preStartTag: 't0' } })
    run.tell({ type: 'resolve', node: 'a.apply', action: 'MarkAsFailure', by: 'Dana', reason: 'no way' })
    expect(run.reason('a.apply')).toBe('marked as failed by Dana: no way')
    expect(run.statuses()).toMatchObject({ 'a.apply': 'Failed', 'a.undo': 'Queued' })
  })
  test('an expression without a value is an error of the step', () => {
    const again = step('again', 'DBSchemaApply', `${target}, tag: "<+steps.apply.output.preStartTag>"`)
    const run = new Run(pipeline(stage('a', [apply('apply'), again]))).end('a.apply', { outcome: 'success' })
    expect(run.statuses()).toMatchObject({ 'a.again': 'Errored', a: 'Errored' })
    expect(run.reason('a.again')).toContain('a.apply gave no output preStartTag')
  })
  test('what cannot be described as an attempt is an error of the step', () => {
    const run = new Run(pipeline(stage('a', [apply('apply')])))
    run.tell({ type: 'attempt-impossible', node: 'a.apply', number: 1, fault: fault('not-found', 'No instance i.') })
    expect([run.state.status, run.reason('a.apply')]).toEqual(['Errored', 'No instance i.'])
  })
})

describe('outcomes that were lost', () => {
  const verdict = (verdict: 'complete' | 'resumable' | 'unclear', output = {}): AttemptResult => ({
    outcome: 'success',
    output,
    reconcile: { verdict, explanation: `it is ${verdict}` },
  })
  const lost = () => new Run(pipeline(stage('a', [apply('apply')], '', undo))).end('a.apply', { outcome: 'unknown' })

  test('a change is looked into, never simply repeated', () => {
    const run = lost()
    expect(run.types()).toEqual(['stop-timer a.apply', 'reconcile a.apply'])
    expect(run.commands.at(-1)).toMatchObject({ number: 2, lost: 1 })
    expect(run.state.status).toBe('Unknown')
  })
  test('complete: success, with what was found', () => {
    const run = lost().end('a.apply', verdict('complete', { preStartTag: 't0' }))
    expect(run.state.nodes['a.apply']).toMatchObject({ status: 'Success', output: { preStartTag: 't0' } })
  })
  test('resumable: the same work goes on by itself, three times at most', () => {
    const run = lost().end('a.apply', verdict('resumable', { preStartTag: 't0' }))
    expect(run.commands.at(-1)).toMatchObject({ type: 'run-step', number: 3, repeats: 1, preStartTag: 't0' })
    run.end('a.apply', { outcome: 'unknown' }).end('a.apply', verdict('resumable'))
    expect(run.commands.at(-1)).toMatchObject({ type: 'run-step', number: 5, repeats: 3 })
    run.end('a.apply', { outcome: 'unknown' }).end('a.apply', verdict('resumable'))
    expect(run.state.status).toBe('InterventionWaiting')
  })
  test('unclear: a person decides, and sees why', () => {
    const run = lost().end('a.apply', verdict('unclear'))
    expect(run.reason('a.apply')).toBe('waits for a person to decide: it is unclear')
    run.tell({ type: 'resolve', node: 'a.apply', action: 'MarkAsSuccess', by: 'Dana', reason: 'I looked' })
    expect(run.state.status).toBe('Success')
  })
  test('unclear and marked as failed: a rollback without an anchor is an error, not a skip', () => {
    const run = lost().end('a.apply', verdict('unclear'))
    run.tell({ type: 'resolve', node: 'a.apply', action: 'MarkAsFailure', by: 'Dana', reason: 'unsafe' })
    expect(run.statuses()).toMatchObject({ 'a.apply': 'Failed', 'a.undo': 'Errored' })
  })
  test('a look that fails is repeated, then a person is asked; a retry looks again', () => {
    const run = lost()
    for (const _ of [1, 2, 3]) run.end('a.apply', { outcome: 'failure', fault: fault('database-unreachable') })
    expect(run.state.status).toBe('InterventionWaiting')
    run.tell({ type: 'resolve', node: 'a.apply', action: 'Retry', by: 'Dana', reason: 'it is up again' })
    expect(run.commands.at(-1)).toMatchObject({ type: 'reconcile', lost: 1 })
  })
  test('a preview that was lost is simply tried again, three times at most', () => {
    const run = new Run(pipeline(stage('a', [preview('look')])))
    run.end('a.look', { outcome: 'unknown' }).end('a.look', { outcome: 'unknown' })
    expect(run.commands.at(-1)).toMatchObject({ type: 'run-step', number: 3 })
    expect(run.end('a.look', { outcome: 'unknown' }).state.status).toBe('Failed')
  })
  test('a step that died before it could change anything is simply tried again', () => {
    const run = new Run(pipeline(stage('a', [apply('apply')]))).end('a.apply', {
      outcome: 'failure',
      fault: fault('step-died'),
    })
    expect(run.commands.at(-1)).toMatchObject({ type: 'run-step', number: 2, repeats: 1 })
  })
  test('a change that never began is simply tried again', () => {
    const run = new Run(pipeline(stage('a', [apply('apply')])))
    run.tell({ type: 'attempt-ended', node: 'a.apply', number: 1, result: { outcome: 'unknown', output: {} } })
    expect(run.commands.at(-1)).toMatchObject({ type: 'run-step', number: 2 })
  })
})

describe('abort and time', () => {
  const abort: PipelineEvent = { type: 'abort', by: 'Dana', reason: 'stop' }

  test('what runs is asked to stop and its end awaited; nothing else starts', () => {
    const run = new Run(pipeline(stage('a', [apply('apply'), apply('next')], '', undo))).start('a.apply').tell(abort)
    expect(run.types()).toEqual(['cancel-attempt a.apply'])
    expect(run.state.status).toBe('Running')
    run.end('a.apply', { outcome: 'cancelled' })
    expect(run.statuses()).toEqual({ a: 'Aborted', 'a.apply': 'Aborted', 'a.next': 'Skipped', 'a.undo': 'Skipped' })
    expect(run.state.status).toBe('Aborted')
  })
  test('too late to stop: the step says success, the run says aborted', () => {
    const run = new Run(pipeline(stage('a', [apply('apply')]))).start('a.apply').tell(abort)
    run.end('a.apply', { outcome: 'success' })
    expect(run.statuses()).toEqual({ a: 'Aborted', 'a.apply': 'Success' })
  })
  test('an aborted change that was lost is still looked into, and not resumed', () => {
    const run = new Run(pipeline(stage('a', [apply('apply')]))).start('a.apply').tell(abort)
    expect(run.end('a.apply', { outcome: 'unknown' }).types()).toContain('reconcile a.apply')
    const reconcile = { verdict: 'resumable', explanation: 'two of five are done' } as const
    run.end('a.apply', { outcome: 'success', reconcile })
    expect(run.state.status).toBe('Aborted')
    expect(run.reason('a.apply')).toContain('two of five are done')
  })
  test('aborted twice: the look is given up, and that is said', () => {
    const run = new Run(pipeline(stage('a', [apply('apply')]))).end('a.apply', { outcome: 'unknown' }).tell(abort)
    expect(run.types()).toEqual([])
    expect(run.tell(abort).types()).toEqual(['cancel-attempt a.apply'])
    run.end('a.apply', { outcome: 'cancelled' })
    expect(run.state.status).toBe('Aborted')
    expect(run.reason('a.apply')).toContain('could not be found out')
  })
  test('an approval is closed', () => {
    const run = new Run(pipeline(stage('a', [approval(), apply('apply')]))).tell(abort)
    expect(run.commands).toContainEqual({ type: 'close-approval', node: 'a.ok', status: 'ABORTED' })
    expect(run.state.status).toBe('Aborted')
  })
  test('the last resort of a step: its attempt is asked to stop, then it is Expired', () => {
    const run = new Run(pipeline(stage('a', [apply('apply', ', timeout: 10m')]))).start('a.apply')
    expect(run.commands).toEqual([{ type: 'start-timer', node: 'a.apply', kind: 'timeout', seconds: 660 }])
    expect(run.tell({ type: 'timer', node: 'a.apply', kind: 'timeout' }).types()).toEqual(['cancel-attempt a.apply'])
    run.end('a.apply', { outcome: 'cancelled' })
    expect([run.state.status, run.reason('a.apply')]).toEqual(['Expired', 'took longer than 10m'])
  })
  test('a stage that takes too long stops its steps and rolls back', () => {
    const more = `, timeout: 1h${onFailure('{ type: StageRollback }', 'Timeout')}`
    const run = new Run(pipeline(stage('a', [apply('apply'), apply('next')], more, undo))).start('a.apply')
    expect(run.tell({ type: 'timer', node: 'a', kind: 'timeout' }).types()).toEqual(['cancel-attempt a.apply'])
    run.end('a.apply', { outcome: 'cancelled', output: { preStartTag: 't0' } })
    expect(run.statuses()).toMatchObject({ 'a.apply': 'Expired', 'a.next': 'Skipped', 'a.undo': 'Queued' })
    expect(run.end('a.undo', { outcome: 'success' }).state.status).toBe('Expired')
  })
})

describe('approvals', () => {
  const run = () =>
    new Run(pipeline(stage('a', [preview('look'), approval(), apply('apply')]))).end('a.look', { outcome: 'success' })

  test('asks with what would run, and waits without anything running', () => {
    const waiting = run()
    expect(waiting.state.status).toBe('ApprovalWaiting')
    expect(waiting.reason('a.ok')).toBe('waits for approval by one person other than Dana')
    expect(waiting.commands.find((command) => command.type === 'request-approval')).toMatchObject({
      minimumCount: 1,
      timeoutSeconds: 86_400,
      applies: [{ node: 'a.apply', dbSchema: 's', dbInstance: 'i' }],
    })
  })
  test('approved: goes on. Rejected: ApprovalRejected. Not decided: Expired', () => {
    const decided = (decision: 'APPROVED' | 'REJECTED') =>
      run().tell({ type: 'approval-decided', node: 'a.ok', decision, reason: 'by Ann' })
    expect(decided('APPROVED').statuses()).toMatchObject({ 'a.ok': 'Success', 'a.apply': 'Queued' })
    expect(decided('REJECTED').state.status).toBe('ApprovalRejected')
    const late = run().tell({ type: 'timer', node: 'a.ok', kind: 'timeout' })
    expect(late.commands).toContainEqual({ type: 'close-approval', node: 'a.ok', status: 'EXPIRED' })
    expect(late.state.status).toBe('Expired')
  })
})
