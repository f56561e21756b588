import { describe, expect, test } from 'vitest'
import type { Graph } from './graph.ts'
import { begin, transition } from './machine.ts'
import { readPipeline } from './read/pipeline.ts'
import type { Facts, PipelineEvent, PipelineState } from './state.ts'

const facts = {} as unknown as Facts
class Run {
  readonly graph: Graph
  state: PipelineState
  constructor(yaml: string) {
    const { pipeline, diagnostics } = readPipeline(yaml)
    if (!pipeline) throw new Error(JSON.stringify(diagnostics))
    this.graph = pipeline.graph
    this.state = begin(this.graph, facts).state
  }
  tell(event: PipelineEvent): this {
    this.state = transition(this.graph, this.state, event).state
    return this
  }
  end(node: string, outcome: 'success' | 'failure'): this {
    const number = this.state.nodes[node]?.live?.number ?? 0
    const fault = outcome === 'failure' ? { fault: { code: 'statement-failed', message: 'No.' } as const } : {}
    return this.tell({ type: 'attempt-ended', node, number, result: { outcome, output: {}, ...fault } })
  }
  running(): readonly string[] {
    return this.graph.order.filter((id) => this.state.nodes[id]?.live)
  }
}
const look = (id: string, more = '') =>
  `{ step: { identifier: ${id}, name: ${id}, type: DBSchemaUpdateSQL, spec: { dbSchema: s, dbInstance: i } ${more} } }`
const yaml = (steps: string, rollback = '') =>
  `pipeline: { identifier: p, name: P, stages: [{ stage: { identifier: a, name: A, type: Custom, spec: { execution: { steps: [${steps}], rollbackSteps: [${rollback}] } } } }] }`
const pause = { type: 'pause', by: 'Dana', reason: 'lunch' } as const

describe('a pause', () => {
  test('lets what runs end, begins nothing new, and goes on where it was', () => {
    const run = new Run(yaml(`${look('x')}, ${look('y')}`)).tell(pause)
    expect([run.state.status, run.running()]).toEqual(['Pausing', ['a.x']])
    run.end('a.x', 'success')
    expect([run.state.status, run.running(), run.state.paused]).toEqual(['Paused', [], 'paused by Dana: lunch'])
    run.tell({ type: 'resume-run' })
    expect([run.state.status, run.running()]).toEqual(['Running', ['a.y']])
    expect(run.end('a.y', 'success').state.status).toBe('Success')
  })
  test('does not hold a rollback up', () => {
    const run = new Run(yaml(`${look('x')}, ${look('y')}`, look('back'))).tell(pause).end('a.x', 'failure')
    expect(run.running()).toEqual(['a.back'])
    expect(run.end('a.back', 'success').state.status).toBe('Failed')
  })
  test('a retry waits for its end; an abort ends it', () => {
    const retry =
      ', failureStrategies: [{ onFailure: { errors: [AllErrors], action: { type: Retry, spec: { retryCount: 1, retryIntervals: [10s], onRetryFailure: { action: { type: MarkAsFailure } } } } } }]'
    const run = new Run(yaml(look('x', retry))).end('a.x', 'failure').tell(pause)
    const timer = { type: 'timer', node: 'a.x', kind: 'retry' } as const
    const held = transition(run.graph, run.state, timer)
    expect(held.commands).toEqual([{ type: 'start-timer', node: 'a.x', kind: 'retry', seconds: 10 }])
    expect(run.tell({ type: 'resume-run' }).tell(timer).running()).toEqual(['a.x'])
    const stopped = new Run(yaml(`${look('x')}, ${look('y')}`)).tell(pause).tell({ type: 'abort', by: 'Dana' })
    expect(stopped.end('a.x', 'success').state.status).toBe('Aborted')
  })
})
