// A column of a snapshot as createTable and addColumn write it.
import type { Definer } from '#database/snapshot/definer'
import type { Column, DefaultValue, Table } from '#database/snapshot/model'
import type { Attributes, ColumnOfChange } from './change.ts'

/** Undefined when a change would make another column of it. */
export function columnOfChange(column: Column, definer: Definer, constraints: Attributes): ColumnOfChange | undefined {
  const type = definer.columnType(column)
  const defaults = defaultAttributes(column.defaultValue)
  if (type === undefined || !isPlainName(column.name)) return undefined
  const { autoIncrement } = column
  const nullable = column.nullable ? undefined : 'false'
  const all = { ...constraints, nullable }
  const attributes = {
    name: column.name,
    type,
    remarks: column.remarks,
    autoIncrement: autoIncrement ? 'true' : undefined,
    startWith: unlessOne(autoIncrement?.startWith),
    incrementBy: unlessOne(autoIncrement?.incrementBy),
    generationType: autoIncrement?.generation === 'ALWAYS' ? 'ALWAYS' : undefined,
    ...defaults,
    defaultValueConstraintName: column.defaultValue?.constraintName,
  }
  return Object.values(all).every((value) => value === undefined) ? { attributes } : { attributes, constraints: all }
}

const unlessOne = (value: string | undefined): string | undefined => (value === '1' ? undefined : value)

/** Names in comma lists, and those that look like more than a name, have no way of being written there. */
export const isPlainName = (name: string): boolean =>
  !/[,()]|\s(?:asc|desc)$/i.test(name) && name.trim() === name && name !== ''

/** What a plain literal cannot say exactly is written as the expression of the database. */
export function defaultAttributes(value: DefaultValue | undefined): Attributes {
  if (value === undefined) return {}
  const { kind, text, expression } = value
  switch (kind) {
    case 'text':
      // The server says so of every column of texts that has no default at all.
      if (expression === 'NULL') return {}
      // Empty texts and edges of blanks are lost in some formats, and the word null means nothing at all.
      return text === '' || text.trim() !== text || text.toLowerCase() === 'null' || /[\n\r]/.test(text)
        ? { defaultValueComputed: expression }
        : { defaultValue: text }
    case 'number':
      return { defaultValueNumeric: text }
    case 'boolean':
      return { defaultValueBoolean: text }
    case 'date':
    case 'time':
    case 'timestamp':
      return { defaultValueDate: text }
    case 'sequence-next':
      return { defaultValueSequenceNext: text }
    case 'function':
      break
  }
  // The present time is written as each database calls it; with a number of digits it must stay what it is.
  return { defaultValueComputed: /^current_timestamp\(\d+\)/i.test(expression) ? `(${expression})` : expression }
}

/** Key columns in the order of the table, so that marks on columns say the key. */
export function keyIsInOrder(table: Table): boolean {
  const { primaryKey } = table
  if (primaryKey === undefined) return true
  const inTable = table.columns.map(({ name }) => name).filter((name) => primaryKey.columns.includes(name))
  return inTable.join('\u0000') === primaryKey.columns.join('\u0000')
}
