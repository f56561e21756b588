// The attributes that name a table, shared by most change types, and lists of columns in one attribute.
import { requiredText, text } from './field.ts'
import type { TableName } from './statement.ts'

/** Spread into the fields of a change type. */
export const tableFields = { catalogName: text(), schemaName: text(), tableName: requiredText() }

interface TableAttributes {
  readonly catalogName: string | undefined
  readonly schemaName: string | undefined
  readonly tableName: string
}

export function tableOf(attributes: TableAttributes): TableName {
  return { catalogName: attributes.catalogName, schemaName: attributes.schemaName, tableName: attributes.tableName }
}

/** The same attributes for the inverse. */
export function tableAttributes(attributes: TableAttributes): Record<string, string | undefined> {
  return { ...tableOf(attributes) }
}

/** `a, b DESC` → its columns, trimmed. */
export function splitNames(names: string): readonly string[] {
  return names
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}
