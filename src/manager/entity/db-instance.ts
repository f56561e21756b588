// DB instances: create, read, update, delete, list with a filter by tags (wire contract 1.3 and 1.4, decisions in 6).
import { type Expression, type SqlBool, sql } from 'kysely'
import type { z } from 'zod'
import type {
  DbInstanceOut,
  dbInstanceFilterSchema,
  dbInstanceInSchema,
  dbInstanceUpdateSchema,
} from '#contract/api/db-instance'
import { visible } from '#contract/grant'
import type { ApiHandlers } from '../http/handler.ts'
import type { Executor, Store } from '../store/port.ts'
import { createUnique, invalidField, mustEqual, recordEntity, refuseWhileWorking, seconds } from './change.ts'
import { among, columnsOf, readPage } from './list.ts'
import { findSchema, missing } from './scope.ts'

const columns = [
  'id',
  'identifier',
  'name',
  'connector',
  'branch',
  'commit_sha',
  'git_tag',
  'context',
  'tags',
  'substitute_properties',
  'last_deployed_tag',
  'created_at',
  'updated_at',
] as const
interface Row {
  readonly id: string
  readonly identifier: string
  readonly name: string
  readonly connector: string
  readonly branch: string
  readonly commit_sha: string
  readonly git_tag: string
  readonly context: string
  readonly tags: unknown
  readonly substitute_properties: unknown
  readonly last_deployed_tag: string
  readonly created_at: Date
  readonly updated_at: Date
}
type InstanceIn = z.output<typeof dbInstanceInSchema>
type InstanceUpdate = z.output<typeof dbInstanceUpdateSchema>
type Filter = z.output<typeof dbInstanceFilterSchema>

const show = (schema: string, row: Row): DbInstanceOut => ({
  identifier: row.identifier,
  name: row.name,
  connector: row.connector,
  created: seconds(row.created_at),
  updated: seconds(row.updated_at),
  tags: row.tags as Record<string, string>,
  branch: row.branch,
  commitSha: row.commit_sha,
  gitTag: row.git_tag,
  context: row.context,
  substituteProperties: row.substitute_properties as Record<string, string>,
  lastDeployedChangeSetTag: row.last_deployed_tag,
  schemaIdentifier: schema,
})

type Revision = Pick<Row, 'branch' | 'commit_sha' | 'git_tag'>

/** Setting one of the three clears the others; undefined when the body sets none. */
function revisionOf({ branch = '', commitSha = '', gitTag = '' }: InstanceUpdate): Revision | undefined {
  const given = [branch, commitSha, gitTag].filter((value) => value !== '')
  if (given.length > 1) throw invalidField('branch', 'Give only one of branch, commitSha and gitTag.')
  return given.length === 0 ? undefined : { branch, commit_sha: commitSha, git_tag: gitTag }
}

/** An update without `identifier` that empties the one that is set. */
const clearsRevision = (body: InstanceUpdate): boolean =>
  [body.branch, body.commitSha, body.gitTag].some((value) => value === '')

function checkConnector(connector: string): string {
  if (connector.includes('<+')) throw invalidField('connector', 'Must be the identifier itself, without an expression.')
  return connector
}

/** What is followed must be said when the changelog is in a repository of which there are several states. */
async function checkRevision(db: Executor, schemaId: string, revision: Revision): Promise<Revision> {
  if (revision.branch || revision.commit_sha || revision.git_tag) return revision
  const schema = await db
    .selectFrom('db_schema')
    .where('id', '=', schemaId)
    .select(['type', sql<boolean>`changelog ->> 'archivePath' is null`.as('repository')])
    .executeTakeFirstOrThrow()
  if (schema.type === 'Repository' && schema.repository)
    throw invalidField('branch', 'Say what the instance follows: one of branch, commitSha and gitTag.')
  return revision
}

const noRevision: Revision = { branch: '', commit_sha: '', git_tag: '' }

const newValues = (body: Omit<InstanceIn, 'identifier'> & { readonly name: string }) => ({
  name: body.name,
  connector: checkConnector(body.connector),
  ...(revisionOf(body) ?? noRevision),
  context: body.context ?? '',
  tags: JSON.stringify(body.tags ?? {}),
  substitute_properties: JSON.stringify(body.substituteProperties ?? {}),
})

/** With `identifier` in the body everything is replaced, without it what is left out stays (wire contract 6). */
function updatedValues(before: Row, body: InstanceUpdate) {
  mustEqual('identifier', body.identifier, before.identifier)
  const name = body.name ?? before.name
  const connector = body.connector ?? before.connector
  if (body.identifier !== undefined) return newValues({ ...body, name, connector })
  const kept = { branch: before.branch, commit_sha: before.commit_sha, git_tag: before.git_tag }
  return {
    ...newValues({
      name,
      connector,
      context: body.context ?? before.context,
      tags: body.tags ?? (before.tags as Record<string, string>),
      substituteProperties: body.substituteProperties ?? (before.substitute_properties as Record<string, string>),
    }),
    ...(revisionOf(body) ?? (clearsRevision(body) ? noRevision : kept)),
  }
}

/** Equals: has all of the tags. NotEquals: has none of them. A tag without a value asks for the key only. */
function filterCondition({ filterType, instanceTags = [] }: Filter): Expression<SqlBool> {
  const conditions = instanceTags.map(({ key, value }) =>
    value === null || value === undefined
      ? sql<SqlBool>`jsonb_exists(tags, ${key})`
      : sql<SqlBool>`tags @> ${JSON.stringify({ [key]: value })}::jsonb`,
  )
  if (conditions.length === 0) return sql<SqlBool>`true`
  return filterType === 'Equals'
    ? sql<SqlBool>`(${sql.join(conditions, sql` and `)})`
    : sql<SqlBool>`not (${sql.join(conditions, sql` or `)})`
}

async function read(db: Executor, schemaId: string, identifier: string, lock = false): Promise<Row> {
  const row = await db
    .selectFrom('db_instance')
    .where('db_schema_id', '=', schemaId)
    .where('identifier', '=', identifier)
    .select(columns)
    .$if(lock, (select) => select.forUpdate())
    .executeTakeFirst()
  if (!row) throw missing('DB instance', identifier)
  return row
}

type Names = 'listDbInstances' | 'createDbInstance' | 'getDbInstance' | 'updateDbInstance' | 'deleteDbInstance'

export function dbInstanceHandlers(store: Store): ApiHandlers<Names> {
  return {
    listDbInstances: async ({ params, query, body, caller }) => {
      const scope = await findSchema(store.db, params)
      const seen = visible(caller.grants, 'instance.view', params)
      const from = store.db
        .selectFrom('db_instance')
        .where('db_schema_id', '=', scope.schemaId)
        .where(among(sql`${params.dbschema} || '/' || identifier`, seen))
        .where(filterCondition(body))
      return readPage(
        from,
        query,
        columnsOf('db_instance'),
        (from) => from.select(columns),
        (row) => show(params.dbschema, row),
      )
    },

    createDbInstance: ({ params, body, caller }) =>
      store.transaction(async (tx) => {
        const scope = await findSchema(tx, params)
        const { identifier } = body
        const values = newValues({ ...body, name: body.name ?? identifier })
        await checkRevision(tx, scope.schemaId, values)
        const row = await createUnique('DB instance', identifier, () =>
          tx
            .insertInto('db_instance')
            .values({ db_schema_id: scope.schemaId, identifier, ...values })
            .returning(columns)
            .executeTakeFirstOrThrow(),
        )
        const after = show(params.dbschema, row)
        await recordEntity(tx, caller, { kind: 'db-instance', identifier, projectId: scope.id, after })
        return after
      }),

    getDbInstance: async ({ params }) => {
      const scope = await findSchema(store.db, params)
      return show(params.dbschema, await read(store.db, scope.schemaId, params.dbinstance))
    },

    updateDbInstance: ({ params, body, caller }) =>
      store.transaction(async (tx) => {
        const scope = await findSchema(tx, params)
        const before = await read(tx, scope.schemaId, params.dbinstance, true)
        const values = updatedValues(before, body)
        await checkRevision(tx, scope.schemaId, values)
        const row = await tx
          .updateTable('db_instance')
          .set({ ...values, updated_at: sql`now()` })
          .where('id', '=', before.id)
          .returning(columns)
          .executeTakeFirstOrThrow()
        const after = show(params.dbschema, row)
        await recordEntity(tx, caller, {
          kind: 'db-instance',
          identifier: params.dbinstance,
          projectId: scope.id,
          before: show(params.dbschema, before),
          after,
        })
        return after
      }),

    deleteDbInstance: ({ params, caller }) =>
      store.transaction(async (tx) => {
        const scope = await findSchema(tx, params)
        const before = await read(tx, scope.schemaId, params.dbinstance, true)
        await refuseWhileWorking(
          tx,
          `DB instance ${params.dbinstance}`,
          sql<boolean>`project_id = ${scope.id} and spec -> 'work' ->> 'dbSchema' = ${params.dbschema}
            and spec -> 'work' ->> 'dbInstance' = ${params.dbinstance}`,
        )
        await tx.deleteFrom('db_instance').where('id', '=', before.id).execute()
        await recordEntity(tx, caller, {
          kind: 'db-instance',
          identifier: params.dbinstance,
          projectId: scope.id,
          before: show(params.dbschema, before),
        })
        return null
      }),
  }
}
