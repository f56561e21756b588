// The change set × instance matrix of a schema, a page of change sets at a time.
import { sql } from 'kysely'
import type { z } from 'zod'
import type { MigrationStateOut, migrationStateInSchema } from '#contract/api/migration-state'
import type { ChangeSetDeploymentStatus } from '#contract/change-set'
import { type Grant, visible } from '#contract/grant'
import { findSchema } from '../entity/scope.ts'
import type { ApiHandlers } from '../http/handler.ts'
import type { Executor, Store } from '../store/port.ts'
import { stageOf } from './target.ts'

type Filter = NonNullable<z.output<typeof migrationStateInSchema>['instanceFilter']>
type ChangeSetOut = MigrationStateOut['changeSets'][number]
type InstanceOut = ChangeSetOut['instances'][number]

interface Instance {
  readonly id: string
  readonly identifier: string
  readonly name: string
}
interface ChangeSetRow {
  readonly fqn: string
  readonly file_name: string
  readonly change_set_id: string
  readonly author: string
}
interface StateRow {
  readonly db_instance_id: string
  readonly fqn: string
  readonly status: string
  readonly error: string | null
  readonly tag: string | null
  readonly filtered_by: string | null
  readonly updated: string
  readonly execution_id: string | null
  readonly node_id: string | null
  readonly pipeline: string | null
}

const sortColumns = { name: 'name', identifier: 'identifier', created: 'created_at', updated: 'updated_at' } as const

async function readInstances(
  db: Executor,
  schemaId: string,
  filter: Filter,
  seen: 'all' | readonly string[],
): Promise<Instance[]> {
  const { instances, sort, order } = filter
  const direction = order === 'ASC' ? 'asc' : 'desc'
  return db
    .selectFrom('db_instance')
    .where('db_schema_id', '=', schemaId)
    .$if(instances !== undefined && instances.length > 0, (rows) => rows.where('identifier', 'in', instances ?? []))
    .$if(seen !== 'all', (rows) => rows.where(sql<boolean>`identifier = any(${seen}::text[])`))
    .select(['id', 'identifier', 'name'])
    .orderBy(sortColumns[sort], direction)
    .orderBy('id', direction)
    .execute()
}

/**
 * One page of the schema's change sets and the number of all. In the order of the instance that told its changelog last; those
 * that only others have (an older branch, say) come after, in their own order.
 */
async function readChangeSets(
  db: Executor,
  schemaId: string,
  page: { readonly page: number; readonly limit: number; readonly search_term?: string | undefined },
): Promise<{ changeSets: ChangeSetRow[]; total: number }> {
  const term = page.search_term ?? ''
  const matches = sql<boolean>`(${term} = '' or strpos(lower(fqn), lower(${term})) > 0)`
  const { rows } = await sql<Partial<ChangeSetRow> & { total: string }>`
    with newest as (
      select id from db_instance where db_schema_id = ${schemaId} and change_sets_read_at is not null
      order by change_sets_read_at desc, id desc limit 1
    ), told as (
      select fqn, file_name, change_set_id, author, position as place, position as other_place from change_set_state
      where db_instance_id = (select id from newest) and ${matches}
    ), extra as materialized (
      -- Nearly always none, and found in the index alone: every other instance has what the newest has.
      select distinct state.fqn from db_instance cross join lateral (
        select fqn from change_set_state where db_instance_id = db_instance.id and ${matches} offset 0) as state
      where db_schema_id = ${schemaId} and id is distinct from (select id from newest)
        and not exists (select from told where told.fqn = state.fqn)
    ), found as materialized (
      select * from told union all
      select state.fqn, file_name, change_set_id, author, null, min(position)
      from extra join change_set_state as state on state.fqn = extra.fqn
        and state.db_instance_id in (select id from db_instance where db_schema_id = ${schemaId})
      group by state.fqn, file_name, change_set_id, author
    ), page as (
      select * from found order by place nulls last, other_place, fqn
      limit ${page.limit} offset ${page.page * page.limit}
    )
    select counted.total, page.fqn, page.file_name, page.change_set_id, page.author
    from (select count(*) as total from found) as counted left join page on true
    order by place nulls last, other_place, fqn`.execute(db)
  const changeSets = rows.filter((row): row is ChangeSetRow & { total: string } => typeof row.fqn === 'string')
  return { changeSets, total: Number(rows[0]?.total) }
}

async function readStates(db: Executor, instances: readonly Instance[], changeSets: readonly ChangeSetRow[]) {
  if (instances.length === 0 || changeSets.length === 0) return new Map<string, StateRow>()
  const rows: StateRow[] = await db
    .selectFrom('change_set_state as state')
    .leftJoin('execution', 'execution.id', 'state.execution_id')
    .where(
      'db_instance_id',
      'in',
      instances.map(({ id }) => id),
    )
    .where(
      'fqn',
      'in',
      changeSets.map(({ fqn }) => fqn),
    )
    .select([
      'db_instance_id',
      'fqn',
      'state.status',
      'error',
      'tag',
      'filtered_by',
      'execution_id',
      'node_id',
      'execution.pipeline',
    ])
    .select(sql<string>`floor(extract(epoch from state.updated_at))::bigint`.as('updated'))
    .execute()
  return new Map(rows.map((row) => [`${row.db_instance_id} ${row.fqn}`, row]))
}

function showInstance(instance: Instance, state: StateRow | undefined): InstanceOut {
  return {
    instance: instance.identifier,
    status: (state?.status ?? 'Not_Deployed') as ChangeSetDeploymentStatus,
    updated: Number(state?.updated ?? 0),
    ...(state?.error ? { error: state.error } : {}),
    pipeline: state?.pipeline ?? '',
    planExecutionId: state?.execution_id ?? '',
    stageExecutionId: state?.node_id ? stageOf(state.node_id) : '',
    ...(state?.tag ? { tag: state.tag } : {}),
    ...(state?.filtered_by ? { filteredBy: state.filtered_by } : {}),
  }
}

function showChangeSet(
  row: ChangeSetRow,
  instances: readonly Instance[],
  states: ReadonlyMap<string, StateRow>,
): ChangeSetOut {
  const shown = instances.map((instance) => showInstance(instance, states.get(`${instance.id} ${row.fqn}`)))
  const wanted = shown.filter(({ filteredBy }) => filteredBy === undefined)
  return {
    changeSet: row.change_set_id,
    author: row.author,
    fileName: row.file_name,
    changeSetFQN: row.fqn,
    synced: wanted.length > 0 && wanted.every(({ status }) => status === 'Successfully_Deployed'),
    updated: Math.max(0, ...shown.map(({ updated }) => updated)),
    instances: shown,
  }
}

/** Identifiers of the instances of the schema that the caller may see. */
function visibleInstances(
  grants: readonly Grant[],
  params: { readonly org: string; readonly project: string; readonly dbschema: string },
): 'all' | readonly string[] {
  const seen = visible(grants, 'instance.view', params)
  const prefix = `${params.dbschema}/`
  return seen === 'all'
    ? seen
    : [...seen].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length))
}

export function migrationStateHandlers(store: Store): ApiHandlers<'getMigrationState'> {
  return {
    getMigrationState: async ({ params, query, body, caller }) => {
      const { db } = store
      const scope = await findSchema(db, params)
      const instances = await readInstances(
        db,
        scope.schemaId,
        body.instanceFilter ?? { sort: 'identifier', order: 'ASC' },
        visibleInstances(caller.grants, params),
      )
      const { changeSets, total } = await readChangeSets(db, scope.schemaId, query)
      const states = await readStates(db, instances, changeSets)
      const answer: MigrationStateOut = {
        schema: params.dbschema,
        changeSets: changeSets.map((row) => showChangeSet(row, instances, states)),
        instances: instances.map(({ identifier, name }) => ({ identifier, name })),
      }
      return { rows: [], total, body: answer }
    },
  }
}
