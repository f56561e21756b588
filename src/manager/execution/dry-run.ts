// Shows the graph that a start would run, with its inputs and loops, and starts nothing.
import type { z } from 'zod'
import type { expandedNodeSchema } from '#contract/api/pipeline'
import type { Diagnostic } from '#contract/diagnostic'
import { buildGraph, databaseTarget, type Graph, nodeOf } from '#pipeline/graph'
import { resolveText } from '#pipeline/resolve'
import type { Facts } from '#pipeline/state'
import type { ProjectScope } from '../entity/scope.ts'
import type { Caller } from '../http/handler.ts'
import type { Executor } from '../store/port.ts'
import { type GivenInputs, prepare } from './prepare.ts'

type ExpandedNode = z.output<typeof expandedNodeSchema>

export async function dryRun(
  db: Executor,
  { org, project }: ProjectScope,
  pipeline: { readonly id: string; readonly identifier: string; readonly yaml: string },
  given: GivenInputs,
  { user, actor }: Caller,
): Promise<{ nodes: ExpandedNode[]; diagnostics: Diagnostic[] }> {
  const facts: Facts = {
    'pipeline.executionId': 'dry-run',
    'pipeline.sequenceId': 0,
    'pipeline.startTs': 0,
    'pipeline.triggerType': 'MANUAL',
    'pipeline.triggeredBy.name': user?.name ?? actor.name,
    'pipeline.triggeredBy.email': user?.email ?? '',
    'org.identifier': org,
    'project.identifier': project,
  }
  const { document, diagnostics } = await prepare(db, pipeline, given, facts)
  const graph = buildGraph(document)
  return { nodes: graph.order.map((id) => show(graph, facts, id)), diagnostics: [...diagnostics] }
}

function show(graph: Graph, facts: Facts, id: string): ExpandedNode {
  const { parent, kind, type, name, rollback, when } = nodeOf(graph, id)
  const target = databaseTarget(nodeOf(graph, id))
  const idle = { status: 'NotStarted', output: {}, attempts: 0, tries: 0 } as const
  /** What hangs on the outputs of steps is shown as it is written. */
  const known = (text: string): string => {
    const resolved = resolveText({ graph, facts, node: () => idle }, id, text)
    return 'text' in resolved ? resolved.text : text
  }
  return {
    id,
    parent,
    kind,
    type,
    name,
    rollback,
    batch: batchOf(graph, id),
    ...(target ? { dbSchema: known(target.dbSchema), dbInstance: known(target.dbInstance) } : {}),
    ...(when?.condition === undefined ? {} : { condition: when.condition }),
  }
}

function batchOf(graph: Graph, id: string): number {
  const { parent } = nodeOf(graph, id)
  const holder = parent === null ? undefined : nodeOf(graph, parent)
  const sections = !holder || holder.kind === 'step' ? [graph.stages] : [holder.steps, holder.rollbackSteps]
  return Math.max(...sections.map((section) => section.findIndex((batch) => batch.includes(id))))
}
