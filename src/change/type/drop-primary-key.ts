// dropPrimaryKey
import { defineChange } from '../define.ts'
import { boolean, text } from '../field.ts'
import { tableFields, tableOf } from '../table.ts'

export const dropPrimaryKey = defineChange({
  name: 'dropPrimaryKey',
  fields: { ...tableFields, constraintName: text(), dropIndex: boolean() },
  statements: (attributes) => [
    {
      type: 'drop-primary-key',
      table: tableOf(attributes),
      name: attributes.constraintName,
      dropIndex: attributes.dropIndex,
    },
  ],
})
