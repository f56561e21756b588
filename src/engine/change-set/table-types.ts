// The types of columns as a plan goes on: those of the live tables, and what its own statements have made of them.
import type { Statement, TableName } from '#change/statement'
import type { Database } from '#database/port'

type Types = Map<string, string>

/** One for each plan. `observe` every statement in the order of the plan; ask in between. */
export class TableTypes {
  private readonly database: Database
  private readonly tables = new Map<string, Promise<Types>>()

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
