// insert: one row.
import { type Column, columnValue, columns } from '../column.ts'
import { checkColumns } from '../check.ts'
import { dbmsMatches } from '../dbms.ts'
import { defineChange } from '../define.ts'
import { type SequenceName, text } from '../field.ts'
import { tableFields, tableOf } from '../table.ts'

export const insert = defineChange({
  name: 'insert',
  fields: { ...tableFields, dbms: text(), columns: columns({ required: true }) },
  check: (attributes, reading) => checkColumns(attributes.columns, reading, false),
  async statements(attributes, context) {
    if (!dbmsMatches(attributes.dbms, context.dbms)) return []
    const assignments = withSequenceSchema(attributes.columns, attributes.schemaName).map(async (column) => ({
      column: column.name ?? '',
      value: await columnValue(column, context),
    }))
    return [{ type: 'insert', table: tableOf(attributes), assignments: await Promise.all(assignments) }]
  },
  hashed: (attributes, form) =>
    form.insertSequenceSchema
      ? { ...attributes, columns: withSequenceSchema(attributes.columns, attributes.schemaName) }
      : attributes,
})

/** A sequence without schema is in the schema of the table. */
function withSequenceSchema(columns: readonly Column[], schemaName: string | undefined): readonly Column[] {
  const placed = (sequence: SequenceName | undefined): SequenceName | undefined =>
    sequence && { ...sequence, schemaName: sequence.schemaName ?? schemaName }
  return columns.map((column) => ({
    ...column,
    valueSequenceNext: placed(column.valueSequenceNext),
    valueSequenceCurrent: placed(column.valueSequenceCurrent),
  }))
}
