// What is read from the server, under which key it is kept, and how long it counts as fresh.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { MigrationStateOut } from '#contract/api/migration-state'
import { isTaskOver, type Task } from '#contract/api/task'
import { Fault } from '#contract/fault'
import type { BrowserApi } from './api.ts'
import { joinPages } from './model/matrix.ts'

export interface Scope {
  readonly org: string
  readonly project: string
}

export interface Organization {
  readonly identifier: string
  readonly name: string
  readonly projects: readonly { readonly identifier: string; readonly name: string }[]
}

/** Milliseconds between two readings of what others may change while it is on the screen. */
export const calm = 15_000
export const lively = 5_000
/** While somebody waits for the end of a task. */
const soon = 1_000
/** Rows a page, the most that the server gives. */
const full = 100
export const executionsPerPage = 25

interface Rows<Row> {
  readonly rows: readonly Row[]
  readonly total: number
}
/** Every row of a list, page after page. */
export async function allRows<Row>(
  read: (query: { page: number; limit: number }) => Promise<Rows<Row>>,
): Promise<Row[]> {
  const rows: Row[] = []
  for (let page = 0; ; page += 1) {
    const answer = await read({ page, limit: full })
    rows.push(...answer.rows)
    if (answer.rows.length < full || rows.length >= answer.total) return rows
  }
}

const byName = { sort: 'name', order: 'ASC' } as const

/** null: signed out. */
export const sessionQuery = (api: BrowserApi) =>
  queryOptions({
    queryKey: ['session'],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) =>
      api.getSession({}, signal).catch((error: unknown) => {
        if (error instanceof Fault && error.code === 'unauthenticated') return null
        throw error
      }),
  })

/** Ways to sign in beside e-mail and password. */
export const signInProvidersQuery = (api: BrowserApi) =>
  queryOptions({
    queryKey: ['sign-in-providers'],
    staleTime: 60_000,
    queryFn: ({ signal }) => api.listSignInProviders({}, signal),
  })

/** Organizations with their projects, for the chooser. */
export const scopesQuery = (api: BrowserApi) =>
  queryOptions({
    queryKey: ['scopes'],
    staleTime: 60_000,
    queryFn: async ({ signal }): Promise<Organization[]> => {
      const organizations = await allRows((query) => api.listOrganizations({ query: { ...query, ...byName } }, signal))
      return await Promise.all(
        organizations.map(async ({ organization }) => ({
          identifier: organization.identifier,
          name: organization.name,
          projects: (
            await allRows((query) =>
              api.listProjects({ params: { org: organization.identifier }, query: { ...query, ...byName } }, signal),
            )
          ).map(({ project }) => ({ identifier: project.identifier, name: project.name })),
        })),
      )
    },
  })

export const overviewQuery = (api: BrowserApi, scope: Scope) =>
  queryOptions({
    queryKey: ['overview', scope],
    refetchInterval: calm,
    queryFn: ({ signal }) => api.getOverview({ params: scope }, signal),
  })

export const schemasQuery = (api: BrowserApi, scope: Scope) =>
  queryOptions({
    queryKey: ['schemas', scope],
    queryFn: ({ signal }) =>
      allRows((query) => api.listDbSchemas({ params: scope, query: { ...query, ...byName } }, signal)),
  })

export const schemaQuery = (api: BrowserApi, scope: Scope, dbschema: string) =>
  queryOptions({
    queryKey: ['schema', scope, dbschema],
    queryFn: ({ signal }) => api.getDbSchema({ params: { ...scope, dbschema } }, signal),
  })

export const instancesQuery = (api: BrowserApi, scope: Scope, dbschema: string) =>
  queryOptions({
    queryKey: ['instances', scope, dbschema],
    queryFn: ({ signal }) =>
      allRows((query) =>
        api.listDbInstances(
          { params: { ...scope, dbschema }, query: { ...query, sort: 'created', order: 'ASC' }, body: {} },
          signal,
        ),
      ),
  })

/** The whole matrix: pages in turn, in changelog order. Instances stand in the order in which they were created. */
export const migrationStateQuery = (api: BrowserApi, scope: Scope, dbschema: string) =>
  queryOptions({
    queryKey: ['migration-state', scope, dbschema],
    queryFn: async ({ signal }): Promise<MigrationStateOut> => {
      const pages = []
      let have = 0
      for (let page = 0; ; page += 1) {
        const { body, total } = await api.getMigrationState(
          {
            params: { ...scope, dbschema },
            query: { page, limit: full },
            body: { instanceFilter: { sort: 'created', order: 'ASC' } },
          },
          signal,
        )
        pages.push(body)
        have += body.changeSets.length
        if (body.changeSets.length < full || have >= total) return joinPages(pages)
      }
    },
    // A long changelog is many pages.
    refetchInterval: (query) => (query.state.data && query.state.data.changeSets.length > 1000 ? 4 * calm : calm),
  })

export const changeSetSqlQuery = (
  api: BrowserApi,
  scope: Scope,
  target: { readonly dbschema: string; readonly dbinstance: string; readonly changesetFQN: string },
) =>
  queryOptions({
    queryKey: ['change-set-sql', scope, target],
    queryFn: ({ signal }) =>
      api.getChangeSetSql(
        {
          params: { ...scope, dbschema: target.dbschema, dbinstance: target.dbinstance },
          query: { limit: full },
          body: { changesetFQN: target.changesetFQN },
        },
        signal,
      ),
  })

export const pipelinesQuery = (api: BrowserApi, scope: Scope) =>
  queryOptions({
    queryKey: ['pipelines', scope],
    queryFn: ({ signal }) =>
      allRows((query) => api.listPipelines({ params: scope, query: { ...query, ...byName } }, signal)),
  })

export const pipelineQuery = (api: BrowserApi, scope: Scope, pipeline: string) =>
  queryOptions({
    queryKey: ['pipeline', scope, pipeline],
    queryFn: ({ signal }) => api.getPipeline({ params: { ...scope, pipeline } }, signal),
  })

export const readInputSets = (api: BrowserApi, scope: Scope, pipeline: string, signal: AbortSignal) =>
  allRows((query) => api.listInputSets({ params: scope, query: { ...query, ...byName, pipeline } }, signal))

/** What a start of the pipeline asks for, and the sets of values that are kept for it. */
export const pipelineInputsQuery = (api: BrowserApi, scope: Scope, pipeline: string) =>
  queryOptions({
    queryKey: ['pipeline', scope, pipeline, 'inputs'],
    queryFn: async ({ signal }) => {
      const [inputs, sets] = await Promise.all([
        api.listPipelineInputs({ params: { ...scope, pipeline } }, signal),
        readInputSets(api, scope, pipeline, signal),
      ])
      return { inputs, sets }
    },
  })

export const dryRunQuery = (
  api: BrowserApi,
  scope: Scope,
  pipeline: string,
  given: { readonly inputs: Record<string, string>; readonly input_set_refs: string[] },
) =>
  queryOptions({
    queryKey: ['pipeline', scope, pipeline, 'dry-run', given],
    gcTime: 60_000,
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.dryRunPipeline({ params: { ...scope, pipeline }, body: given }, signal),
  })

export const triggersQuery = (api: BrowserApi, scope: Scope, pipeline: string) =>
  queryOptions({
    queryKey: ['triggers', scope, pipeline],
    refetchInterval: calm,
    queryFn: async ({ signal }) =>
      await allRows(({ page, limit }) =>
        api.listTriggers(
          {
            query: {
              orgIdentifier: scope.org,
              projectIdentifier: scope.project,
              targetIdentifier: pipeline,
              pageIndex: page,
              pageSize: limit,
              sortOrders: 'name,ASC',
            },
          },
          signal,
        ),
      ),
  })

export const triggerEventsQuery = (
  api: BrowserApi,
  scope: Scope,
  filter: { pipeline: string; trigger?: string; page: number; limit: number },
) =>
  queryOptions({
    queryKey: ['trigger-events', scope, filter],
    refetchInterval: lively,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.listTriggerEvents({ params: scope, query: filter }, signal),
  })

export const executionsQuery = (
  api: BrowserApi,
  scope: Scope,
  filter: { pipeline?: string; page: number; limit: number },
) =>
  queryOptions({
    queryKey: ['executions', scope, filter],
    refetchInterval: lively,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.listExecutions({ params: scope, query: filter }, signal),
  })

export const executionQuery = (api: BrowserApi, scope: Scope, execution: string) =>
  queryOptions({
    queryKey: ['execution', scope, execution],
    queryFn: ({ signal }) => api.getExecution({ params: { ...scope, execution } }, signal),
  })

export const planQuery = (api: BrowserApi, scope: Scope, execution: string, node: string) =>
  queryOptions({
    queryKey: ['plan', scope, execution, node],
    queryFn: ({ signal }) => api.getPlan({ params: { ...scope, execution, node } }, signal),
  })

export const approvalsQuery = (api: BrowserApi, scope: Scope, status?: 'WAITING') =>
  queryOptions({
    queryKey: ['approvals', scope, status ?? 'all'],
    refetchInterval: lively,
    queryFn: ({ signal }) =>
      allRows((query) =>
        api.listApprovals({ params: scope, query: { ...query, ...(status ? { status } : {}) } }, signal),
      ),
  })

export const approvalQuery = (api: BrowserApi, scope: Scope, approval: string) =>
  queryOptions({
    queryKey: ['approval', scope, approval],
    queryFn: ({ signal }) => api.getApproval({ params: { ...scope, approval } }, signal),
  })

export const delegatesQuery = (api: BrowserApi) =>
  queryOptions({
    queryKey: ['delegates'],
    refetchInterval: lively,
    queryFn: ({ signal }) => allRows((query) => api.listDelegates({ query: { ...query, ...byName } }, signal)),
  })

export const delegateTokensQuery = (api: BrowserApi) =>
  queryOptions({
    queryKey: ['delegate-tokens'],
    queryFn: ({ signal }) => allRows((query) => api.listDelegateTokens({ query }, signal)),
  })

export const connectorsQuery = (api: BrowserApi, scope: Scope) =>
  queryOptions({
    queryKey: ['connectors', scope],
    queryFn: async ({ signal }) =>
      (await allRows((query) => api.listConnectors({ params: scope, query: { ...query, ...byName } }, signal))).map(
        ({ connector }) => connector,
      ),
  })

/** Asked again while it is under way. */
export const taskQuery = (api: BrowserApi, scope: Scope, task: string) =>
  queryOptions<Task>({
    queryKey: ['task', scope, task],
    refetchInterval: (query) => (query.state.data && isTaskOver(query.state.data.status) ? false : soon),
    queryFn: ({ signal }): Promise<Task> => api.getTask({ params: { ...scope, task } }, signal),
  })

/** The first megabyte: a task says little. */
export const taskLogQuery = (api: BrowserApi, scope: Scope, task: string, isOver: boolean) =>
  queryOptions({
    queryKey: ['task-log', scope, task, isOver],
    refetchInterval: isOver ? false : soon,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => (await api.getTaskLog({ params: { ...scope, task } }, signal)).text,
  })

export const taskPlanQuery = (api: BrowserApi, scope: Scope, task: string) =>
  queryOptions({
    queryKey: ['task-plan', scope, task],
    queryFn: ({ signal }) => api.getTaskPlan({ params: { ...scope, task } }, signal),
  })

export const snapshotsQuery = (api: BrowserApi, scope: Scope, dbschema: string, dbinstance: string) =>
  queryOptions({
    queryKey: ['snapshots', scope, dbschema, dbinstance],
    queryFn: ({ signal }) =>
      allRows((query) => api.listSnapshots({ params: { ...scope, dbschema, dbinstance }, query }, signal)),
  })

export const consideredQuery = (api: BrowserApi, scope: Scope, execution: string, attempt: string, isOpen: boolean) =>
  queryOptions({
    queryKey: ['considered', scope, execution, attempt, isOpen],
    refetchInterval: isOpen ? lively : false,
    queryFn: ({ signal }) => api.listConsideredDelegates({ params: { ...scope, execution, attempt } }, signal),
  })

/** Of the person who is signed in. */
export const apiKeysQuery = (api: BrowserApi) =>
  queryOptions({
    queryKey: ['api-keys'],
    queryFn: ({ signal }) => allRows((query) => api.listApiKeys({ query: { ...query, ...byName } }, signal)),
  })

export const auditQuery = (api: BrowserApi, scope: Scope, { page, limit }: { page: number; limit: number }) =>
  queryOptions({
    queryKey: ['audit', scope, page],
    refetchInterval: calm,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      api.listAudits(
        {
          query: { orgIdentifier: scope.org, projectIdentifier: scope.project, pageIndex: page, pageSize: limit },
          body: {},
        },
        signal,
      ),
  })
