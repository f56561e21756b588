import { describe, expect, test } from 'vitest'
import { Run } from '../../../test/pipeline/run.ts'
import { readPipeline } from '../read/pipeline.ts'
import { noticesOf, wants } from './event.ts'

const step = (id: string, type: string, spec: string) =>
  `{ step: { identifier: ${id}, name: ${id}, type: ${type}, spec: { ${spec} } } }`
const apply = step('x', 'DBSchemaApply', 'dbSchema: s, dbInstance: i')
const stage = (id: string, steps: string, more = '') =>
  `{ stage: { identifier: ${id}, name: ${id}, type: Custom, spec: { execution: { steps: [${steps}] } } ${more} } }`
const pipeline = (stages: string, rules = '') =>
  `pipeline:\n  identifier: p\n  name: P\n  stages: [${stages}]\n  notificationRules:\n${rules || '    []'}\n`
const rule = (events: string, method = '{ type: Slack, spec: { webhookUrl: "https://c.example.org" } }', more = '') =>
  `    - { name: n, pipelineEvents: [${events}], notificationMethod: ${method} ${more} }`

/** What every event makes known, as `event node`. */
class Told extends Run {
  readonly notices: string[] = []
  override tell(event: Parameters<Run['tell']>[0]): this {
    const before = this.state
    super.tell(event)
    for (const { event: name, node = '' } of noticesOf(this.graph, before, this.state))
      this.notices.push(`${name} ${node}`.trim())
    return this
  }
}

describe('events', () => {
  test('of a run that ends well, the end last', () => {
    const run = new Told(pipeline(`${stage('a', apply)}, ${stage('b', apply)}`))
    run.ok('a.x').ok('b.x')
    expect(run.notices).toEqual(['StageSuccess a', 'StageStart b', 'StageSuccess b', 'PipelineSuccess', 'PipelineEnd'])
  })
  test('of a run that fails; what is not run is not told', () => {
    const run = new Told(pipeline(`${stage('a', apply)}, ${stage('b', apply)}`))
    run.fail('a.x')
    expect(run.notices).toEqual(['StageFailed a', 'StepFailed a.x', 'PipelineFailed', 'PipelineEnd'])
  })
  test('of pauses, of approvals, and of a run that was aborted', () => {
    const approval = step(
      'ask',
      'HarnessApproval',
      'approvers: { minimumCount: 1, disallowPipelineExecutor: false, userGroups: [g] }',
    )
    const run = new Told(pipeline(stage('a', `${apply}, ${approval}`)))
    run.tell({ type: 'pause', by: 'D' }).ok('a.x').tell({ type: 'resume-run' }).tell({ type: 'abort', by: 'D' })
    expect(run.notices).toEqual(['PipelinePaused', 'WaitingForUserAction a.ask', 'PipelineResumed', 'PipelineEnd'])
  })
  test('of a stage that a freeze holds: it has failed and never begun', () => {
    const run = new Told(pipeline(`${stage('a', apply)}, ${stage('b', apply)}`))
    const first = run.state
    const held = { ...first, nodes: { ...first.nodes, b: { ...first.nodes['b'], status: 'AbortedByFreeze' } } }
    expect(noticesOf(run.graph, first, held as typeof first)).toEqual([
      { event: 'StageFailed', node: 'b', status: 'AbortedByFreeze' },
    ])
  })
})

const rulesOf = (text: string) => {
  const { pipeline: found, diagnostics } = readPipeline(text)
  if (!found) throw new Error(JSON.stringify(diagnostics))
  return { graph: found.graph, rules: found.document.notificationRules ?? [] }
}

describe('rules', () => {
  test.each([
    ['{ type: StageFailed }', 'StageFailed', 'a', true],
    ['{ type: StageFailed, forStages: [b] }', 'StageFailed', 'a', false],
    ['{ type: StageFailed, forStages: [AllStages] }', 'StageFailed', 'a', true],
    ['{ type: StepFailed, forStages: [a], forSteps: [x] }', 'StepFailed', 'a.x', true],
    ['{ type: StepFailed, forSteps: [y] }', 'StepFailed', 'a.x', false],
    ['{ type: AllEvents, forStages: [b] }', 'PipelineEnd', undefined, true],
    ['{ type: PipelineStart }', 'PipelineEnd', undefined, false],
  ] as const)('%s about %s of %s: %s', (events, event, node, wanted) => {
    const { graph, rules } = rulesOf(pipeline(`${stage('a', apply)}, ${stage('b', apply)}`, rule(events)))
    const [first] = rules
    if (!first) throw new Error('No rule was read.')
    expect(wants(graph, first, { event, status: 'Failed', ...(node === undefined ? {} : { node }) })).toBe(wanted)
    expect(wants(graph, { ...first, enabled: false }, { event, status: 'Failed' })).toBe(false)
  })
  test('each destination by itself', () => {
    const method = '{ type: Email, spec: { recipients: [a@b.c, d@e.f], userGroups: [account.g] } }'
    expect(rulesOf(pipeline(stage('a', apply), rule('{ type: AllEvents }', method))).rules).toMatchObject([
      { method: 'Email', destinations: [{ address: 'a@b.c' }, { address: 'd@e.f' }, { group: 'account.g' }] },
    ])
  })
  test.each([
    ['{ type: PipelineEnded }', undefined, 'Did you mean `PipelineEnd`?'],
    ['{ type: TriggerFailed }', undefined, 'TriggerFailed is not offered.'],
    ['{ type: AllEvents }', '{ type: Datadog, spec: { url: a } }', 'Datadog are not offered'],
    ['{ type: AllEvents }', '{ type: Slack, spec: { userGroups: [] } }', 'names nobody to be told'],
    ['{ type: AllEvents }', '{ type: Slack, spec: { webhook: a } }', '`webhook` is not a field of the method Slack'],
    ['{ type: AllEvents }', '{ type: Webhook, spec: { webhookUrl: a, headers: { "a b": c } } }', '`a b` is no header'],
    ['{ type: AllEvents }', '{ type: Email, spec: { recipients: [<+pipeline.nothing>] } }', 'cannot be read'],
  ])('%s, %s: %s', (events, method, message) => {
    const { diagnostics } = readPipeline(pipeline(stage('a', apply), rule(events, method)))
    const found = diagnostics.filter(({ severity }) => severity === 'error')
    expect(JSON.stringify(found)).toContain(message)
    expect(found.every(({ span }) => span && span.line > 4)).toBe(true)
  })
})
