// Tables as a plan goes on: those of the database, and what its own statements have made of them.
import type { ChangeSet } from '#changelog/model'
import type { Statement, TableName } from '#change/statement'
import type { Database, SqlText } from '#database/port'

type Types = Map<string, string>

/** One for each plan. `observe` every statement in the order of the plan; ask in between. */
export class TableTypes {
  private readonly database: Database
  private readonly tables = new Map<string, Promise<Types>>()
  /** What makes the schema as it is by now; only where tables are copied. */
  private past: Promise<string[]> | undefined
  private readonly written: string[] = []

  constructor(database: Database) {
    this.database = database
  }

  /** By lower-case names; undefined when neither the database nor the plan knows the table. */
  async of(table: TableName): Promise<ReadonlyMap<string, string> | undefined> {
    const types = await this.known(table)
    return types.size === 0 ? undefined : types
  }

  /** Statements that do not change the columns of a table are of no interest here. */
  async observe(statement: Statement): Promise<void> {
    if (statement.type === 'create-table') this.set(statement.table, typesOf(statement.columns))
    else if (statement.type === 'drop-table') this.set(statement.table, new Map())
    else if (statement.type === 'rename-table') {
      this.set({ ...statement.table, tableName: statement.newName }, await this.known(statement.table))
      this.set(statement.table, new Map())
    } else if (statement.type === 'add-columns') {
      const types = await this.known(statement.table)
      for (const [name, type] of typesOf(statement.columns)) types.set(name, type)
    } else if (statement.type === 'modify-type') {
      const types = await this.known(statement.table)
      types.set(statement.column.toLowerCase(), statement.newType)
    } else if (statement.type === 'rename-column') {
      const types = await this.known(statement.table)
      const type = types.get(statement.oldName.toLowerCase())
      types.delete(statement.oldName.toLowerCase())
      if (type !== undefined) types.set(statement.newName.toLowerCase(), type)
    }
  }

  /** SQL for a statement that copies its table. Undefined for all others. Faults as `Dialect.write`. */
  async copy(statement: Statement, changeSet: ChangeSet): Promise<readonly SqlText[] | undefined> {
    const { dialect, inspect } = this.database
    if (!dialect.copy?.needs(statement)) return undefined
    this.past ??= Promise.resolve(inspect.statements?.() ?? []).then((found) => [...found])
    const { objectQuotingStrategy, runInTransaction } = changeSet
    const past = [...(await this.past), ...this.written]
    return await dialect.copy.write(statement, objectQuotingStrategy, past, !runInTransaction)
  }

  /** Statements of the plan, as they will run. */
  wrote(statements: readonly { readonly sql: string; readonly bulk?: unknown }[]): void {
    if (this.database.dialect.copy === undefined) return
    for (const one of statements) {
      // Rows are no part of a schema.
      if (one.bulk !== undefined) continue
      // Planning touches no files.
      if (/\b(?:create|alter|drop|legacy_alter_table)\b/i.test(one.sql) && !/\b(?:attach|vacuum)\b/i.test(one.sql))
        this.written.push(one.sql)
    }
  }

  private set(table: TableName, types: Types): void {
    this.tables.set(this.key(table), Promise.resolve(types))
  }

  private key({ schemaName, tableName }: TableName): string {
    return `${schemaName ?? this.database.defaultSchemaName ?? ''}.${tableName}`.toLowerCase()
  }

  private known(table: TableName): Promise<Types> {
    const key = this.key(table)
    const found = this.tables.get(key) ?? this.read(table)
    this.tables.set(key, found)
    return found
  }

  private async read({ schemaName, tableName }: TableName): Promise<Types> {
    return new Map(await this.database.inspect.columnTypes?.(schemaName, tableName))
  }
}

function typesOf(columns: readonly { readonly name: string; readonly type: string }[]): Types {
  return new Map(columns.map(({ name, type }) => [name.toLowerCase(), type]))
}
