// Reads one page of a list: search, sort, paging and the number of all rows, alike for every entity.
import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely'
import type { ListQuery } from '#contract/paging'
import type { Page } from '../http/handler.ts'

/** The columns, with table, that a list searches and sorts by. */
export interface ListColumns {
  readonly id: string
  readonly identifier: string
  readonly name: string
  readonly created: string
  readonly updated: string
}

/** Columns of a table that has them all under their usual names. */
export const columnsOf = (table: string): ListColumns => ({
  id: `${table}.id`,
  identifier: `${table}.identifier`,
  name: `${table}.name`,
  created: `${table}.created_at`,
  updated: `${table}.updated_at`,
})

/** Condition: the identifier is one of those that the caller may see (`visible` in access/grant.ts). */
export function among(identifier: RawBuilder<unknown>, seen: 'all' | ReadonlySet<string>): RawBuilder<boolean> {
  return seen === 'all' ? sql<boolean>`true` : sql<boolean>`${identifier} = any(${Array.from(seen)}::text[])`
}

/** `from` with the rows whose identifier or name has the search term in it, any case. */
export function matching<DB, TB extends keyof DB, O>(
  from: SelectQueryBuilder<DB, TB, O>,
  term: string | undefined,
  columns: Pick<ListColumns, 'identifier' | 'name'>,
): SelectQueryBuilder<DB, TB, O> {
  if (!term) return from
  const has = (column: string) => sql<boolean>`strpos(lower(${sql.ref(column)}), lower(${term})) > 0`
  return from.where(sql<boolean>`(${has(columns.identifier)} or ${has(columns.name)})`)
}

/**
 * One page of `from`, which has joins and conditions but selects nothing yet; `select` adds the columns. Rows that are equal by
 * the sort column come in the order of their ids, so that pages never overlap.
 */
export async function readPage<DB, TB extends keyof DB, Row, Out>(
  from: SelectQueryBuilder<DB, TB, object>,
  query: Pick<ListQuery, 'page' | 'limit' | 'search_term' | 'sort' | 'order'>,
  columns: ListColumns,
  select: (from: SelectQueryBuilder<DB, TB, object>) => SelectQueryBuilder<DB, TB, Row>,
  show: (row: Row) => Out,
): Promise<Page<Out>> {
  const found = matching(from, query.search_term, columns)
  const counted: unknown = await found.select(sql<string>`count(*)`.as('total')).executeTakeFirstOrThrow()
  const direction = query.order === 'ASC' ? sql`asc` : sql`desc`
  const column = sql.ref(columns[query.sort])
  const key = query.sort === 'name' || query.sort === 'identifier' ? sql`lower(${column})` : column
  const rows = await select(found)
    .orderBy(sql`${key} ${direction}, ${sql.ref(columns.id)} ${direction}`)
    .limit(query.limit)
    .offset(query.page * query.limit)
    .execute()
  return { rows: rows.map(show), total: Number((counted as { total: string }).total) }
}
