// dropAllForeignKeyConstraints: those that the table has when the change runs.
import { defineChange } from '../define.ts'
import { requiredText, text } from '../field.ts'

export const dropAllForeignKeyConstraints = defineChange({
  name: 'dropAllForeignKeyConstraints',
  volatile: true,
  fields: { baseTableCatalogName: text(), baseTableSchemaName: text(), baseTableName: requiredText() },
  notOn: ['sqlite'],
  statements: ({ baseTableCatalogName, baseTableSchemaName, baseTableName }) => [
    {
      type: 'drop-all-foreign-keys',
      table: { catalogName: baseTableCatalogName, schemaName: baseTableSchemaName, tableName: baseTableName },
    },
  ],
})
