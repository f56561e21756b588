// dropForeignKeyConstraint
import { defineChange } from '../define.ts'
import { requiredText, text } from '../field.ts'

export const dropForeignKeyConstraint = defineChange({
  name: 'dropForeignKeyConstraint',
  fields: {
    baseTableCatalogName: text(),
    baseTableSchemaName: text(),
    baseTableName: requiredText(),
    constraintName: requiredText(),
  },
  notOn: ['sqlite'],
  statements: ({ baseTableCatalogName, baseTableSchemaName, baseTableName, constraintName }) => [
    {
      type: 'drop-foreign-key',
      table: { catalogName: baseTableCatalogName, schemaName: baseTableSchemaName, tableName: baseTableName },
      name: constraintName,
    },
  ],
})
