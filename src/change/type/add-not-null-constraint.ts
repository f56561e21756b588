// addNotNullConstraint: a column may no longer be empty; `defaultNullValue` fills the rows where it is.
import { textValue } from '../column.ts'
import { defineChange } from '../define.ts'
import { boolean, requiredText, text } from '../field.ts'
import { changeNode } from '../inverse.ts'
import type { Statement } from '../statement.ts'
import { tableAttributes, tableFields, tableOf } from '../table.ts'

export const addNotNullConstraint = defineChange({
  name: 'addNotNullConstraint',
  fields: {
    ...tableFields,
    columnName: requiredText(),
    columnDataType: text({ required: ['mariadb', 'mssql', 'mysql'] }),
    constraintName: text(),
    defaultNullValue: text(),
    validate: boolean(),
  },
  notOn: ['sqlite'],
  statements(attributes) {
    const { columnName: column, columnDataType: columnType, defaultNullValue } = attributes
    const table = tableOf(attributes)
    const restrict: Statement = {
      type: 'set-nullable',
      table,
      column,
      columnType,
      nullable: false,
      constraintName: attributes.constraintName,
      validate: attributes.validate ?? true,
    }
    if (defaultNullValue === undefined) return [restrict]
    const value = textValue(defaultNullValue)
    // Rows that are empty stay so when they are filled with nothing.
    if (value.kind === 'null') return [restrict]
    return [{ type: 'fill-empty', table, column, columnType, value }, restrict]
  },
  inverse({ columnName, columnDataType, ...attributes }, _dbms, span) {
    const column = { columnName, columnDataType }
    return [changeNode('dropNotNullConstraint', { ...tableAttributes(attributes), ...column }, span)]
  },
})
