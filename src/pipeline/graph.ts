// The pipeline as a graph: every stage, group and step under its path, with its children in batches. Made from the document alone.
import type { PodSettings } from '#contract/delegate/pod-settings'
import {
  type Batch,
  type ElementDocument,
  type FailureStrategy,
  type GroupDocument,
  isDatabaseWork,
  type Iteration,
  type PipelineDocument,
  type StageDocument,
  type Strategy,
  type Variable,
  type When,
  type Work,
} from './document.ts'

interface NodeCommon {
  /** Path: `dev`, `dev.deploy`, `dev.deploy.apply`. */
  readonly id: string
  readonly parent: string | null
  readonly identifier: string
  readonly name: string
  /** In document order, rollback sections after the steps of their parent. */
  readonly position: number
  /** In a rollbackSteps section, itself or an ancestor. */
  readonly rollback: boolean
  readonly when: When | undefined
  readonly failureStrategies: readonly FailureStrategy[]
  /** Only before loops are expanded. */
  readonly strategy: Strategy | undefined
  readonly iteration: Iteration | undefined
}
export interface ContainerNode extends NodeCommon {
  readonly kind: 'stage' | 'group'
  /** Stage type, or `StepGroup`. */
  readonly type: string
  readonly timeoutSeconds: number | undefined
  readonly variables: readonly Variable[]
  readonly steps: readonly Batch<string>[]
  readonly rollbackSteps: readonly Batch<string>[]
}
export interface StepNode extends NodeCommon {
  readonly kind: 'step'
  readonly type: Work['type']
  readonly work: Work
  readonly timeoutSeconds: number
  /** Those of the nearest level that names any: step, group, stage, pipeline. */
  readonly delegateSelectors: readonly string[]
  /** Of the nearest group that says something of its pods. */
  readonly pod: PodSettings | undefined
  /** That group, whose steps share a folder. */
  readonly workspace: SharedFolder | undefined
}
export interface SharedFolder {
  /** Path of the group. */
  readonly group: string
  readonly paths: readonly string[]
}
/** What elements have from those around them. */
interface Inherited {
  readonly delegateSelectors: readonly string[]
  readonly pod?: PodSettings | undefined
  readonly workspace?: SharedFolder | undefined
}
export type GraphNode = ContainerNode | StepNode

export interface Graph {
  readonly pipeline: Omit<PipelineDocument, 'stages'>
  readonly stages: readonly Batch<string>[]
  readonly nodes: ReadonlyMap<string, GraphNode>
  /** All ids by position. */
  readonly order: readonly string[]
}

export function buildGraph(document: PipelineDocument): Graph {
  const nodes = new Map<string, GraphNode>()
  const order: string[] = []
  /** Reserves the place of a node before its children take theirs. */
  const place = (id: string): number => order.push(id) - 1

  const addElement = (element: ElementDocument, parent: string, rollback: boolean, inherited: Inherited): string => {
    const id = `${parent}.${element.identifier}`
    const position = place(id)
    const { delegateSelectors } = element.delegateSelectors.length > 0 ? element : inherited
    const infrastructure = element.kind === 'group' ? infrastructureOf(element, id, inherited) : inherited
    const common = {
      id,
      parent,
      identifier: element.identifier,
      name: element.name,
      position,
      rollback,
      when: element.when,
      failureStrategies: element.failureStrategies,
      strategy: element.strategy,
      iteration: element.iteration,
    }
    if (element.kind === 'step') {
      const { work, timeoutSeconds, container } = element
      const { pod, workspace } = infrastructure
      nodes.set(id, {
        ...common,
        kind: 'step',
        type: work.type,
        work,
        timeoutSeconds,
        delegateSelectors,
        pod: container ? { ...pod, ...container } : pod,
        workspace,
      })
      return id
    }
    const steps = addSection(element.steps, id, rollback, { ...infrastructure, delegateSelectors })
    const rollbackSteps = addSection(element.rollbackSteps, id, true, { ...infrastructure, delegateSelectors })
    const { variables } = element
    nodes.set(id, {
      ...common,
      kind: 'group',
      type: 'StepGroup',
      timeoutSeconds: undefined,
      variables,
      steps,
      rollbackSteps,
    })
    return id
  }
  const addSection = (
    section: readonly Batch<ElementDocument>[],
    parent: string,
    rollback: boolean,
    inherited: Inherited,
  ): readonly Batch<string>[] =>
    section.map((batch) => batch.map((element) => addElement(element, parent, rollback, inherited)))

  const addStage = (stage: StageDocument): string => {
    const id = stage.identifier
    const position = place(id)
    const { delegateSelectors } = stage.delegateSelectors.length > 0 ? stage : document
    const { kind, type, identifier, name, when, failureStrategies, timeoutSeconds, variables } = stage
    const { strategy, iteration } = stage
    const steps = addSection(stage.steps, id, false, { delegateSelectors })
    const rollbackSteps = addSection(stage.rollbackSteps, id, true, { delegateSelectors })
    const identity = { id, parent: null, identifier, name, position, rollback: false }
    const common = { ...identity, when, failureStrategies, strategy, iteration }
    nodes.set(id, { ...common, kind, type, timeoutSeconds, variables, steps, rollbackSteps })
    return id
  }
  const stages = document.stages.map((batch) => batch.map(addStage))
  const { stages: _, ...pipeline } = document
  return { pipeline, stages, nodes, order }
}

/** A group that says something of its pods has a folder of its own, and so has the outermost one in which something is cloned. */
function infrastructureOf(
  group: GroupDocument,
  id: string,
  { pod, workspace }: Inherited,
): Pick<Inherited, 'pod' | 'workspace'> {
  const own = { group: id, paths: group.sharedPaths }
  if (group.pod) return { pod: group.pod, workspace: own }
  return { pod, workspace: workspace ?? (clones(group) ? own : undefined) }
}

const clones = (element: ElementDocument): boolean =>
  element.kind === 'step'
    ? element.work.type === 'GitClone'
    : [...element.steps, ...element.rollbackSteps].flat().some(clones)

/** The node, which must exist: a wrong id is a defect of the caller. */
export function nodeOf(graph: Graph, id: string): GraphNode {
  const node = graph.nodes.get(id)
  if (!node) throw new Error(`The pipeline ${graph.pipeline.identifier} has no node ${id}.`)
  return node
}

/** The node and what holds it, innermost first. */
export function withAncestors(graph: Graph, id: string): readonly GraphNode[] {
  const chain: GraphNode[] = []
  for (let next: string | null = id; next !== null; ) {
    const node = nodeOf(graph, next)
    chain.push(node)
    next = node.parent
  }
  return chain
}

export function stageOf(graph: Graph, id: string): ContainerNode {
  const stage = withAncestors(graph, id).at(-1)
  if (stage?.kind !== 'stage') throw new Error(`The node ${id} is in no stage.`)
  return stage
}

/** All nodes below a container, in document order. */
export function descendants(graph: Graph, id: string): readonly GraphNode[] {
  const prefix = `${id}.`
  return graph.order.filter((other) => other.startsWith(prefix)).map((other) => nodeOf(graph, other))
}

export interface LaterApply {
  readonly node: string
  /** As written: may hold expressions. */
  readonly dbSchema: string
  readonly dbInstance: string
  /** It drops all that is there. */
  readonly drops?: true
}
/** The applies that come after a node in document order, rollback sections aside: what an approval there decides about. */
export function appliesAfter(graph: Graph, id: string): readonly LaterApply[] {
  const { position } = nodeOf(graph, id)
  return graph.order.slice(position + 1).flatMap((other) => {
    const node = nodeOf(graph, other)
    if (node.kind !== 'step' || node.rollback) return []
    const { work } = node
    const drops = work.type === 'LiquibaseCommand' && work.command === 'drop-all'
    if (work.type !== 'DBSchemaApply' && !drops) return []
    const { dbSchema, dbInstance } = work
    return [{ node: other, dbSchema, dbInstance, ...(drops ? { drops } : {}) }]
  })
}

export function databaseTarget(
  node: GraphNode,
): { readonly dbSchema: string; readonly dbInstance: string } | undefined {
  if (node.kind !== 'step' || !isDatabaseWork(node.work)) return undefined
  return { dbSchema: node.work.dbSchema, dbInstance: node.work.dbInstance }
}
