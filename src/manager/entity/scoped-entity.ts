// What every kind of entity with a scope has in common: rows of one table, found by kind, scope and identifier.
import { sql } from 'kysely'
import type { Permission } from '#contract/permission'
import { identifiersOf, listQueryOf, type PlatformListQuery } from '#contract/platform'
import { visible } from '#contract/grant'
import type { Caller, Page } from '../http/handler.ts'
import type { Executor, Store, StoreTransaction } from '../store/port.ts'
import { createUnique, recordEntity } from './change.ts'
import { among, columnsOf, readPage } from './list.ts'
import { missing } from './scope.ts'
import type { ScopedPlace } from './scoped-place.ts'

export interface ScopedRow {
  readonly id: string
  readonly identifier: string
  readonly name: string
  readonly description: string
  readonly tags: unknown
  readonly body: unknown
  readonly created_at: Date
  readonly updated_at: Date
}
/** What is written of an entity. `body` is what its kind adds. */
export interface ScopedValues {
  readonly name: string
  readonly description?: string | null | undefined
  readonly tags?: Readonly<Record<string, string>> | null | undefined
  readonly body: object
}
export interface ScopedKind<Out> {
  readonly kind: 'environment' | 'service' | 'role' | 'resource-group' | 'user-group' | 'service-account'
  readonly title: string
  readonly view: Permission
  readonly show: (place: ScopedPlace, row: ScopedRow) => Out
}

export const scopedColumns = [
  'scoped_entity.id',
  'scoped_entity.identifier',
  'scoped_entity.name',
  'scoped_entity.description',
  'scoped_entity.tags',
  'scoped_entity.body',
  'scoped_entity.created_at',
  'scoped_entity.updated_at',
] as const

const within = (db: Executor, kind: ScopedKind<unknown>['kind'], { organizationId, projectId }: ScopedPlace) =>
  db
    .selectFrom('scoped_entity')
    .where('kind', '=', kind)
    .where(sql<boolean>`organization_id is not distinct from ${organizationId}`)
    .where(sql<boolean>`project_id is not distinct from ${projectId}`)

export async function readScoped(
  db: Executor,
  { kind, title }: Pick<ScopedKind<unknown>, 'kind' | 'title'>,
  place: ScopedPlace,
  identifier: string,
  lock = false,
): Promise<ScopedRow> {
  const row = await within(db, kind, place)
    .where('identifier', '=', identifier)
    .select(scopedColumns)
    .$if(lock, (select) => select.forUpdate())
    .executeTakeFirst()
  if (!row) throw missing(title, identifier)
  return row
}

export async function listScoped<Out>(
  store: Store,
  { kind, view, show }: ScopedKind<Out>,
  place: ScopedPlace,
  query: PlatformListQuery,
  caller: Caller,
): Promise<Page<Out>> {
  const identifiers = identifiersOf(query)
  const seen = visible(caller.grants, view, place)
  const from = within(store.db, kind, place)
    .$if(identifiers !== undefined, (rows) => rows.where('identifier', 'in', identifiers ?? []))
    .where(among(sql.ref('identifier'), seen))
  return readPage(
    from,
    listQueryOf(query),
    columnsOf('scoped_entity'),
    (rows) => rows.select(scopedColumns),
    (row) => show(place, row),
  )
}

const stored = ({ name, description, tags, body }: ScopedValues) => ({
  name,
  description: description ?? '',
  tags: JSON.stringify(tags ?? {}),
  body: JSON.stringify(body),
})

const eventOf = (kind: ScopedKind<unknown>, place: ScopedPlace, identifier: string) => ({
  kind: kind.kind,
  identifier,
  ...(place.projectId === null ? {} : { projectId: place.projectId }),
})

export async function createScoped<Out>(
  tx: StoreTransaction,
  kind: ScopedKind<Out>,
  place: ScopedPlace,
  identifier: string,
  values: ScopedValues,
  caller: Caller,
): Promise<ScopedRow> {
  const row = await createUnique(kind.title, identifier, () =>
    tx
      .insertInto('scoped_entity')
      .values({
        kind: kind.kind,
        organization_id: place.organizationId,
        project_id: place.projectId,
        identifier,
        ...stored(values),
      })
      .returning(scopedColumns)
      .executeTakeFirstOrThrow(),
  )
  await recordEntity(tx, caller, { ...eventOf(kind, place, identifier), after: kind.show(place, row) })
  return row
}

export async function updateScoped<Out>(
  tx: StoreTransaction,
  kind: ScopedKind<Out>,
  place: ScopedPlace,
  identifier: string,
  values: (before: ScopedRow) => ScopedValues,
  caller: Caller,
): Promise<ScopedRow> {
  const before = await readScoped(tx, kind, place, identifier, true)
  const row = await tx
    .updateTable('scoped_entity')
    .set({ ...stored(values(before)), updated_at: sql`now()` })
    .where('id', '=', before.id)
    .returning(scopedColumns)
    .executeTakeFirstOrThrow()
  const change = { before: kind.show(place, before), after: kind.show(place, row) }
  await recordEntity(tx, caller, { ...eventOf(kind, place, identifier), ...change })
  return row
}

/** Gives the row that was deleted. What refers to it goes with it. */
export async function deleteScoped<Out>(
  tx: StoreTransaction,
  kind: ScopedKind<Out>,
  place: ScopedPlace,
  identifier: string,
  caller: Caller,
): Promise<ScopedRow> {
  const before = await readScoped(tx, kind, place, identifier, true)
  await tx.deleteFrom('scoped_entity').where('id', '=', before.id).execute()
  await recordEntity(tx, caller, { ...eventOf(kind, place, identifier), before: kind.show(place, before) })
  return before
}
