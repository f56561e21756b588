// What is in a database of SQL Server. Names are compared without regard to letter case, as preconditions expect.
import { Fault } from '#contract/fault'
import type { Inspect, Session, SqlValue } from '../port.ts'

/** Objects of a schema; @p1 is its name or null for the default one. */
const here = 'lower(schema_name(o.schema_id)) = lower(coalesce(@p1, schema_name()))'

export class SqlServerInspect implements Inspect {
  private readonly session: Session

  constructor(session: Session) {
    this.session = session
  }

  table(schemaName: string | undefined, tableName: string): Promise<boolean> {
    return this.object("'U'", schemaName, tableName)
  }

  view(schemaName: string | undefined, viewName: string): Promise<boolean> {
    return this.object("'V'", schemaName, viewName)
  }

  sequence(schemaName: string | undefined, sequenceName: string): Promise<boolean> {
    return this.object("'SO'", schemaName, sequenceName)
  }

  column(schemaName: string | undefined, tableName: string, columnName: string): Promise<boolean> {
    return this.some(
      `select 1 as found from sys.objects o join sys.columns c on c.object_id = o.object_id
        where ${here} and o.type in ('U', 'V') and lower(o.name) = lower(@p2) and lower(c.name) = lower(@p3)`,
      [schemaName ?? null, tableName, columnName],
    )
  }

  index(
    schemaName: string | undefined,
    tableName: string | undefined,
    indexName: string | undefined,
    columns: readonly string[],
  ): Promise<boolean> {
    return this.keyed('1 = 1', schemaName, tableName, indexName, columns)
  }

  primaryKey(
    schemaName: string | undefined,
    tableName: string | undefined,
    name: string | undefined,
  ): Promise<boolean> {
    return this.keyed('i.is_primary_key = 1', schemaName, tableName, name, [])
  }

  uniqueConstraint(
    schemaName: string | undefined,
    tableName: string,
    name: string | undefined,
    columns: readonly string[],
  ): Promise<boolean> {
    return this.keyed('i.is_unique_constraint = 1', schemaName, tableName, name, columns)
  }

  foreignKey(schemaName: string | undefined, tableName: string | undefined, name: string): Promise<boolean> {
    return this.some(
      `select 1 as found from sys.foreign_keys f join sys.objects o on o.object_id = f.parent_object_id
        where ${here} and (@p2 is null or lower(o.name) = lower(@p2)) and lower(f.name) = lower(@p3)`,
      [schemaName ?? null, tableName ?? null, name],
    )
  }

  async fingerprint(): Promise<string> {
    return await Promise.reject(new Fault('not-offered', 'A fingerprint of a schema is not offered for SQL Server.'))
  }

  /** Keys and unique constraints are indexes, too. Included columns are no keys. */
  private async keyed(
    kind: string,
    schemaName: string | undefined,
    tableName: string | undefined,
    name: string | undefined,
    columns: readonly string[],
  ): Promise<boolean> {
    const { rows } = await this.session.execute(
      `select i.object_id, i.index_id, lower(c.name) as name from sys.indexes i
        join sys.objects o on o.object_id = i.object_id
        join sys.index_columns k on k.object_id = i.object_id and k.index_id = i.index_id and k.is_included_column = 0
        join sys.columns c on c.object_id = k.object_id and c.column_id = k.column_id
        where ${here} and ${kind} and (@p2 is null or lower(o.name) = lower(@p2))
          and (@p3 is null or lower(i.name) = lower(@p3))
        order by i.object_id, i.index_id, k.key_ordinal`,
      [schemaName ?? null, tableName ?? null, name ?? null],
    )
    const found = new Map<string, string[]>()
    for (const row of rows) {
      const key = `${String(row['object_id'])} ${String(row['index_id'])}`
      const list = found.get(key) ?? []
      list.push(String(row['name']))
      found.set(key, list)
    }
    const wanted = columns.map((column) => column.trim().toLowerCase()).join(',')
    return wanted === '' ? found.size > 0 : [...found.values()].some((list) => list.join(',') === wanted)
  }

  private object(type: string, schemaName: string | undefined, name: string): Promise<boolean> {
    return this.some(
      `select 1 as found from sys.objects o where ${here} and o.type = ${type} and lower(o.name) = lower(@p2)`,
      [schemaName ?? null, name],
    )
  }

  private async some(sql: string, parameters: readonly SqlValue[]): Promise<boolean> {
    return (await this.session.execute(sql, parameters)).rows.length > 0
  }
}
