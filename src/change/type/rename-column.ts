// renameColumn
import { defineChange } from '../define.ts'
import { requiredText, text } from '../field.ts'
import { changeNode } from '../inverse.ts'
import type { Statement } from '../statement.ts'
import { tableAttributes, tableFields, tableOf } from '../table.ts'

/** There a column is renamed by saying it all again, remarks included. */
const withRemarks = ['mysql', 'mariadb']

export const renameColumn = defineChange({
  name: 'renameColumn',
  fields: {
    ...tableFields,
    oldColumnName: requiredText(),
    newColumnName: requiredText(),
    columnDataType: text({ required: ['mariadb', 'mysql'] }),
    remarks: text(),
  },
  statements(attributes, { dbms }) {
    const { oldColumnName, newColumnName, columnDataType, remarks } = attributes
    const table = tableOf(attributes)
    const rename: Statement = {
      type: 'rename-column',
      table,
      oldName: oldColumnName,
      newName: newColumnName,
      columnType: columnDataType,
      remarks,
    }
    if (remarks === undefined || withRemarks.includes(dbms)) return [rename]
    return [rename, { type: 'set-column-remarks', table, column: newColumnName, columnType: columnDataType, remarks }]
  },
  inverse(attributes, _dbms, span) {
    const { oldColumnName, newColumnName, columnDataType } = attributes
    const swapped = { oldColumnName: newColumnName, newColumnName: oldColumnName, columnDataType }
    return [changeNode('renameColumn', { ...tableAttributes(attributes), ...swapped }, span)]
  },
})
