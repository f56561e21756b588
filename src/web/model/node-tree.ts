// The nodes of an execution as a tree in document order, and which of them deserves the eye.
import type { ExecutionNode } from '#contract/api/execution'
import type { ExecutionStatus } from '#contract/pipeline/status'

type Nested = Pick<ExecutionNode, 'id' | 'parent'>

export interface TreeNode<Node extends Nested = ExecutionNode> {
  readonly node: Node
  readonly children: readonly TreeNode<Node>[]
}

/** Nodes whose parent is missing stand at the top. */
export function nodeTree<Node extends Nested>(nodes: readonly Node[]): TreeNode<Node>[] {
  const known = new Set(nodes.map((node) => node.id))
  const parentOf = (node: Node): string | null => (node.parent !== null && known.has(node.parent) ? node.parent : null)
  const build = (parent: string | null): TreeNode<Node>[] =>
    nodes.filter((node) => parentOf(node) === parent).map((node) => ({ node, children: build(node.id) }))
  return build(null)
}

/** Steps below a tree node, in order, with how deep they are nested in groups. */
export function stepsBelow<Node extends Nested>(
  tree: TreeNode<Node>,
  depth = 0,
): { readonly node: Node; readonly depth: number }[] {
  return tree.children.flatMap((child) => [{ node: child.node, depth }, ...stepsBelow(child, depth + 1)])
}

/** What a person opening the page wants to see, most urgent first. */
const urgency: readonly (readonly ExecutionStatus[])[] = [
  ['InterventionWaiting', 'ApprovalWaiting', 'InputWaiting'],
  ['Running', 'Unknown', 'ResourceWaiting'],
  ['Failed', 'Errored', 'Expired', 'ApprovalRejected', 'AbortedByFreeze', 'Aborted'],
]

/** The step to show when none was chosen: waiting for a person, then running, then the first broken, then the last that ran. */
export function stepToShow(nodes: readonly ExecutionNode[]): ExecutionNode | undefined {
  const steps = nodes.filter((node) => node.kind === 'step')
  for (const statuses of urgency) {
    const found = steps.find((step) => statuses.includes(step.status))
    if (found) return found
  }
  return steps.findLast((step) => step.startedAt !== null) ?? steps[0]
}

/** The step of a stage to jump to. */
export function stepOfStage(nodes: readonly ExecutionNode[], stage: string): ExecutionNode | undefined {
  const below = new Set([stage])
  for (const node of nodes) if (node.parent !== null && below.has(node.parent)) below.add(node.id)
  return stepToShow(nodes.filter((node) => below.has(node.id)))
}
