// dropUniqueConstraint
import { defineChange } from '../define.ts'
import { requiredText, text } from '../field.ts'
import { tableFields, tableOf } from '../table.ts'

export const dropUniqueConstraint = defineChange({
  name: 'dropUniqueConstraint',
  fields: { ...tableFields, constraintName: requiredText(), uniqueColumns: text() },
  notOn: ['sqlite'],
  statements: (attributes) => [{ type: 'drop-unique', table: tableOf(attributes), name: attributes.constraintName }],
})
