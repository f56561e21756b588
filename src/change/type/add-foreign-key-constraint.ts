// addForeignKeyConstraint
import { defineChange } from '../define.ts'
import { boolean, report, requiredText, text } from '../field.ts'
import { changeNode } from '../inverse.ts'
import { splitNames } from '../table.ts'

export const addForeignKeyConstraint = defineChange({
  name: 'addForeignKeyConstraint',
  fields: {
    baseTableCatalogName: text(),
    baseTableSchemaName: text(),
    baseTableName: requiredText(),
    baseColumnNames: requiredText(),
    constraintName: requiredText(),
    referencedTableCatalogName: text(),
    referencedTableSchemaName: text(),
    referencedTableName: requiredText(),
    referencedColumnNames: requiredText(),
    deferrable: boolean(),
    initiallyDeferred: boolean(),
    deleteCascade: boolean(),
    onDelete: text(),
    onUpdate: text(),
    referencesUniqueColumn: boolean(),
    validate: boolean(),
  },
  notOn: ['sqlite'],
  check(attributes, reading) {
    const base = splitNames(attributes.baseColumnNames).length
    const referenced = splitNames(attributes.referencedColumnNames).length
    if (base === 0 || referenced === 0 || base === referenced) return
    const message = `baseColumnNames has ${base} columns, referencedColumnNames ${referenced}`
    report(reading, 'change/column-count', message, reading.node.span, { fix: 'Name as many columns on both sides.' })
  },
  statements: (attributes) => [
    {
      type: 'add-foreign-key',
      table: {
        catalogName: attributes.baseTableCatalogName,
        schemaName: attributes.baseTableSchemaName,
        tableName: attributes.baseTableName,
      },
      foreignKey: {
        name: attributes.constraintName,
        columns: splitNames(attributes.baseColumnNames),
        references: {
          table: {
            catalogName: attributes.referencedTableCatalogName,
            schemaName: attributes.referencedTableSchemaName,
            tableName: attributes.referencedTableName,
          },
          columns: splitNames(attributes.referencedColumnNames),
        },
        onDelete: attributes.onDelete ?? (attributes.deleteCascade ? 'CASCADE' : undefined),
        onUpdate: attributes.onUpdate,
        deferrable: attributes.deferrable ?? false,
        initiallyDeferred: attributes.initiallyDeferred ?? false,
        validate: attributes.validate ?? true,
      },
    },
  ],
  inverse: ({ baseTableCatalogName, baseTableSchemaName, baseTableName, constraintName }, _dbms, span) => [
    changeNode(
      'dropForeignKeyConstraint',
      { baseTableCatalogName, baseTableSchemaName, baseTableName, constraintName },
      span,
    ),
  ],
})
