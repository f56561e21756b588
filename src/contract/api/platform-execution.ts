// Executions and their approvals as the clients of the platform services read them: summaries, the graph of a run, its inputs.
import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { epochMillisecondsSchema } from '../identifier.ts'
import { noQuerySchema } from '../paging.ts'
import { platformListQuerySchema, platformQuerySchema } from '../platform.ts'
import { executionStatusSchema } from '../pipeline/status.ts'
import { approvalStatusSchema } from './approval.ts'
import { triggerTypeSchema } from './execution.ts'
import { executionParamsSchema, noParamsSchema } from './scope.ts'

const time = epochMillisecondsSchema.nullable()
const layoutNodeSchema = z.object({
  nodeUuid: z.string(),
  nodeIdentifier: z.string(),
  nodeGroup: z.literal('STAGE'),
  nodeType: z.string(),
  name: z.string(),
  status: executionStatusSchema,
  module: z.string(),
  startTs: time,
  endTs: time,
})
export const platformExecutionSummarySchema = z.object({
  planExecutionId: z.string(),
  pipelineIdentifier: z.string(),
  name: z.string(),
  orgIdentifier: z.string(),
  projectIdentifier: z.string(),
  status: executionStatusSchema,
  runSequence: z.int().positive(),
  executionTriggerInfo: z.object({
    triggerType: triggerTypeSchema,
    triggeredBy: z.object({
      identifier: z.string(),
      uuid: z.string(),
      extraInfo: z.object({ email: z.string() }),
      triggerIdentifier: z.string().optional(),
    }),
  }),
  notes: z.string().optional(),
  modules: z.array(z.string()),
  createdAt: epochMillisecondsSchema,
  startTs: time,
  endTs: time,
  /** Its stages by their ids. */
  layoutNodeMap: z.record(z.string(), layoutNodeSchema),
  startingNodeId: z.string().nullable(),
  totalStagesCount: z.int(),
  successfulStagesCount: z.int(),
  failedStagesCount: z.int(),
  runningStagesCount: z.int(),
  /** The first fault of a step, of a run that has one. */
  failureInfo: z.object({ message: z.string() }).optional(),
})
export type PlatformExecutionSummary = z.output<typeof platformExecutionSummarySchema>

export const graphNodeSchema = z.object({
  uuid: z.string(),
  setupId: z.string(),
  identifier: z.string(),
  name: z.string(),
  baseFqn: z.string(),
  stepType: z.string(),
  status: executionStatusSchema,
  startTs: time,
  endTs: time,
  failureInfo: z.object({ message: z.string() }).optional(),
  /** What the step gave. */
  outcomes: z.object({ output: z.record(z.string(), z.unknown()) }),
  /** Prefix for the download of its log; of steps that have begun. */
  logBaseKey: z.string().optional(),
})
export const executionGraphSchema = z.object({
  rootNodeId: z.string(),
  nodeMap: z.record(z.string(), graphNodeSchema),
  nodeAdjacencyListMap: z.record(z.string(), z.object({ children: z.array(z.string()), nextIds: z.array(z.string()) })),
})

export const interruptTypeSchema = z.enum([
  'AbortAll',
  'Abort',
  'Pause',
  'Resume',
  'StageRollback',
  'ExpireAll',
  'Retry',
])

const userSchema = z.object({ email: z.string(), name: z.string() })
/** A group of the approval, an activity, and what approvers are asked for; the same in both forms of an approval. */
const approvalDetailsSchema = z.object({
  approvalMessage: z.string(),
  includePipelineExecutionHistory: z.boolean(),
  approvers: z.object({
    userGroups: z.array(z.string()),
    minimumCount: z.int(),
    disallowPipelineExecutor: z.boolean(),
  }),
  approvalActivities: z.array(
    z.object({
      user: userSchema,
      action: z.enum(['APPROVE', 'REJECT']),
      comments: z.string(),
      approvedAt: epochMillisecondsSchema,
    }),
  ),
  approverInputs: z.array(z.object({ name: z.string(), defaultValue: z.string() })),
})
const approvalInstance = {
  id: z.string(),
  type: z.literal('HarnessApproval'),
  status: approvalStatusSchema,
  deadline: epochMillisecondsSchema,
  details: approvalDetailsSchema,
}
export const approvalInstanceSchema = z.object({
  ...approvalInstance,
  created: epochMillisecondsSchema,
  error_message: z.string(),
})
export const platformApprovalSchema = z.object({
  ...approvalInstance,
  createdAt: epochMillisecondsSchema,
  errorMessage: z.string(),
})

const tag = 'Executions (platform services)'
const base = { tag, envelope: 'platform', status: 200 } as const
const params = z.object({ execution: z.string().min(1).max(64) })
const EXECUTION = '/pipeline/api/pipelines/execution'
export const platformExecutionEndpoints = {
  platformListExecutions: endpoint({
    ...base,
    name: 'platformListExecutions',
    method: 'POST',
    path: `${EXECUTION}/summary`,
    summary: 'List executions, newest first',
    access: 'pipeline.view',
    params: noParamsSchema,
    query: platformListQuerySchema.extend({
      pipelineIdentifier: z.string().max(128).optional(),
      status: z.string().max(1024).optional().describe('May be repeated; Waiting stands for every kind of waiting.'),
      myDeployments: z.enum(['true', 'false']).optional(),
      sort: z.string().max(256).optional().describe('The same as sortOrders.'),
    }),
    body: z.object({
      filterType: z.string().max(64).optional(),
      status: z.array(z.string().max(64)).max(64).nullish(),
      pipelineName: z.string().max(256).nullish(),
    }),
    reply: z.array(platformExecutionSummarySchema),
    paged: true,
  }),
  platformGetExecution: endpoint({
    ...base,
    name: 'platformGetExecution',
    method: 'GET',
    path: `${EXECUTION}/v2/{execution}`,
    summary: 'Read an execution with its graph',
    access: 'pipeline.view',
    params,
    query: platformQuerySchema.extend({
      renderFullBottomGraph: z.enum(['true', 'false']).optional().describe('false leaves the graph out.'),
      stageNodeId: z.string().max(512).optional(),
    }),
    reply: z.object({
      pipelineExecutionSummary: platformExecutionSummarySchema,
      executionGraph: executionGraphSchema.nullable(),
      representationStrategy: z.literal('camelCase'),
    }),
  }),
  platformGetExecutionInputs: endpoint({
    ...base,
    name: 'platformGetExecutionInputs',
    method: 'GET',
    path: `${EXECUTION}/{execution}/inputsetV2`,
    summary: 'The inputs that an execution was started with',
    access: 'pipeline.view',
    params,
    query: platformQuerySchema.extend({
      resolveExpressions: z
        .enum(['true', 'false'])
        .optional()
        .describe('No effect: values are shown as they were given.'),
    }),
    reply: z.object({
      inputSetYaml: z.string().nullable(),
      inputSetTemplateYaml: z.string().nullable(),
      inputSetDetails: z.array(z.object({ identifier: z.string(), name: z.string() })),
    }),
  }),
  platformInterruptExecution: endpoint({
    ...base,
    name: 'platformInterruptExecution',
    method: 'PUT',
    path: '/pipeline/api/pipeline/execute/interrupt/{execution}',
    summary: 'Abort, pause or resume an execution',
    access: 'pipeline.execute',
    params,
    query: platformQuerySchema.extend({ interruptType: interruptTypeSchema }),
    body: z.object({}),
    reply: z.object({ planExecutionId: z.string(), type: interruptTypeSchema }),
  }),
  platformListApprovals: endpoint({
    name: 'platformListApprovals',
    method: 'GET',
    path: '/pipeline/api/v1/orgs/{org}/projects/{project}/approvals/execution/{execution}',
    tag,
    status: 200,
    summary: 'List the approvals of an execution',
    access: 'pipeline.view',
    params: executionParamsSchema,
    query: noQuerySchema.extend({
      approval_status: z.enum([...approvalStatusSchema.options, 'FAILED']).optional(),
      approval_type: z.enum(['HarnessApproval', 'JiraApproval', 'CustomApproval', 'ServiceNowApproval']).optional(),
      node_execution_id: z.string().max(512).optional(),
    }),
    reply: z.array(approvalInstanceSchema),
  }),
  platformDecideApproval: endpoint({
    ...base,
    name: 'platformDecideApproval',
    method: 'POST',
    path: '/pipeline/api/approvals/{approval}/harness/activity',
    summary: 'Approve or reject',
    access: 'signed-in',
    params: z.object({ approval: z.string().min(1).max(64) }),
    query: platformQuerySchema,
    body: z.object({
      action: z.enum(['APPROVE', 'REJECT']),
      comments: z.string().max(4096).nullish(),
      approverInputs: z
        .array(z.object({ name: z.string().max(128), value: z.string().max(4096) }))
        .max(100)
        .nullish(),
    }),
    reply: platformApprovalSchema,
  }),
}
