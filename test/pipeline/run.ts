// A pipeline run in memory: the pure machine told one event after the other. Used by the tests beside it.
import type { FaultCode } from '#contract/fault'
import type { Graph } from '#pipeline/graph'
import { begin, transition } from '#pipeline/machine'
import { readPipeline } from '#pipeline/read/pipeline'
import type { AttemptResult, Command, Facts, PipelineEvent, PipelineState, Transition } from '#pipeline/state'

export const facts: Facts = {
  'pipeline.executionId': 'e1',
  'pipeline.sequenceId': 7,
  'pipeline.startTs': 0,
  'pipeline.triggerType': 'MANUAL',
  'pipeline.triggeredBy.name': 'Dana',
  'pipeline.triggeredBy.email': 'dana@example.org',
  'org.identifier': 'default',
  'project.identifier': 'shop',
}

/** Nobody else is there: what a stage or queue asks for is its own at once. */
export function alone(graph: Graph, first: Transition): Transition {
  let { state, commands } = first
  for (const { type, node } of first.commands) {
    if (type !== 'request-hold') continue
    const next = alone(graph, transition(graph, state, { type: 'hold-granted', node }))
    state = next.state
    commands = [...commands.filter((one) => one.type !== 'request-hold' || one.node !== node), ...next.commands]
  }
  return { state, commands }
}

/** `tell` feeds events and keeps what the last one asked for. */
export class Run {
  readonly graph: Graph
  state: PipelineState
  commands: readonly Command[]
  readonly #settle: typeof alone

  /** `settle`: what becomes of requests to hold something. */
  constructor(yaml: string, settle = alone) {
    const { pipeline, diagnostics } = readPipeline(yaml)
    if (!pipeline) throw new Error(JSON.stringify(diagnostics))
    this.graph = pipeline.graph
    this.#settle = settle
    ;({ state: this.state, commands: this.commands } = settle(this.graph, begin(this.graph, facts)))
  }
  /** Through JSON: between two events the state is a row. */
  tell(event: PipelineEvent): this {
    const stored = JSON.parse(JSON.stringify(this.state)) as PipelineState
    ;({ state: this.state, commands: this.commands } = this.#settle(this.graph, transition(this.graph, stored, event)))
    return this
  }
  start(node: string): this {
    const { number } = this.live(node)
    return this.tell({ type: 'attempt-accepted', node, number }).tell({ type: 'attempt-started', node, number })
  }
  end(node: string, result: Partial<AttemptResult> & Pick<AttemptResult, 'outcome'>): this {
    const { number, started } = this.live(node)
    if (!started) this.start(node)
    return this.tell({ type: 'attempt-ended', node, number, result: { output: {}, ...result } })
  }
  ok(node: string): this {
    return this.end(node, { outcome: 'success' })
  }
  fail(node: string, code: FaultCode = 'change-set-failed'): this {
    return this.end(node, { outcome: 'failure', fault: { code, message: 'No.' } })
  }
  live(node: string) {
    const live = this.state.nodes[node]?.live
    if (!live) throw new Error(`Nothing runs for ${node}: ${JSON.stringify(this.state.nodes[node])}`)
    return live
  }
  running(): readonly string[] {
    return this.graph.order.filter((id) => this.state.nodes[id]?.live)
  }
  status(node: string): string {
    return this.state.nodes[node]?.status ?? ''
  }
  statuses(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.graph.order.map((id) => [id, this.status(id)]))
  }
  reason(node: string): string {
    return this.state.nodes[node]?.reason ?? ''
  }
}
