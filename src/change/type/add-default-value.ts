// addDefaultValue: exactly one of the default attributes says which.
import { defaultOf } from '../column.ts'
import { defineChange } from '../define.ts'
import { boolean, expression, report, requiredText, sequence, text } from '../field.ts'
import { changeNode } from '../inverse.ts'
import type { ColumnValue } from '../statement.ts'
import { tableAttributes, tableFields, tableOf } from '../table.ts'
import { parseDate } from '../value.ts'

const defaultFields = {
  defaultValue: text(),
  defaultValueBoolean: boolean(),
  defaultValueComputed: expression(),
  defaultValueDate: text(),
  defaultValueNumeric: text(),
  defaultValueSequenceNext: sequence(),
}

export const addDefaultValue = defineChange({
  name: 'addDefaultValue',
  fields: {
    ...tableFields,
    columnName: requiredText(),
    columnDataType: text(),
    ...defaultFields,
    defaultValueConstraintName: text(),
  },
  check(attributes, reading) {
    if (defaultOf(attributes) !== undefined) return
    report(reading, 'change/missing-attribute', 'addDefaultValue does not say which default', reading.node.span, {
      fix: `Add one of ${Object.keys(defaultFields).join(', ')}.`,
    })
  },
  statements: (attributes) => [
    {
      type: 'set-default',
      table: tableOf(attributes),
      column: attributes.columnName,
      columnType: attributes.columnDataType,
      value: checkedDate(defaultOf(attributes) ?? { kind: 'null' }),
      constraintName: attributes.defaultValueConstraintName,
    },
  ],
  inverse({ columnName, columnDataType, ...attributes }, _dbms, span) {
    return [changeNode('dropDefaultValue', { ...tableAttributes(attributes), columnName, columnDataType }, span)]
  },
})

/** Here the date is kept as written for the checksum and only read for SQL. */
function checkedDate(value: ColumnValue): ColumnValue {
  if (value.kind !== 'date') return value
  const date = parseDate(value.text)
  return date === undefined ? { kind: 'computed', expression: value.text } : { kind: 'date', text: date }
}
