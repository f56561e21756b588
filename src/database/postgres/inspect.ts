// What is in a PostgreSQL database. Names are compared without regard to letter case, as preconditions expect.
import type { Inspect, Row, Session, SqlValue } from '../port.ts'
import { fingerprint } from './fingerprint.ts'

const inSchema = 'n.nspname = coalesce($1, current_schema())'
const relation = `from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where ${inSchema}`
const constraint = `from pg_catalog.pg_constraint k
  join pg_catalog.pg_class c on c.oid = k.conrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where ${inSchema} and ($2::text is null or lower(c.relname) = lower($2)) and ($3::text is null or lower(k.conname) = lower($3))`

/** Columns of a constraint or index in order, joined with commas, lower case. */
const columnsOf = (numbers: string, table: string): string =>
  `(select string_agg(lower(a.attname), ',' order by o.place)
    from unnest(${numbers}) with ordinality o(number, place)
    join pg_catalog.pg_attribute a on a.attrelid = ${table} and a.attnum = o.number)`

export class PostgresInspect implements Inspect {
  private readonly session: Session

  constructor(session: Session) {
    this.session = session
  }

  table(schemaName: string | undefined, tableName: string): Promise<boolean> {
    return this.some(`select 1 ${relation} and lower(c.relname) = lower($2) and c.relkind in ('r', 'p', 'f')`, [
      schemaName ?? null,
      tableName,
    ])
  }

  view(schemaName: string | undefined, viewName: string): Promise<boolean> {
    return this.some(`select 1 ${relation} and lower(c.relname) = lower($2) and c.relkind in ('v', 'm')`, [
      schemaName ?? null,
      viewName,
    ])
  }

  async columnTypes(schemaName: string | undefined, tableName: string): Promise<ReadonlyMap<string, string>> {
    const { rows } = await this.session.execute(
      `select lower(a.attname) as name, format_type(a.atttypid, a.atttypmod) as type
        from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where ${inSchema} and lower(c.relname) = lower($2) and a.attnum > 0 and not a.attisdropped`,
      [schemaName ?? null, tableName],
    )
    return new Map(rows.map(({ name, type }) => [String(name), String(type)]))
  }

  column(schemaName: string | undefined, tableName: string, columnName: string): Promise<boolean> {
    return this.some(
      `select 1 ${relation} and lower(c.relname) = lower($2) and c.relkind in ('r', 'p', 'f', 'v', 'm')
        and exists (select 1 from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0
          and not a.attisdropped and lower(a.attname) = lower($3))`,
      [schemaName ?? null, tableName, columnName],
    )
  }

  index(
    schemaName: string | undefined,
    tableName: string | undefined,
    indexName: string | undefined,
    columns: readonly string[],
  ): Promise<boolean> {
    return this.some(
      `select 1 from pg_catalog.pg_index i
        join pg_catalog.pg_class x on x.oid = i.indexrelid
        join pg_catalog.pg_class c on c.oid = i.indrelid
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where ${inSchema} and ($2::text is null or lower(c.relname) = lower($2))
          and ($3::text is null or lower(x.relname) = lower($3))
          and ($4::text is null or ${columnsOf('i.indkey::int2[]', 'i.indrelid')} = $4)`,
      [schemaName ?? null, tableName ?? null, indexName ?? null, joined(columns)],
    )
  }

  foreignKey(schemaName: string | undefined, tableName: string | undefined, name: string): Promise<boolean> {
    return this.some(`select 1 ${constraint} and k.contype = 'f'`, [schemaName ?? null, tableName ?? null, name])
  }

  primaryKey(
    schemaName: string | undefined,
    tableName: string | undefined,
    name: string | undefined,
  ): Promise<boolean> {
    const parameters = [schemaName ?? null, tableName ?? null, name ?? null]
    return this.some(`select 1 ${constraint} and k.contype = 'p'`, parameters)
  }

  uniqueConstraint(
    schemaName: string | undefined,
    tableName: string,
    name: string | undefined,
    columns: readonly string[],
  ): Promise<boolean> {
    return this.some(
      `select 1 ${constraint} and k.contype = 'u' and ($4::text is null or ${columnsOf('k.conkey', 'k.conrelid')} = $4)`,
      [schemaName ?? null, tableName, name ?? null, joined(columns)],
    )
  }

  sequence(schemaName: string | undefined, sequenceName: string): Promise<boolean> {
    return this.some(`select 1 ${relation} and lower(c.relname) = lower($2) and c.relkind = 'S'`, [
      schemaName ?? null,
      sequenceName,
    ])
  }

  fingerprint(schemaName: string | undefined): Promise<string> {
    return fingerprint((sql) => this.rows(sql, [schemaName ?? null]))
  }

  private async some(sql: string, parameters: readonly SqlValue[]): Promise<boolean> {
    return (await this.rows(`${sql} limit 1`, parameters)).length > 0
  }

  private async rows(sql: string, parameters: readonly SqlValue[]): Promise<readonly Row[]> {
    return (await this.session.execute(sql, parameters)).rows
  }
}

const joined = (columns: readonly string[]): string | null =>
  columns.length === 0 ? null : columns.map((column) => column.trim().toLowerCase()).join(',')
