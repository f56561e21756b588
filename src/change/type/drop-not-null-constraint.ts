// dropNotNullConstraint: a column may be empty again.
import { defineChange } from '../define.ts'
import { missing, text } from '../field.ts'
import { changeNode } from '../inverse.ts'
import { tableAttributes, tableFields, tableOf } from '../table.ts'

export const dropNotNullConstraint = defineChange({
  name: 'dropNotNullConstraint',
  fields: {
    ...tableFields,
    columnName: text({ required: ['mariadb', 'mssql', 'mysql', 'postgresql'] }),
    columnDataType: text({ required: ['mariadb', 'mssql', 'mysql'] }),
    constraintName: text(),
  },
  notOn: ['sqlite'],
  check({ columnName, constraintName }, reading) {
    if (reading.dbms === 'oracle' && columnName === undefined && constraintName === undefined)
      missing(reading, 'columnName')
  },
  statements: (attributes) => [
    {
      type: 'set-nullable',
      table: tableOf(attributes),
      // Oracle drops the constraint by its name alone; everywhere else reading has asked for the column.
      column: attributes.columnName ?? '',
      columnType: attributes.columnDataType,
      nullable: true,
      constraintName: attributes.constraintName,
      validate: true,
    },
  ],
  inverse({ columnName, columnDataType, constraintName, ...attributes }, _dbms, span) {
    if (columnName === undefined) {
      return 'dropNotNullConstraint without "columnName" has no automatic rollback: it does not tell the column.'
    }
    const column = { columnName, columnDataType, constraintName }
    return [changeNode('addNotNullConstraint', { ...tableAttributes(attributes), ...column }, span)]
  },
})
