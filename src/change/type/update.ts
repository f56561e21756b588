// update: rows that meet a condition, or all.
import { columnValue, columns, whereParameters } from '../column.ts'
import { checkColumns } from '../check.ts'
import { defineChange } from '../define.ts'
import { text } from '../field.ts'
import { tableFields, tableOf } from '../table.ts'
import { whereOf } from '../where.ts'

export const update = defineChange({
  name: 'update',
  fields: { ...tableFields, columns: columns({ required: true }), where: text(), whereParams: whereParameters() },
  check: (attributes, reading) => checkColumns(attributes.columns, reading, false),
  async statements(attributes, context) {
    const assignments = attributes.columns.map(async (column) => ({
      column: column.name ?? '',
      value: await columnValue(column, context),
    }))
    const where = await whereOf(attributes.where, attributes.whereParams, context)
    const sorted = (await Promise.all(assignments)).toSorted((one, other) => (one.column < other.column ? -1 : 1))
    return [{ type: 'update', table: tableOf(attributes), assignments: sorted, where }]
  },
})
