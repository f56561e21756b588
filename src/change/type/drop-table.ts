// dropTable
import { defineChange } from '../define.ts'
import { boolean } from '../field.ts'
import { tableFields, tableOf } from '../table.ts'

export const dropTable = defineChange({
  name: 'dropTable',
  fields: { ...tableFields, cascadeConstraints: boolean() },
  statements: (attributes) => [
    { type: 'drop-table', table: tableOf(attributes), cascade: attributes.cascadeConstraints ?? false },
  ],
})
