import { describe, expect, test } from 'vitest'
import { alone, facts as runFacts } from '../../test/pipeline/run.ts'
import { expandLoops } from './expand.ts'
import { buildGraph, type Graph } from './graph.ts'
import { begin as beginRun, transition } from './machine.ts'
import { readPipeline } from './read/pipeline.ts'
import type { Command, Facts, PipelineState, Transition } from './state.ts'

const facts: Facts = { ...runFacts, trigger: { tenants: ['a', 'b'] } }
const begin = (graph: Graph, of: Facts): Transition => alone(graph, beginRun(graph, of))

const apply = (instance: string, more = '') =>
  `{ step: { identifier: apply, name: Apply, type: DBSchemaApply, spec: { dbSchema: s, dbInstance: "${instance}" } ${more} } }`
const stage = (steps: string, more = '') =>
  `{ stage: { identifier: st, name: St, type: Custom, spec: { execution: { steps: [${steps}] } } ${more} } }`
const pipeline = (...stages: string[]) =>
  `pipeline: { identifier: p, name: P, variables: [{ name: tenants, type: String, value: "x, y , z" }], stages: [${stages.join(', ')}] }`
const loop = (text: string) => `, strategy: { ${text} }`

function errors(yaml: string): readonly string[] {
  return readPipeline(yaml)
    .diagnostics.filter(({ severity }) => severity === 'error')
    .map(({ code, message }) => `${code} ${message}`)
}
function expand(yaml: string) {
  const { pipeline: found, diagnostics } = readPipeline(yaml)
  if (!found) throw new Error(JSON.stringify(diagnostics))
  return expandLoops(found.document, facts)
}
function graphOf(yaml: string) {
  const expanded = expand(yaml)
  if ('problem' in expanded) throw new Error(expanded.problem)
  return buildGraph(expanded.document)
}
const targets = (commands: readonly Command[]) =>
  commands.flatMap((command) =>
    command.type === 'run-step' && 'dbInstance' in command.work
      ? [`${command.node} ${command.work.dbInstance} ${'tag' in command.work ? command.work.tag : ''}`]
      : [],
  )

describe('a loop becomes as many nodes as it has values', () => {
  test('matrix: every combination but the excluded ones', () => {
    const text = 'matrix: { region: [eu, us], size: [1, 2], exclude: [{ region: us, size: 2 }] }'
    const graph = graphOf(pipeline(stage(apply('<+matrix.region>_<+matrix.size>', loop(text)))))
    expect(graph.order).toEqual(['st', 'st.apply_0', 'st.apply_1', 'st.apply_2'])
    expect(targets(begin(graph, facts).commands)).toEqual(['st.apply_0 eu_1 ', 'st.apply_1 eu_2 ', 'st.apply_2 us_1 '])
    expect(graph.nodes.get('st.apply_2')?.name).toBe('Apply (us, 1)')
  })
  test('repeat over an expression, in parts, and by number', () => {
    const items = graphOf(
      pipeline(stage(apply('<+repeat.item>', loop('repeat: { items: "<+pipeline.variables.tenants>" }')))),
    )
    expect(targets(begin(items, facts).commands)).toEqual(['st.apply_0 x ', 'st.apply_1 y ', 'st.apply_2 z '])
    const parts = graphOf(
      pipeline(
        stage(
          apply(
            `<+repeat.item.join('-')>`,
            loop('repeat: { items: [a, b, c], partitionSize: 2, nodeName: "<+repeat.index>" }'),
          ),
        ),
      ),
    )
    expect(targets(begin(parts, facts).commands)).toEqual(['st.apply_0 a-b ', 'st.apply_1 c '])
    expect(parts.nodes.get('st.apply_1')?.name).toBe('Apply 1')
    const times = graphOf(
      pipeline(stage(apply('i<+strategy.iteration>of<+strategy.iterations>', loop('repeat: { times: 2 }')))),
    )
    expect(targets(begin(times, facts).commands)).toEqual(['st.apply_0 i0of2 ', 'st.apply_1 i1of2 '])
  })
  test('values of the trigger, and stages in a loop with loops in them', () => {
    const graph = graphOf(
      pipeline(
        stage(
          apply('<+matrix.tenant>_<+strategy.iteration>', loop('parallelism: 2')),
          loop('matrix: { tenant: "<+trigger.tenants>" }'),
        ),
      ),
    )
    expect(graph.stages).toEqual([['st_0', 'st_1']])
    expect(targets(begin(graph, facts).commands)).toEqual([
      'st_0.apply_0 a_0 ',
      'st_0.apply_1 a_1 ',
      'st_1.apply_0 b_0 ',
      'st_1.apply_1 b_1 ',
    ])
  })
  test('what stands in an iteration reads its own; outside one is named', () => {
    const group = `{ stepGroup: { identifier: g, name: G, steps: [${apply('i_<+matrix.x>')}, { step: { identifier: again, name: A, type: DBSchemaApply, spec: { dbSchema: s, dbInstance: i, tag: "<+execution.steps.g.steps.apply.output.preStartTag>" } } }] ${loop('matrix: { x: [1, 2] }')} } }`
    const after = `{ step: { identifier: last, name: L, type: DBSchemaApply, spec: { dbSchema: s, dbInstance: i, tag: "<+execution.steps.g_1.steps.apply.output.preStartTag>" } } }`
    const graph = graphOf(pipeline(stage(`${group}, ${after}`)))
    let state: PipelineState = begin(graph, facts).state
    const said: string[] = []
    for (const node of ['st.g_0.apply', 'st.g_1.apply', 'st.g_0.again', 'st.g_1.again']) {
      const result = { outcome: 'success', output: { preStartTag: `tag of ${node}` } } as const
      const next = transition(graph, state, { type: 'attempt-ended', node, number: 1, result })
      state = next.state
      said.push(...targets(next.commands))
    }
    expect(said).toEqual([
      'st.g_0.again i tag of st.g_0.apply',
      'st.g_1.again i tag of st.g_1.apply',
      'st.last i tag of st.g_1.apply',
    ])
  })
  test('what cannot be expanded is said', () => {
    const of = (text: string) => expand(pipeline(stage(apply('i', loop(text)))))
    expect(of('repeat: { items: "<+trigger.none>" }')).toMatchObject({
      node: 'st.apply',
      problem: expect.stringContaining('told no such value') as string,
    })
    expect(of('repeat: { items: "<+trigger.tenants>", start: 2 }')).toMatchObject({
      problem: 'The loop of st.apply has nothing to go over',
    })
    expect(of('repeat: { times: "<+pipeline.variables.tenants>" }')).toMatchObject({
      problem: expect.stringContaining('no whole number') as string,
    })
    const hundred = Array.from({ length: 100 }, (_, index) => index).join(', ')
    expect(of(`matrix: { a: [${hundred}], b: [1, 2, 3] }`)).toMatchObject({
      problem: expect.stringContaining('300 iterations') as string,
    })
    expect(of(`matrix: { a: [${hundred}], b: [${hundred}], c: [${hundred}] }`)).toMatchObject({
      problem: expect.stringContaining('combinations') as string,
    })
  })
})

describe('mistakes are found at save', () => {
  test.each([
    ['matrix: { x: [1] }, parallelism: 2', 'missing-field'],
    ['repeat: { times: 2, items: [a] }', 'missing-field'],
    ['repeat: { items: [] }', 'There is nothing in'],
    ['parallelism: 0', 'whole number from 1 to 256'],
    ['parallelism: 257', 'whole number from 1 to 256'],
    ['matrix: { x: 5 }', 'must be a list, or an expression'],
    ['repeat: { items: "<+execution.steps.other.output.changeSets>" }', 'is not known when the run starts'],
    ['matrix: { x: [1] }, onFailure: Stop', 'wrong-value'],
  ])('%s', (text, expected) => {
    const other = apply('i').replace('identifier: apply', 'identifier: other')
    expect(errors(pipeline(stage(`${other}, ${apply('i', loop(text))}`))).join('\n')).toContain(expected)
  })
  test('names of another loop, and a loop read as if it were one step', () => {
    const text = loop('matrix: { tenant: [a] }')
    expect(errors(pipeline(stage(apply('<+matrix.tenat>', text)))).join()).toContain(
      'there is no value of `matrix` `tenat`',
    )
    expect(errors(pipeline(stage(apply('<+matrix.tenant>')))).join()).toContain('it stands in no loop')
    const reader = `{ step: { identifier: r, name: R, type: DBSchemaApply, spec: { dbSchema: s, dbInstance: i, tag: "<+steps.apply.output.preStartTag>" } } }`
    expect(errors(pipeline(stage(`${apply('i', text)}, ${reader}`))).join()).toContain(
      'is a loop and has no value of its own',
    )
    expect(errors(pipeline(stage(`${apply('i', text)}, ${reader.replace('steps.apply', 'steps.apply_0')}`)))).toEqual(
      [],
    )
  })
})

describe('maxConcurrency', () => {
  const graph = (onFailure: string) =>
    graphOf(
      pipeline(
        stage(
          apply('<+repeat.item>', loop(`repeat: { items: [a, b, c], maxConcurrency: 1 }, onFailure: ${onFailure}`)),
        ),
      ),
    )
  const run = (onFailure: string) => {
    const nodes = graph(onFailure)
    const first = begin(nodes, facts)
    expect(targets(first.commands)).toEqual(['st.apply_0 a '])
    const result = { outcome: 'failure', output: {}, fault: { code: 'change-set-failed', message: 'No.' } } as const
    return transition(nodes, first.state, { type: 'attempt-ended', node: 'st.apply_0', number: 1, result })
  }
  test('one after the other; after a failure the others are left out', () => {
    const { state, commands } = run('SkipQueued')
    expect(targets(commands)).toEqual([])
    expect(state.nodes['st.apply_2']).toMatchObject({ status: 'Skipped' })
    expect(state.status).toBe('Failed')
  })
  test('with RunAll they still run', () => {
    const { state, commands } = run('RunAll')
    expect(targets(commands)).toEqual(['st.apply_1 b '])
    expect(state.status).toBe('Running')
  })
})
