// addAutoIncrement: an existing column gets its values from a sequence.
import { warnOfCounter } from '../check.ts'
import { defineChange } from '../define.ts'
import { boolean, integer, requiredText, text } from '../field.ts'
import { tableFields, tableOf } from '../table.ts'

export const addAutoIncrement = defineChange({
  name: 'addAutoIncrement',
  fields: {
    ...tableFields,
    columnName: requiredText(),
    columnDataType: text({ required: ['mariadb', 'mysql'] }),
    defaultOnNull: boolean(),
    generationType: text(),
    incrementBy: integer(),
    startWith: integer(),
  },
  notOn: ['mssql', 'oracle'],
  notAllowed: { incrementBy: { on: ['mariadb', 'mysql'] } },
  check: (attributes, reading) => warnOfCounter(attributes, reading.node.span, reading),
  statements: (attributes) => [
    {
      type: 'add-auto-increment',
      table: tableOf(attributes),
      column: attributes.columnName,
      columnType: attributes.columnDataType,
      startWith: attributes.startWith,
      incrementBy: attributes.incrementBy,
    },
  ],
})
