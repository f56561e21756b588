// An execution as the clients of the platform services read it: a summary with its stages, and the graph of its nodes.
import type { z } from 'zod'
import type { ExecutionNode, ExecutionSummary } from '#contract/api/execution'
import type { executionGraphSchema, PlatformExecutionSummary } from '#contract/api/platform-execution'
import { brokenStatuses, isFinal, positiveStatuses } from '#contract/pipeline/status'

interface Scope {
  readonly org: string
  readonly project: string
}
/** Of a stage only what a summary shows. */
export type ShownNode = Pick<
  ExecutionNode,
  'id' | 'parent' | 'kind' | 'type' | 'identifier' | 'name' | 'status' | 'startedAt' | 'endedAt' | 'fault'
>

export function showPlatformSummary(
  { org, project }: Scope,
  run: ExecutionSummary,
  stages: readonly ShownNode[],
  fault: string | undefined,
): PlatformExecutionSummary {
  const { type, identifier, trigger } = run.triggeredBy
  const count = (is: (node: ShownNode) => boolean): number => stages.filter(is).length
  return {
    planExecutionId: run.id,
    pipelineIdentifier: run.pipeline,
    name: run.pipelineName,
    orgIdentifier: org,
    projectIdentifier: project,
    status: run.status,
    runSequence: run.number,
    executionTriggerInfo: {
      triggerType: type,
      triggeredBy: {
        identifier: run.triggeredBy.name,
        uuid: identifier,
        extraInfo: { email: identifier },
        ...(trigger === undefined ? {} : { triggerIdentifier: trigger }),
      },
    },
    ...(run.notes === undefined ? {} : { notes: run.notes }),
    modules: ['dbops'],
    createdAt: run.createdAt,
    startTs: run.startedAt,
    endTs: run.endedAt,
    layoutNodeMap: Object.fromEntries(stages.map((stage) => [stage.id, layoutNode(stage)])),
    startingNodeId: stages[0]?.id ?? null,
    totalStagesCount: stages.length,
    successfulStagesCount: count(({ status }) => positiveStatuses.has(status)),
    failedStagesCount: count(({ status }) => brokenStatuses.has(status)),
    runningStagesCount: count(({ status }) => status !== 'NotStarted' && !isFinal(status)),
    ...(fault === undefined ? {} : { failureInfo: { message: fault } }),
  }
}

const layoutNode = (stage: ShownNode) => ({
  nodeUuid: stage.id,
  nodeIdentifier: stage.identifier,
  nodeGroup: 'STAGE' as const,
  nodeType: stage.type,
  name: stage.name,
  status: stage.status,
  module: 'dbops',
  startTs: stage.startedAt,
  endTs: stage.endedAt,
})

/** The run itself is the root, under its own id; no node has that, because ids of nodes are paths. `logKey` names the log of a node. */
export function showGraph(
  run: ExecutionSummary,
  nodes: readonly ExecutionNode[],
  logKey: (node: string) => string,
): z.output<typeof executionGraphSchema> {
  const root = {
    uuid: run.id,
    setupId: run.id,
    identifier: 'pipeline',
    name: run.pipelineName,
    baseFqn: 'pipeline',
    stepType: 'PIPELINE_SECTION',
    status: run.status,
    startTs: run.startedAt,
    endTs: run.endedAt,
    outcomes: { output: {} },
  }
  const children = (parent: string | null): string[] =>
    nodes.filter((node) => node.parent === parent).map(({ id }) => id)
  return {
    rootNodeId: run.id,
    nodeMap: { [run.id]: root, ...Object.fromEntries(nodes.map((node) => [node.id, graphNode(node, logKey)])) },
    nodeAdjacencyListMap: {
      [run.id]: { children: children(null), nextIds: [] },
      ...Object.fromEntries(nodes.map(({ id }) => [id, { children: children(id), nextIds: [] }])),
    },
  }
}

function graphNode(node: ExecutionNode, logKey: (node: string) => string) {
  const message = node.fault?.message ?? (brokenStatuses.has(node.status) ? node.statusReason : undefined)
  return {
    uuid: node.id,
    setupId: node.id,
    identifier: node.identifier,
    name: node.name,
    baseFqn: `pipeline.stages.${node.id}`,
    stepType: node.type,
    status: node.status,
    startTs: node.startedAt,
    endTs: node.endedAt,
    ...(message === undefined ? {} : { failureInfo: { message } }),
    outcomes: { output: node.output },
    ...(node.attempt === null ? {} : { logBaseKey: logKey(node.id) }),
  }
}
