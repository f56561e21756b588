// Pipelines over the API: the YAML is kept as it came, and nothing is kept that does not validate.
import { sql } from 'kysely'
import type { PipelineOut } from '#contract/api/pipeline'
import { type Diagnostic, hasErrors } from '#contract/diagnostic'
import { readPipeline } from '#pipeline/read/pipeline'
import { createUnique, mustEqual, recordEntity } from '../entity/change.ts'
import {
  documentColumns,
  type DocumentIn,
  type DocumentRow,
  documentValues,
  refuseRemote,
  shownDocument,
} from '../entity/document.ts'
import { visible } from '#contract/grant'
import { among, columnsOf, readPage } from '../entity/list.ts'
import { findProject, missing, type ProjectScope } from '../entity/scope.ts'
import type { ApiHandlers } from '../http/handler.ts'
import type { Executor, Store } from '../store/port.ts'
import { dryRun } from './dry-run.ts'
import { invalidPipeline } from './prepare.ts'
import { createValidity } from './validity.ts'

type Names =
  | 'listPipelines'
  | 'createPipeline'
  | 'getPipeline'
  | 'updatePipeline'
  | 'updatePipelineGitMetadata'
  | 'deletePipeline'
  | 'validatePipeline'
  | 'listPipelineInputs'
  | 'dryRunPipeline'

export function pipelineHandlers(store: Store): ApiHandlers<Names> {
  const isValid = createValidity()
  const show = (scope: ProjectScope, row: DocumentRow): PipelineOut => ({
    pipeline_yaml: row.yaml,
    ...shownDocument(scope, row),
    modules: ['dbops'],
    // It was when it was saved; a later version of Sluice may see it otherwise.
    valid: isValid(row.yaml),
  })
  return {
    listPipelines: async ({ params, query, caller }) => {
      const scope = await findProject(store.db, params)
      return readPage(
        store.db
          .selectFrom('pipeline')
          .where('project_id', '=', scope.id)
          .where(among(sql.ref('pipeline.identifier'), visible(caller.grants, 'pipeline.view', params))),
        query,
        columnsOf('pipeline'),
        (from) => from.select(documentColumns),
        (row) => {
          const { pipeline_yaml: _, ...listed } = show(scope, row)
          return listed
        },
      )
    },

    createPipeline: ({ params, body, caller }) =>
      store.transaction(async (tx) => {
        const scope = await findProject(tx, params)
        const { identifier } = body
        const row = await createUnique('Pipeline', identifier, () =>
          tx
            .insertInto('pipeline')
            .values({ project_id: scope.id, identifier, ...valuesOf(scope, identifier, body) })
            .returning(documentColumns)
            .executeTakeFirstOrThrow(),
        )
        await recordEntity(tx, caller, { kind: 'pipeline', identifier, projectId: scope.id, after: show(scope, row) })
        return { identifier }
      }),

    getPipeline: async ({ params }) => {
      const scope = await findProject(store.db, params)
      return show(scope, await read(store.db, scope, params.pipeline))
    },

    updatePipeline: ({ params, body, caller }) =>
      store.transaction(async (tx) => {
        const scope = await findProject(tx, params)
        const { pipeline: identifier } = params
        mustEqual('identifier', body.identifier, identifier)
        const before = await read(tx, scope, identifier)
        const row = await tx
          .updateTable('pipeline')
          .set({ ...valuesOf(scope, identifier, body), updated_at: sql`now()` })
          .where('id', '=', before.id)
          .returning(documentColumns)
          .executeTakeFirstOrThrow()
        const change = { before: show(scope, before), after: show(scope, row) }
        await recordEntity(tx, caller, { kind: 'pipeline', identifier, projectId: scope.id, ...change })
        return { identifier }
      }),

    updatePipelineGitMetadata: async ({ params, body }) => {
      const { identifier } = await read(store.db, await findProject(store.db, params), params.pipeline)
      refuseRemote(body)
      return { identifier }
    },

    // Executions keep their own copy of the document: they go on, and stay readable.
    deletePipeline: ({ params, caller }) =>
      store.transaction(async (tx) => {
        const scope = await findProject(tx, params)
        const { pipeline: identifier } = params
        const before = await read(tx, scope, identifier)
        await tx.deleteFrom('pipeline').where('id', '=', before.id).execute()
        const entity = { kind: 'pipeline', identifier, projectId: scope.id, before: show(scope, before) }
        await recordEntity(tx, caller, entity)
        return null
      }),

    validatePipeline: async ({ params, body }) => {
      const scope = await findProject(store.db, params)
      const diagnostics = check(scope, undefined, body.pipeline_yaml)
      return { valid: !hasErrors(diagnostics), diagnostics: [...diagnostics] }
    },

    listPipelineInputs: async ({ params }) => {
      const scope = await findProject(store.db, params)
      const { yaml } = await read(store.db, scope, params.pipeline)
      return readPipeline(yaml).inputs.map(({ allowed, ...input }) => ({
        ...input,
        ...(allowed ? { allowed: [...allowed] } : {}),
      }))
    },

    dryRunPipeline: async ({ params, body, caller }) => {
      const scope = await findProject(store.db, params)
      return dryRun(store.db, scope, await read(store.db, scope, params.pipeline), body, caller)
    },
  }
}

async function read(db: Executor, scope: ProjectScope, identifier: string): Promise<DocumentRow> {
  const row = await db
    .selectFrom('pipeline')
    .where('project_id', '=', scope.id)
    .where('identifier', '=', identifier)
    .select(documentColumns)
    .executeTakeFirst()
  if (!row) throw missing('Pipeline', identifier)
  return row
}

function valuesOf(scope: ProjectScope, identifier: string, body: DocumentIn & { readonly pipeline_yaml: string }) {
  const diagnostics = check(scope, identifier, body.pipeline_yaml)
  if (hasErrors(diagnostics)) throw invalidPipeline(identifier, diagnostics)
  return documentValues(body.pipeline_yaml, body)
}

/** The findings of the document, and whether it says that it belongs elsewhere. */
function check(scope: ProjectScope, identifier: string | undefined, yaml: string): readonly Diagnostic[] {
  const { pipeline, diagnostics } = readPipeline(yaml, `${identifier ?? 'pipeline'}.yaml`)
  if (!pipeline) return diagnostics
  const { document } = pipeline
  const places = [
    ['identifier', document.identifier, identifier],
    ['orgIdentifier', document.orgIdentifier, scope.org],
    ['projectIdentifier', document.projectIdentifier, scope.project],
  ] as const
  const wrong = places.flatMap(([field, written, expected]): Diagnostic[] =>
    written === undefined || expected === undefined || written === expected
      ? []
      : [
          {
            code: 'pipeline/wrong-value',
            severity: 'error',
            message: `\`${field}\` of the pipeline is ${written}, but it is saved as ${expected}.`,
            fix: `Write ${expected}${field === 'identifier' ? '' : ', or leave it out'}.`,
          },
        ],
  )
  return [...diagnostics, ...wrong]
}
