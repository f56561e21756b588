// What is in a SQLite database. Names are compared without regard to letter case, as SQLite does.
import { Fault } from '#contract/fault'
import type { Inspect, Row, Session, SqlValue } from '../port.ts'

const isHistory = (name: string): boolean => /^databasechangelog(?:lock)?$/i.test(name)

export class SqliteInspect implements Inspect {
  private readonly session: Session

  constructor(session: Session) {
    this.session = session
  }

  table(_schemaName: string | undefined, tableName: string): Promise<boolean> {
    return this.some("select 1 from sqlite_master where type = 'table' and name = ? collate nocase", [tableName])
  }

  view(_schemaName: string | undefined, viewName: string): Promise<boolean> {
    return this.some("select 1 from sqlite_master where type = 'view' and name = ? collate nocase", [viewName])
  }

  async columnTypes(_schemaName: string | undefined, tableName: string): Promise<ReadonlyMap<string, string>> {
    const found = await this.rows('select lower(name) as name, type from pragma_table_xinfo(?)', [tableName])
    return new Map(found.map(({ name, type }) => [String(name), String(type)]))
  }

  column(_schemaName: string | undefined, tableName: string, columnName: string): Promise<boolean> {
    return this.some('select 1 from pragma_table_xinfo(?) where name = ? collate nocase', [tableName, columnName])
  }

  async index(
    _schemaName: string | undefined,
    tableName: string | undefined,
    indexName: string | undefined,
    columns: readonly string[],
  ): Promise<boolean> {
    const found = await this.rows(
      `select name from sqlite_master where type = 'index' and (? is null or tbl_name = ? collate nocase)
        and (? is null or name = ? collate nocase)`,
      [tableName ?? null, tableName ?? null, indexName ?? null, indexName ?? null],
    )
    if (columns.length === 0) return found.length > 0
    for (const { name } of found) if (await this.hasColumns(String(name), columns)) return true
    return false
  }

  /** SQLite keeps names of constraints only inside the text of the table. */
  async foreignKey(_schemaName: string | undefined, tableName: string | undefined, name: string): Promise<boolean> {
    return await this.namedConstraint(tableName, name, String.raw`(?:foreign\s+key|references)`)
  }

  async primaryKey(
    _schemaName: string | undefined,
    tableName: string | undefined,
    name: string | undefined,
  ): Promise<boolean> {
    if (name !== undefined) return await this.namedConstraint(tableName, name, String.raw`primary\s+key`)
    return await this.some('select 1 from pragma_table_xinfo(?) where pk > 0', [tableName ?? ''])
  }

  async uniqueConstraint(
    _schemaName: string | undefined,
    tableName: string,
    name: string | undefined,
    columns: readonly string[],
  ): Promise<boolean> {
    if (name !== undefined) return await this.namedConstraint(tableName, name, 'unique')
    const found = await this.rows("select name from pragma_index_list(?) where origin = 'u'", [tableName])
    for (const row of found) if (await this.hasColumns(String(row['name']), columns)) return true
    return false
  }

  sequence(): Promise<boolean> {
    return Promise.resolve(false)
  }

  async statements(): Promise<readonly string[]> {
    const [enforced] = await this.rows('pragma foreign_keys', [])
    if (Number(enforced?.['foreign_keys']) !== 0) {
      throw new Fault('changelog-invalid', 'a table cannot be copied while foreign keys are enforced', {
        hint: 'Rows that refer to it would be deleted or the copy refused. Take foreign_keys out of the URL for this update.',
      })
    }
    const found = await this.rows(
      "select sql from sqlite_master where sql is not null and name not like 'sqlite_%'",
      [],
    )
    return found.map(({ sql }) => String(sql))
  }

  async fingerprint(): Promise<string> {
    const lines: string[] = []
    const objects = await this.rows("select type, name, sql from sqlite_master where name not like 'sqlite_%'", [])
    for (const { type, name, sql } of objects) {
      if (isHistory(String(name))) continue
      if (type === 'table') lines.push(...(await this.tableLines(String(name))))
      else if (type !== 'index') lines.push(`${String(type)}: ${String(sql)}`)
    }
    return lines.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)).join('\n')
  }

  private async tableLines(table: string): Promise<readonly string[]> {
    const columns = await this.rows('select * from pragma_table_xinfo(?)', [table])
    const keys = await this.rows('select * from pragma_foreign_key_list(?)', [table])
    const indexes = await this.rows('select * from pragma_index_list(?)', [table])
    const lines = [`table: ${table}`]
    for (const column of columns) lines.push(`column: ${table} ${JSON.stringify(column)}`)
    for (const key of keys) lines.push(`foreign key: ${table} ${JSON.stringify(key)}`)
    for (const { name, unique, origin, partial } of indexes) {
      const parts = await this.rows('select name, desc, coll, key from pragma_index_xinfo(?)', [String(name)])
      const title = origin === 'c' ? String(name) : 'constraint'
      lines.push(`index: ${table} ${title} ${JSON.stringify([unique, origin, partial, parts])}`)
    }
    return lines
  }

  private async namedConstraint(table: string | undefined, name: string, kind: string): Promise<boolean> {
    const tables = await this.rows(
      "select sql from sqlite_master where type = 'table' and (? is null or name = ? collate nocase)",
      [table ?? null, table ?? null],
    )
    const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
    const pattern = new RegExp(`constraint\\s+["\`[]?${escaped}["\`\\]]?\\s+${kind}`, 'i')
    return tables.some(({ sql }) => pattern.test(String(sql)))
  }

  private async hasColumns(index: string, columns: readonly string[]): Promise<boolean> {
    const found = await this.rows('select name from pragma_index_info(?) order by seqno', [index])
    const names = found.map(({ name }) => String(name).toLowerCase())
    return names.join(',') === columns.map((column) => column.trim().toLowerCase()).join(',')
  }

  private async some(sql: string, parameters: readonly SqlValue[]): Promise<boolean> {
    return (await this.rows(`${sql} limit 1`, parameters)).length > 0
  }

  private async rows(sql: string, parameters: readonly SqlValue[]): Promise<readonly Row[]> {
    return (await this.session.execute(sql, parameters)).rows
  }
}
