// setTableRemarks
import { defineChange } from '../define.ts'
import { text } from '../field.ts'
import { tableFields, tableOf } from '../table.ts'

export const setTableRemarks = defineChange({
  name: 'setTableRemarks',
  fields: { ...tableFields, remarks: text() },
  notOn: ['sqlite'],
  statements: (attributes) => [
    { type: 'set-table-remarks', table: tableOf(attributes), remarks: attributes.remarks ?? '' },
  ],
})
