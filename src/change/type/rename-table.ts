// renameTable
import { defineChange } from '../define.ts'
import { requiredText, text } from '../field.ts'
import { changeNode } from '../inverse.ts'

export const renameTable = defineChange({
  name: 'renameTable',
  fields: { catalogName: text(), schemaName: text(), oldTableName: requiredText(), newTableName: requiredText() },
  statements: ({ catalogName, schemaName, oldTableName, newTableName }) => [
    { type: 'rename-table', table: { catalogName, schemaName, tableName: oldTableName }, newName: newTableName },
  ],
  inverse: ({ catalogName, schemaName, oldTableName, newTableName }, _dbms, span) => [
    changeNode(
      'renameTable',
      { catalogName, schemaName, oldTableName: newTableName, newTableName: oldTableName },
      span,
    ),
  ],
})
