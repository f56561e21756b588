// dropIndex
import { defineChange } from '../define.ts'
import { requiredText, text } from '../field.ts'

export const dropIndex = defineChange({
  name: 'dropIndex',
  fields: {
    catalogName: text(),
    schemaName: text(),
    tableName: text({ required: ['mariadb', 'mssql', 'mysql'] }),
    indexName: requiredText(),
    associatedWith: text({ hashed: 'never' }),
  },
  statements: ({ catalogName, schemaName, tableName, indexName }) => [
    {
      type: 'drop-index',
      table: tableName === undefined ? undefined : { catalogName, schemaName, tableName },
      schemaName,
      name: indexName,
    },
  ],
})
