// delete: rows that meet a condition, or all.
import { whereParameters } from '../column.ts'
import { defineChange } from '../define.ts'
import { text } from '../field.ts'
import { tableFields, tableOf } from '../table.ts'
import { whereOf } from '../where.ts'

export const deleteRows = defineChange({
  name: 'delete',
  fields: { ...tableFields, where: text(), whereParams: whereParameters() },
  statements: async (attributes, context) => [
    {
      type: 'delete',
      table: tableOf(attributes),
      where: await whereOf(attributes.where, attributes.whereParams, context),
    },
  ],
})
