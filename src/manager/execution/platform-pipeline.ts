// Pipelines for the clients of the platform services: the same documents, which say name and tags themselves, and another envelope.
import { sql } from 'kysely'
import { parse } from 'yaml'
import { type PipelineOut, pipelineInSchema } from '#contract/api/pipeline'
import { executionStatusSchema } from '#contract/pipeline/status'
import { listQueryOf } from '#contract/platform'
import { refuseRemote } from '../entity/document.ts'
import { findProject, projectInQuery } from '../entity/scope.ts'
import type { ApiHandlers } from '../http/handler.ts'
import { checkPart } from '../http/request.ts'
import type { Executor, Store } from '../store/port.ts'

type Names =
  | `platform${'Create' | 'Update' | 'Get' | 'Delete' | 'Execute'}Pipeline`
  | 'platformListPipelines'
  | 'platformGetPipelineSummary'
type Own = ApiHandlers<
  'listPipelines' | 'createPipeline' | 'getPipeline' | 'updatePipeline' | 'deletePipeline' | 'executePipeline'
>
type Listed = Omit<PipelineOut, 'pipeline_yaml'>

/** What the document says of itself; nothing when it cannot be read, which saving will say. */
export function fieldsOf(yaml: string, root: string): Record<string, unknown> {
  try {
    const document = parse(yaml, { maxAliasCount: 0 }) as Record<string, unknown> | null
    const fields = document?.[root]
    return typeof fields === 'object' && fields !== null ? (fields as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** A document as our own API takes it. `identifier` stands in for one that the document does not say. */
function bodyOf(yaml: string, identifier?: string) {
  const fields = fieldsOf(yaml, 'pipeline')
  const { identifier: said = identifier ?? 'pipeline', name = said, description, tags } = fields
  const given = { pipeline_yaml: yaml, identifier: said, name, description: description ?? undefined }
  return checkPart('body', pipelineInSchema, { ...given, tags: tags ?? undefined })
}

const remote = ({ storeType }: { readonly storeType?: string | undefined }) =>
  refuseRemote(storeType ? { git_details: { store_type: storeType } } : {})

export function platformPipelineHandlers(store: Store, own: Own): ApiHandlers<Names> {
  return {
    platformListPipelines: async (call) => {
      const { query, body } = call
      const params = projectInQuery(query)
      const asked = listQueryOf({ ...query, searchTerm: query.searchTerm ?? body.name ?? undefined })
      const page = await own.listPipelines({ ...call, params, query: asked, body: undefined })
      const wanted = body.pipelineIdentifiers?.length ? new Set(body.pipelineIdentifiers) : undefined
      const rows = page.rows.filter(({ identifier }) => wanted?.has(identifier) ?? true)
      const latest = await readLatest(store.db, params, rows)
      return {
        rows: rows.map((row) => shown(row, latest.get(row.identifier))),
        total: wanted ? rows.length : page.total,
      }
    },
    platformCreatePipeline: async (call) => {
      remote(call.query)
      const body = bodyOf(await call.request.text())
      const { identifier } = await own.createPipeline({ ...call, params: projectInQuery(call.query), query: {}, body })
      return { identifier, governanceMetadata: null }
    },
    platformUpdatePipeline: async (call) => {
      remote(call.query)
      const { pipeline } = call.params
      const body = bodyOf(await call.request.text(), pipeline)
      const params = { ...projectInQuery(call.query), pipeline }
      const { identifier } = await own.updatePipeline({ ...call, params, query: {}, body })
      return { identifier, governanceMetadata: null }
    },
    platformGetPipeline: async (call) => {
      const params = { ...projectInQuery(call.query), ...call.params }
      const { pipeline_yaml: yamlPipeline, modules, valid } = await own.getPipeline({ ...call, params, query: {} })
      return { yamlPipeline, modules, storeType: 'INLINE' as const, entityValidityDetails: { valid } }
    },
    platformGetPipelineSummary: async (call) => {
      const params = { ...projectInQuery(call.query), ...call.params }
      const pipeline = await own.getPipeline({ ...call, params, query: {} })
      const latest = await readLatest(store.db, params, [pipeline])
      return shown(pipeline, latest.get(pipeline.identifier))
    },
    platformDeletePipeline: async (call) => {
      await own.deletePipeline({ ...call, params: { ...projectInQuery(call.query), ...call.params }, query: {} })
      return true as const
    },
    platformExecutePipeline: async (call) => {
      const { query } = call
      remote(query)
      const sets = (query.inputSetIdentifiers ?? '').split(',').filter((identifier) => identifier !== '')
      const yaml = await call.request.text()
      const body = {
        ...(query.notesForPipelineExecution ? { notes: query.notesForPipelineExecution } : {}),
        ...(sets.length > 0 ? { input_set_refs: sets } : {}),
        // An object without anything in it says as little as no body.
        ...(/^\s*(?:\{\s*\}\s*)?$/.test(yaml) ? {} : { inputs_yaml: yaml }),
      }
      const params = { ...projectInQuery(query), ...call.params }
      const { execution_details: started } = await own.executePipeline({ ...call, params, query: {}, body })
      const { execution_id: uuid, status } = started
      const metadata = { pipelineIdentifier: call.params.pipeline, executionUuid: uuid }
      return { planExecution: { uuid, status, metadata } }
    },
  }
}

interface Latest {
  readonly id: string
  readonly status: string
  readonly created_at: Date
}

/** The latest run of each. */
async function readLatest(
  db: Executor,
  params: { readonly org: string; readonly project: string },
  pipelines: readonly Listed[],
): Promise<ReadonlyMap<string, Latest>> {
  if (pipelines.length === 0) return new Map()
  const { id: project } = await findProject(db, params)
  const { rows } = await sql<Latest & { readonly pipeline: string }>`
    select asked.pipeline, latest.id, latest.status, latest.created_at
    from unnest(${pipelines.map(({ identifier }) => identifier)}::text[]) as asked (pipeline)
    cross join lateral (select id, status, created_at from execution
      where project_id = ${project} and execution.pipeline = asked.pipeline
      order by created_at desc, id desc limit 1) as latest`.execute(db)
  return new Map(rows.map((row) => [row.pipeline, row]))
}

const shown = (pipeline: Listed, latest: Latest | undefined) => ({
  name: pipeline.name,
  identifier: pipeline.identifier,
  description: pipeline.description,
  tags: pipeline.tags,
  modules: pipeline.modules,
  storeType: 'INLINE' as const,
  createdAt: pipeline.created,
  lastUpdatedAt: pipeline.updated,
  entityValidityDetails: { valid: pipeline.valid },
  executionSummaryInfo: {
    lastExecutionId: latest?.id ?? null,
    lastExecutionStatus: latest ? executionStatusSchema.parse(latest.status) : null,
    lastExecutionTs: latest?.created_at.getTime() ?? null,
  },
})
