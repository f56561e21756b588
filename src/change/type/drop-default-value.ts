// dropDefaultValue
import { defineChange } from '../define.ts'
import { requiredText, text } from '../field.ts'
import { tableFields, tableOf } from '../table.ts'

export const dropDefaultValue = defineChange({
  name: 'dropDefaultValue',
  fields: { ...tableFields, columnName: requiredText(), columnDataType: text() },
  notOn: ['sqlite'],
  statements: (attributes) => [
    {
      type: 'drop-default',
      table: tableOf(attributes),
      column: attributes.columnName,
      columnType: attributes.columnDataType,
    },
  ],
})
