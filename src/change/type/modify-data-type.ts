// modifyDataType
import { defineChange } from '../define.ts'
import { requiredText } from '../field.ts'
import { tableFields, tableOf } from '../table.ts'

export const modifyDataType = defineChange({
  name: 'modifyDataType',
  fields: { ...tableFields, columnName: requiredText(), newDataType: requiredText() },
  notOn: ['sqlite'],
  statements: (attributes) => [
    {
      type: 'modify-type',
      table: tableOf(attributes),
      column: attributes.columnName,
      newType: attributes.newDataType,
    },
  ],
})
