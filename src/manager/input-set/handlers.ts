// Input sets over the API: kept as they came, after a look whether the pipeline asks for what they give.
import { sql } from 'kysely'
import type { InputSetOut } from '#contract/api/input-set'
import { type Diagnostic, hasErrors } from '#contract/diagnostic'
import { Fault } from '#contract/fault'
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
import { columnsOf, readPage } from '../entity/list.ts'
import { findProject, missing, type ProjectScope } from '../entity/scope.ts'
import type { ApiHandlers } from '../http/handler.ts'
import type { Executor, Store } from '../store/port.ts'
import { overlayReferences, readSets } from './sets.ts'

interface PipelineRow {
  readonly id: string
  readonly identifier: string
  readonly yaml: string
}

type Names =
  | 'listInputSets'
  | 'createInputSet'
  | 'getInputSet'
  | 'updateInputSet'
  | 'updateInputSetGitMetadata'
  | 'deleteInputSet'

export function inputSetHandlers(store: Store): ApiHandlers<Names> {
  return {
    listInputSets: async ({ params, query }) => {
      const { scope, pipeline } = await find(store.db, params, query.pipeline)
      return readPage(
        store.db.selectFrom('input_set').where('pipeline_id', '=', pipeline.id),
        query,
        columnsOf('input_set'),
        (from) => from.select(documentColumns),
        (row) => {
          const { input_set_yaml: _, ...listed } = show(scope, row)
          return listed
        },
      )
    },

    createInputSet: ({ params, query, body, caller }) =>
      store.transaction(async (tx) => {
        const { scope, pipeline } = await find(tx, params, query.pipeline)
        const { identifier } = body
        await check(tx, pipeline, identifier, body.input_set_yaml)
        const row = await createUnique('Input set', identifier, () =>
          tx
            .insertInto('input_set')
            .values({ project_id: scope.id, pipeline_id: pipeline.id, identifier, ...valuesOf(body) })
            .returning(documentColumns)
            .executeTakeFirstOrThrow(),
        )
        const after = show(scope, row)
        await recordEntity(tx, caller, { kind: 'input-set', identifier, projectId: scope.id, after })
        return after
      }),

    getInputSet: async ({ params, query }) => {
      const { scope, pipeline } = await find(store.db, params, query.pipeline)
      return show(scope, await read(store.db, pipeline.id, params.inputSet))
    },

    updateInputSet: ({ params, query, body, caller }) =>
      store.transaction(async (tx) => {
        const { scope, pipeline } = await find(tx, params, query.pipeline)
        const { inputSet: identifier } = params
        mustEqual('identifier', body.identifier, identifier)
        const before = await read(tx, pipeline.id, identifier)
        await check(tx, pipeline, identifier, body.input_set_yaml)
        const row = await tx
          .updateTable('input_set')
          .set({ ...valuesOf(body), updated_at: sql`now()` })
          .where('id', '=', before.id)
          .returning(documentColumns)
          .executeTakeFirstOrThrow()
        const change = { before: show(scope, before), after: show(scope, row) }
        await recordEntity(tx, caller, { kind: 'input-set', identifier, projectId: scope.id, ...change })
        return change.after
      }),

    updateInputSetGitMetadata: async ({ params, query, body }) => {
      const { pipeline } = await find(store.db, params, query.pipeline)
      const { identifier } = await read(store.db, pipeline.id, params.inputSet)
      refuseRemote(body)
      return { identifier }
    },

    deleteInputSet: ({ params, query, caller }) =>
      store.transaction(async (tx) => {
        const { scope, pipeline } = await find(tx, params, query.pipeline)
        const { inputSet: identifier } = params
        const before = await read(tx, pipeline.id, identifier)
        await tx.deleteFrom('input_set').where('id', '=', before.id).execute()
        const entity = { kind: 'input-set', identifier, projectId: scope.id, before: show(scope, before) }
        await recordEntity(tx, caller, entity)
        return null
      }),
  }
}

async function find(db: Executor, params: { org: string; project: string }, identifier: string) {
  const scope = await findProject(db, params)
  const pipeline: PipelineRow | undefined = await db
    .selectFrom('pipeline')
    .where('project_id', '=', scope.id)
    .where('identifier', '=', identifier)
    .select(['id', 'identifier', 'yaml'])
    .executeTakeFirst()
  if (!pipeline) throw missing('Pipeline', identifier)
  return { scope, pipeline }
}

async function read(db: Executor, pipelineId: string, identifier: string): Promise<DocumentRow> {
  const row = await db
    .selectFrom('input_set')
    .where('pipeline_id', '=', pipelineId)
    .where('identifier', '=', identifier)
    .select(documentColumns)
    .executeTakeFirst()
  if (!row) throw missing('Input set', identifier)
  return row
}

const show = (scope: ProjectScope, row: DocumentRow): InputSetOut => ({
  input_set_yaml: row.yaml,
  ...shownDocument(scope, row),
})
const valuesOf = (body: DocumentIn & { readonly input_set_yaml: string }) => documentValues(body.input_set_yaml, body)

/** Refuses values that the pipeline does not ask for or does not allow, and an overlay of sets that are not there. */
async function check(db: Executor, pipeline: PipelineRow, identifier: string, yaml: string): Promise<void> {
  const references = overlayReferences(yaml)
  if (references) {
    if (references.length === 0 || references.includes(identifier))
      throw new Fault('invalid-input', `The overlay ${identifier} must list other input sets in inputSetReferences.`)
    await readSets(db, pipeline.id, references)
    return
  }
  const file = `${identifier}.yaml`
  const start = { sets: [{ file, source: yaml }], typed: {}, partial: true } as const
  const { diagnostics } = readPipeline(pipeline.yaml, `${pipeline.identifier} (pipeline)`, start)
  // What is wrong with the pipeline itself is no matter of the set.
  const own = diagnostics.filter(({ span, code }) => span?.file === file || code === 'pipeline/runtime-input')
  if (hasErrors(own)) throw invalidInputs(`The input set ${identifier}`, own)
}

export function invalidInputs(what: string, diagnostics: readonly Diagnostic[]): Fault {
  const [first] = diagnostics.filter(({ severity }) => severity === 'error')
  const place = first?.span ? ` (${first.span.file}, line ${first.span.line}, column ${first.span.column})` : ''
  return new Fault('invalid-input', `${what} is not valid: ${first?.message}${place}`, { diagnostics })
}
