// A transition under way: the next state being put together, and the commands collected. Exists only inside one call of the machine.
import type { ExecutionStatus } from '#contract/pipeline/status'
import { type ContainerNode, descendants, type Graph, type GraphNode, nodeOf, stageOf } from './graph.ts'
import type { Values } from './resolve.ts'
import type { Command, Ending, NodeState, PipelineState } from './state.ts'

/** Undefined removes the field: states are stored as JSON. */
type Change = { readonly [Key in keyof NodeState]?: NodeState[Key] | undefined }

export class Draft {
  readonly graph: Graph
  readonly commands: Command[] = []
  readonly #nodes: Record<string, NodeState>
  readonly #base: PipelineState
  status: ExecutionStatus
  ending: Ending | undefined
  rollback: string | undefined
  paused: string | undefined

  constructor(graph: Graph, state: PipelineState) {
    this.graph = graph
    this.#base = state
    this.#nodes = { ...state.nodes }
    this.status = state.status
    this.ending = state.ending
    this.rollback = state.rollback
    this.paused = state.paused
  }

  get facts() {
    return this.#base.facts
  }

  node(id: string): NodeState {
    const found = this.#nodes[id]
    if (!found) throw new Error(`The state has no node ${id}.`)
    return found
  }

  change(id: string, change: Change): void {
    const next: Record<string, unknown> = { ...this.node(id), ...change }
    for (const key of Object.keys(next)) if (next[key] === undefined) delete next[key]
    this.#nodes[id] = next as unknown as NodeState
  }

  command(command: Command): void {
    this.commands.push(command)
  }

  statuses(ids: readonly string[]): ExecutionStatus[] {
    return ids.map((id) => this.node(id).status)
  }

  finish(): PipelineState {
    const { version, facts } = this.#base
    return {
      version,
      status: this.status,
      facts,
      ...(this.ending ? { ending: this.ending } : {}),
      ...(this.paused === undefined ? {} : { paused: this.paused }),
      ...(this.rollback === undefined ? {} : { rollback: this.rollback }),
      nodes: this.#nodes,
    }
  }

  stageOf(id: string): ContainerNode {
    return stageOf(this.graph, id)
  }

  /** Marks what has not begun among `nodes` as never going to. */
  skip(nodes: readonly GraphNode[], reason: string): void {
    for (const node of nodes)
      if (this.node(node.id).status === 'NotStarted') this.change(node.id, { status: 'Skipped', reason })
  }

  skipWithin(id: string, reason: string): void {
    this.skip([nodeOf(this.graph, id), ...descendants(this.graph, id)], reason)
  }
}

/** What expressions read at this moment. */
export function valuesOf(draft: Draft): Values {
  return { graph: draft.graph, facts: draft.facts, node: (id) => draft.node(id) }
}
