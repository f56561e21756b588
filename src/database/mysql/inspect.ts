// What is in a database of MySQL or MariaDB. Names are compared without regard to letter case, as preconditions expect.
import type { Inspect, Row, Session, SqlValue } from '../port.ts'
import { fingerprint } from './fingerprint.ts'

const here = (column: string): string => `${column} = coalesce(?, database())`
/** A name that may be left out; two parameters. */
const maybe = (column: string): string => `(? is null or lower(${column}) = lower(?))`

export class MysqlInspect implements Inspect {
  private readonly session: Session

  constructor(session: Session) {
    this.session = session
  }

  table(schemaName: string | undefined, tableName: string): Promise<boolean> {
    return this.some(
      `select 1 from information_schema.TABLES where ${here('TABLE_SCHEMA')} and lower(TABLE_NAME) = lower(?)
        and TABLE_TYPE in ('BASE TABLE', 'SYSTEM VERSIONED')`,
      [schemaName ?? null, tableName],
    )
  }

  view(schemaName: string | undefined, viewName: string): Promise<boolean> {
    return this.some(
      `select 1 from information_schema.TABLES where ${here('TABLE_SCHEMA')} and lower(TABLE_NAME) = lower(?)
        and TABLE_TYPE = 'VIEW'`,
      [schemaName ?? null, viewName],
    )
  }

  async columnTypes(schemaName: string | undefined, tableName: string): Promise<ReadonlyMap<string, string>> {
    const { rows } = await this.session.execute(
      `select lower(COLUMN_NAME) as name, COLUMN_TYPE as type from information_schema.COLUMNS
        where ${here('TABLE_SCHEMA')} and lower(TABLE_NAME) = lower(?)`,
      [schemaName ?? null, tableName],
    )
    return new Map(rows.map(({ name, type }) => [String(name), String(type)]))
  }

  column(schemaName: string | undefined, tableName: string, columnName: string): Promise<boolean> {
    return this.some(
      `select 1 from information_schema.COLUMNS where ${here('TABLE_SCHEMA')} and lower(TABLE_NAME) = lower(?)
        and lower(COLUMN_NAME) = lower(?)`,
      [schemaName ?? null, tableName, columnName],
    )
  }

  index(
    schemaName: string | undefined,
    tableName: string | undefined,
    indexName: string | undefined,
    columns: readonly string[],
  ): Promise<boolean> {
    return this.someWithColumns(
      `select lower(group_concat(COLUMN_NAME order by SEQ_IN_INDEX)) as columns from information_schema.STATISTICS
        where ${here('TABLE_SCHEMA')} and ${maybe('TABLE_NAME')} and ${maybe('INDEX_NAME')}
        group by TABLE_NAME, INDEX_NAME`,
      [schemaName ?? null, ...twice(tableName), ...twice(indexName)],
      columns,
    )
  }

  foreignKey(schemaName: string | undefined, tableName: string | undefined, name: string): Promise<boolean> {
    return this.constraint('FOREIGN KEY', schemaName, tableName, name)
  }

  /** Its name is always PRIMARY, whatever a changelog calls it. */
  primaryKey(schemaName: string | undefined, tableName: string | undefined): Promise<boolean> {
    return this.constraint('PRIMARY KEY', schemaName, tableName, undefined)
  }

  uniqueConstraint(
    schemaName: string | undefined,
    tableName: string,
    name: string | undefined,
    columns: readonly string[],
  ): Promise<boolean> {
    return this.someWithColumns(
      `select lower(group_concat(k.COLUMN_NAME order by k.ORDINAL_POSITION)) as columns
        from information_schema.TABLE_CONSTRAINTS c
        join information_schema.KEY_COLUMN_USAGE k on k.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA
          and k.CONSTRAINT_NAME = c.CONSTRAINT_NAME and k.TABLE_NAME = c.TABLE_NAME
        where ${here('c.TABLE_SCHEMA')} and lower(c.TABLE_NAME) = lower(?) and c.CONSTRAINT_TYPE = 'UNIQUE'
          and ${maybe('c.CONSTRAINT_NAME')} group by c.CONSTRAINT_NAME`,
      [schemaName ?? null, tableName, ...twice(name)],
      columns,
    )
  }

  sequence(schemaName: string | undefined, sequenceName: string): Promise<boolean> {
    return this.some(
      `select 1 from information_schema.TABLES where ${here('TABLE_SCHEMA')} and lower(TABLE_NAME) = lower(?)
        and TABLE_TYPE = 'SEQUENCE'`,
      [schemaName ?? null, sequenceName],
    )
  }

  fingerprint(schemaName: string | undefined): Promise<string> {
    return fingerprint((sql, parameters) => this.rows(sql, parameters), schemaName)
  }

  private constraint(
    type: string,
    schemaName: string | undefined,
    tableName: string | undefined,
    name: string | undefined,
  ): Promise<boolean> {
    return this.some(
      `select 1 from information_schema.TABLE_CONSTRAINTS where ${here('TABLE_SCHEMA')} and ${maybe('TABLE_NAME')}
        and ${maybe('CONSTRAINT_NAME')} and CONSTRAINT_TYPE = ?`,
      [schemaName ?? null, ...twice(tableName), ...twice(name), type],
    )
  }

  private async someWithColumns(
    sql: string,
    parameters: readonly SqlValue[],
    columns: readonly string[],
  ): Promise<boolean> {
    const wanted = columns.map((column) => column.trim().toLowerCase()).join(',')
    const rows = await this.rows(sql, parameters)
    return wanted === '' ? rows.length > 0 : rows.some((row) => row['columns'] === wanted)
  }

  private async some(sql: string, parameters: readonly SqlValue[]): Promise<boolean> {
    return (await this.rows(`${sql} limit 1`, parameters)).length > 0
  }

  private async rows(sql: string, parameters: readonly SqlValue[]): Promise<readonly Row[]> {
    return (await this.session.execute(sql, parameters)).rows
  }
}

const twice = (name: string | undefined): readonly (string | null)[] => [name ?? null, name ?? null]
