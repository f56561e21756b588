// dropColumn: one column by name, or several.
import { columns } from '../column.ts'
import { defineChange } from '../define.ts'
import { missing, text } from '../field.ts'
import { tableFields, tableOf } from '../table.ts'

export const dropColumn = defineChange({
  name: 'dropColumn',
  fields: { ...tableFields, columnName: text(), columns: columns() },
  check(attributes, reading) {
    if (attributes.columnName === undefined && attributes.columns.length === 0) missing(reading, 'columnName')
  },
  statements(attributes) {
    const listed = attributes.columns.map((column) => column.name ?? '')
    const names = listed.length > 0 ? listed : [attributes.columnName ?? '']
    return [{ type: 'drop-columns', table: tableOf(attributes), columns: names }]
  },
})
