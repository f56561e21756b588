// setColumnRemarks
import { defineChange } from '../define.ts'
import { requiredText, text } from '../field.ts'
import { tableFields, tableOf } from '../table.ts'

export const setColumnRemarks = defineChange({
  name: 'setColumnRemarks',
  fields: {
    ...tableFields,
    columnName: requiredText(),
    columnDataType: text({ required: ['mariadb', 'mysql'] }),
    columnParentType: text(),
    remarks: text(),
  },
  notOn: ['sqlite'],
  notAllowed: { catalogName: { on: ['mssql'] } },
  statements: (attributes) => [
    {
      type: 'set-column-remarks',
      table: tableOf(attributes),
      column: attributes.columnName,
      columnType: attributes.columnDataType,
      remarks: attributes.remarks ?? '',
      parentType: attributes.columnParentType,
    },
  ],
})
