// addLookupTable: a table of the distinct values of a column, and a foreign key to it.
import { defineChange } from '../define.ts'
import { requiredText, text } from '../field.ts'
import { changeNode } from '../inverse.ts'
import type { Statement } from '../statement.ts'

export const addLookupTable = defineChange({
  name: 'addLookupTable',
  fields: {
    existingTableCatalogName: text(),
    existingTableSchemaName: text(),
    existingTableName: requiredText(),
    existingColumnName: requiredText(),
    newTableCatalogName: text(),
    newTableSchemaName: text(),
    newTableName: requiredText(),
    newColumnName: requiredText(),
    newColumnDataType: text({ required: ['mariadb', 'mssql', 'mysql'] }),
    constraintName: text(),
  },
  notOn: ['sqlite'],
  statements(attributes, { dbms }): readonly Statement[] {
    const { existingColumnName, newColumnName: column, newColumnDataType: columnType } = attributes
    const table = {
      catalogName: attributes.newTableCatalogName,
      schemaName: attributes.newTableSchemaName,
      tableName: attributes.newTableName,
    }
    const from = {
      catalogName: attributes.existingTableCatalogName,
      schemaName: attributes.existingTableSchemaName,
      tableName: attributes.existingTableName,
    }
    const nothing = { tablespace: undefined, clustered: undefined, validate: true, forIndexName: undefined }
    const unnamed = { constraintName: undefined, validate: true }
    const notNull = { type: 'set-nullable', table, column, columnType, nullable: false, ...unnamed } as const
    return [
      { type: 'create-lookup-table', table, column, from, fromColumn: existingColumnName },
      // Oracle's primary key says it, and MODIFY … NOT NULL on a column of a key is an error there.
      ...(dbms === 'oracle' ? [] : [notNull]),
      { type: 'add-primary-key', table, name: undefined, columns: [column], ...nothing },
      {
        type: 'add-foreign-key',
        table: from,
        foreignKey: {
          name: constraintNameOf(attributes),
          columns: [existingColumnName],
          references: { table, columns: [column] },
          onDelete: undefined,
          onUpdate: undefined,
          deferrable: false,
          initiallyDeferred: false,
          validate: true,
        },
      },
    ]
  },
  inverse(attributes, _dbms, span) {
    const foreignKey = {
      baseTableCatalogName: attributes.existingTableCatalogName,
      baseTableSchemaName: attributes.existingTableSchemaName,
      baseTableName: attributes.existingTableName,
      constraintName: constraintNameOf(attributes),
    }
    const table = {
      catalogName: attributes.newTableCatalogName,
      schemaName: attributes.newTableSchemaName,
      tableName: attributes.newTableName,
    }
    return [changeNode('dropForeignKeyConstraint', foreignKey, span), changeNode('dropTable', table, span)]
  },
})

function constraintNameOf(attributes: {
  readonly constraintName: string | undefined
  readonly existingTableName: string
  readonly newTableName: string
}): string {
  const made = `FK_${attributes.existingTableName}_${attributes.newTableName}`.toUpperCase()
  return attributes.constraintName ?? made
}
