// What is in a schema of Oracle. Names are compared without regard to letter case, as preconditions expect.
import { Fault } from '#contract/fault'
import type { Inspect, Session, SqlValue } from '../port.ts'

/** The owner; the parameter is its name or null for the schema of the session. */
const here = (column: string, parameter: string): string =>
  `upper(${column}) = upper(coalesce(${parameter}, sys_context('userenv', 'current_schema')))`
const maybe = (column: string, parameter: string, again: string): string =>
  `(${parameter} is null or upper(${column}) = upper(${again}))`

export class OracleInspect implements Inspect {
  private readonly session: Session

  constructor(session: Session) {
    this.session = session
  }

  table(schemaName: string | undefined, tableName: string): Promise<boolean> {
    return this.object('TABLE', schemaName, tableName)
  }

  view(schemaName: string | undefined, viewName: string): Promise<boolean> {
    return this.object('VIEW', schemaName, viewName)
  }

  sequence(schemaName: string | undefined, sequenceName: string): Promise<boolean> {
    return this.object('SEQUENCE', schemaName, sequenceName)
  }

  column(schemaName: string | undefined, tableName: string, columnName: string): Promise<boolean> {
    return this.some(
      `select 1 from all_tab_columns where ${here('owner', ':1')} and upper(table_name) = upper(:2)
        and upper(column_name) = upper(:3)`,
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
      `select lower(listagg(column_name, ',') within group (order by column_position)) as columns from all_ind_columns
        where ${here('table_owner', ':1')} and ${maybe('table_name', ':2', ':3')} and ${maybe('index_name', ':4', ':5')}
        group by index_owner, index_name`,
      [schemaName ?? null, ...twice(tableName), ...twice(indexName)],
      columns,
    )
  }

  foreignKey(schemaName: string | undefined, tableName: string | undefined, name: string): Promise<boolean> {
    return this.constraint('R', schemaName, tableName, name)
  }

  primaryKey(
    schemaName: string | undefined,
    tableName: string | undefined,
    name: string | undefined,
  ): Promise<boolean> {
    return this.constraint('P', schemaName, tableName, name)
  }

  uniqueConstraint(
    schemaName: string | undefined,
    tableName: string,
    name: string | undefined,
    columns: readonly string[],
  ): Promise<boolean> {
    return this.someWithColumns(
      `select lower(listagg(k.column_name, ',') within group (order by k.position)) as columns
        from all_constraints c
        join all_cons_columns k on k.owner = c.owner and k.constraint_name = c.constraint_name
        where ${here('c.owner', ':1')} and upper(c.table_name) = upper(:2) and c.constraint_type = 'U'
          and ${maybe('c.constraint_name', ':3', ':4')} group by c.constraint_name`,
      [schemaName ?? null, tableName, ...twice(name)],
      columns,
    )
  }

  async fingerprint(): Promise<string> {
    return await Promise.reject(new Fault('not-offered', 'A fingerprint of a schema is not offered for Oracle.'))
  }

  private constraint(
    type: string,
    schemaName: string | undefined,
    tableName: string | undefined,
    name: string | undefined,
  ): Promise<boolean> {
    return this.some(
      `select 1 from all_constraints where ${here('owner', ':1')} and ${maybe('table_name', ':2', ':3')}
        and ${maybe('constraint_name', ':4', ':5')} and constraint_type = :6`,
      [schemaName ?? null, ...twice(tableName), ...twice(name), type],
    )
  }

  private object(type: string, schemaName: string | undefined, name: string): Promise<boolean> {
    return this.some(
      `select 1 from all_objects where ${here('owner', ':1')} and upper(object_name) = upper(:2) and object_type = :3`,
      [schemaName ?? null, name, type],
    )
  }

  private async someWithColumns(
    sql: string,
    parameters: readonly SqlValue[],
    columns: readonly string[],
  ): Promise<boolean> {
    const wanted = columns.map((column) => column.trim().toLowerCase()).join(',')
    const { rows } = await this.session.execute(sql, parameters)
    return wanted === '' ? rows.length > 0 : rows.some((row) => row['COLUMNS'] === wanted)
  }

  private async some(sql: string, parameters: readonly SqlValue[]): Promise<boolean> {
    return (await this.session.execute(sql, parameters)).rows.length > 0
  }
}

const twice = (name: string | undefined): readonly (string | null)[] => [name ?? null, name ?? null]
