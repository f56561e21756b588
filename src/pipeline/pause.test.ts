import { describe, expect, test } from 'vitest'
import { Run } from '../../test/pipeline/run.ts'
import { transition } from './machine.ts'

const look = (id: string, more = '') =>
  `{ step: { identifier: ${id}, name: ${id}, type: DBSchemaUpdateSQL, spec: { dbSchema: s, dbInstance: i } ${more} } }`
const yaml = (steps: string, rollback = '') =>
  `pipeline: { identifier: p, name: P, stages: [{ stage: { identifier: a, name: A, type: Custom, spec: { execution: { steps: [${steps}], rollbackSteps: [${rollback}] } } } }] }`
const pause = { type: 'pause', by: 'Dana', reason: 'lunch' } as const

describe('a pause', () => {
  test('lets what runs end, begins nothing new, and goes on where it was', () => {
    const run = new Run(yaml(`${look('x')}, ${look('y')}`)).tell(pause)
    expect([run.state.status, run.running()]).toEqual(['Pausing', ['a.x']])
    run.ok('a.x')
    expect([run.state.status, run.running(), run.state.paused]).toEqual(['Paused', [], 'paused by Dana: lunch'])
    run.tell({ type: 'resume-run' })
    expect([run.state.status, run.running()]).toEqual(['Running', ['a.y']])
    expect(run.ok('a.y').state.status).toBe('Success')
  })
  test('does not hold a rollback up', () => {
    const run = new Run(yaml(`${look('x')}, ${look('y')}`, look('back'))).tell(pause).fail('a.x', 'statement-failed')
    expect(run.running()).toEqual(['a.back'])
    expect(run.ok('a.back').state.status).toBe('Failed')
  })
  test('a retry waits for its end; an abort ends it', () => {
    const retry =
      ', failureStrategies: [{ onFailure: { errors: [AllErrors], action: { type: Retry, spec: { retryCount: 1, retryIntervals: [10s], onRetryFailure: { action: { type: MarkAsFailure } } } } } }]'
    const run = new Run(yaml(look('x', retry))).fail('a.x', 'statement-failed').tell(pause)
    const timer = { type: 'timer', node: 'a.x', kind: 'retry' } as const
    const held = transition(run.graph, run.state, timer)
    expect(held.commands).toEqual([{ type: 'start-timer', node: 'a.x', kind: 'retry', seconds: 10 }])
    expect(run.tell({ type: 'resume-run' }).tell(timer).running()).toEqual(['a.x'])
    const stopped = new Run(yaml(`${look('x')}, ${look('y')}`)).tell(pause).tell({ type: 'abort', by: 'Dana' })
    expect(stopped.ok('a.x').state.status).toBe('Aborted')
  })
})
