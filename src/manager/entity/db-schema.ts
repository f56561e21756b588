// DB schemas: create, read, update, delete, list (wire contract 1.3 and 1.4, decisions in 6).
import { sql } from 'kysely'
import type { DbSchemaOut } from '#contract/api/db-schema'
import { visible } from '#contract/grant'
import { requireBelow } from '../access/permit.ts'
import type { ApiHandlers } from '../http/handler.ts'
import type { Executor, Store } from '../store/port.ts'
import { createUnique, invalidField, mustEqual, recordEntity, refuseWhileWorking, seconds } from './change.ts'
import { among, columnsOf, readPage } from './list.ts'
import {
  type Changelog,
  type ChangelogScript,
  mergedValues,
  newValues,
  type SchemaUpdate,
  type SchemaValues,
  sourceTypeOf,
} from './schema-source.ts'
import { findProject, missing } from './scope.ts'

/** Would be hidden behind `GET …/dbschema/overview`. */
const reserved = 'overview'
const columns = [
  'db_schema.id',
  'db_schema.identifier',
  'db_schema.name',
  'db_schema.tags',
  'changelog',
  'change_log_script',
  'service',
  'type',
  'migration_type',
  'use_percona',
  'db_schema.created_at',
  'db_schema.updated_at',
] as const
const instanceCount = sql<string>`(select count(*) from db_instance where db_schema_id = db_schema.id)`.as('instances')

interface Row {
  readonly id: string
  readonly identifier: string
  readonly name: string
  readonly tags: unknown
  readonly changelog: unknown
  readonly change_log_script: unknown
  readonly service: string | null
  readonly type: string
  readonly migration_type: string
  readonly use_percona: boolean
  readonly created_at: Date
  readonly updated_at: Date
  readonly instances: string
}

const valuesOf = (row: Row): SchemaValues => ({
  name: row.name,
  tags: row.tags as Record<string, string>,
  service: row.service ?? undefined,
  type: row.type as DbSchemaOut['type'],
  changelog: (row.changelog ?? undefined) as Changelog | undefined,
  changeLogScript: (row.change_log_script ?? undefined) as ChangelogScript | undefined,
  usePercona: row.use_percona,
})

function show(row: Row): DbSchemaOut {
  const { changelog, changeLogScript, service, ...values } = valuesOf(row)
  return {
    identifier: row.identifier,
    ...values,
    created: seconds(row.created_at),
    updated: seconds(row.updated_at),
    ...(changelog ? { changelog } : {}),
    ...(changeLogScript ? { changeLogScript } : {}),
    ...(service === undefined ? {} : { service }),
    instanceCount: Number(row.instances),
    schemaSourceType: sourceTypeOf(valuesOf(row)),
    migrationType: row.migration_type as DbSchemaOut['migrationType'],
  }
}

const stored = (values: SchemaValues) => ({
  name: values.name,
  tags: JSON.stringify(values.tags),
  service: values.service ?? null,
  type: values.type,
  changelog: values.changelog ? JSON.stringify(values.changelog) : null,
  change_log_script: values.changeLogScript ? JSON.stringify(values.changeLogScript) : null,
  use_percona: values.usePercona,
})

async function read(db: Executor, projectId: string, identifier: string, lock = false): Promise<Row> {
  const row = await db
    .selectFrom('db_schema')
    .where('project_id', '=', projectId)
    .where('identifier', '=', identifier)
    .select(columns)
    .select(instanceCount)
    .$if(lock, (select) => select.forUpdate())
    .executeTakeFirst()
  if (!row) throw missing('DB schema', identifier)
  return row
}

function updatedValues(before: Row, body: SchemaUpdate): SchemaValues {
  mustEqual('identifier', body.identifier, before.identifier)
  const migrationType = before.migration_type as DbSchemaOut['migrationType']
  if (body.migrationType !== undefined && body.migrationType !== migrationType)
    throw invalidField('migrationType', `Is ${migrationType} and cannot be changed. Create another schema.`)
  if (body.identifier === undefined) return mergedValues(valuesOf(before), body, migrationType)
  return newValues({ ...body, name: body.name ?? before.name }, migrationType)
}

type Names =
  | 'listAllDbSchemas'
  | 'listDbSchemas'
  | 'createDbSchema'
  | 'getDbSchema'
  | 'updateDbSchema'
  | 'deleteDbSchema'

export function dbSchemaHandlers(store: Store): ApiHandlers<Names> {
  return {
    listDbSchemas: async ({ params, query, caller }) => {
      const project = await findProject(store.db, params)
      const { migrationType } = query
      const seen = visible(caller.grants, 'schema.view', params)
      const from = store.db
        .selectFrom('db_schema')
        .where('project_id', '=', project.id)
        .where(among(sql.ref('db_schema.identifier'), seen))
        .$if(migrationType !== undefined, (rows) => rows.where('migration_type', '=', migrationType ?? ''))
      return readPage(from, query, columnsOf('db_schema'), (from) => from.select(columns).select(instanceCount), show)
    },

    listAllDbSchemas: async ({ query, caller }) => {
      const { orgIdentifier: org, projectIdentifier: project } = query
      requireBelow(caller, 'schema.view', { org: org || undefined, project: (org && project) || undefined })
      const from = store.db
        .selectFrom('db_schema')
        .innerJoin('project', 'project.id', 'db_schema.project_id')
        .innerJoin('organization', 'organization.id', 'project.organization_id')
        .$if(Boolean(org), (rows) => rows.where('organization.identifier', '=', org ?? ''))
        .$if(Boolean(project), (rows) => rows.where('project.identifier', '=', project ?? ''))
      return readPage(
        from,
        query,
        columnsOf('db_schema'),
        (rows) =>
          rows
            .select(columns)
            .select(instanceCount)
            .select(['organization.identifier as org', 'project.identifier as project']),
        (row) => ({ ...show(row), orgIdentifier: row.org, projectIdentifier: row.project }),
      )
    },

    createDbSchema: ({ params, body, caller }) =>
      store.transaction(async (tx) => {
        const project = await findProject(tx, params)
        const { identifier, migrationType = 'Liquibase' } = body
        if (identifier === reserved) throw invalidField('identifier', `${reserved} is reserved. Choose another.`)
        const values = stored(newValues(body, migrationType))
        await createUnique('DB schema', identifier, () =>
          tx
            .insertInto('db_schema')
            .values({ project_id: project.id, identifier, migration_type: migrationType, ...values })
            .execute(),
        )
        const after = show(await read(tx, project.id, identifier))
        await recordEntity(tx, caller, { kind: 'db-schema', identifier, projectId: project.id, after })
        return after
      }),

    getDbSchema: async ({ params }) => {
      const project = await findProject(store.db, params)
      return show(await read(store.db, project.id, params.dbschema))
    },

    updateDbSchema: ({ params, body, caller }) =>
      store.transaction(async (tx) => {
        const project = await findProject(tx, params)
        const before = await read(tx, project.id, params.dbschema, true)
        await tx
          .updateTable('db_schema')
          .set({ ...stored(updatedValues(before, body)), updated_at: sql`now()` })
          .where('id', '=', before.id)
          .execute()
        const after = show(await read(tx, project.id, params.dbschema))
        await recordEntity(tx, caller, {
          kind: 'db-schema',
          identifier: params.dbschema,
          projectId: project.id,
          before: show(before),
          after,
        })
        return after
      }),

    deleteDbSchema: ({ params, caller }) =>
      store.transaction(async (tx) => {
        const project = await findProject(tx, params)
        const before = await read(tx, project.id, params.dbschema, true)
        await refuseWhileWorking(
          tx,
          `DB schema ${params.dbschema}`,
          sql<boolean>`project_id = ${project.id} and spec -> 'work' ->> 'dbSchema' = ${params.dbschema}`,
        )
        await tx.deleteFrom('db_schema').where('id', '=', before.id).execute()
        await recordEntity(tx, caller, {
          kind: 'db-schema',
          identifier: params.dbschema,
          projectId: project.id,
          before: show(before),
        })
        return null
      }),
  }
}
