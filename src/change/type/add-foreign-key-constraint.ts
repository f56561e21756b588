// addForeignKeyConstraint
import { defineChange } from '../define.ts'
import { boolean, type Reading, report, requiredText, text } from '../field.ts'
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
  notAllowed: {
    deferrable: { on: ['mariadb', 'mssql', 'mysql'], onlyTrue: true },
    initiallyDeferred: { on: ['mariadb', 'mssql', 'mysql'], onlyTrue: true },
  },
  check(attributes, reading) {
    if (attributes.deleteCascade !== undefined && attributes.onDelete !== undefined) warnOfBoth(reading)
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
        onDelete: onDeleteOf(attributes),
        onUpdate: attributes.onUpdate,
        deferrable: attributes.deferrable ?? false,
        initiallyDeferred: attributes.initiallyDeferred ?? false,
        validate: attributes.validate ?? true,
      },
    },
  ],
  // Recorded from 4.28.0: the old attribute is hashed as the new one, and `referencesUniqueColumn` not at all.
  hashed: (attributes) => ({
    ...attributes,
    onDelete: onDeleteOf(attributes),
    deleteCascade: undefined,
    referencesUniqueColumn: undefined,
  }),
  inverse: ({ baseTableCatalogName, baseTableSchemaName, baseTableName, constraintName }, _dbms, span) => [
    changeNode(
      'dropForeignKeyConstraint',
      { baseTableCatalogName, baseTableSchemaName, baseTableName, constraintName },
      span,
    ),
  ],
})

/** `deleteCascade` is the old way to say it; beside `onDelete` it undoes that, in the original engine too. */
function onDeleteOf(attributes: {
  readonly deleteCascade: boolean | undefined
  readonly onDelete: string | undefined
}): string | undefined {
  const { deleteCascade, onDelete } = attributes
  if (deleteCascade === undefined) return onDelete
  return deleteCascade && onDelete === undefined ? 'CASCADE' : undefined
}

function warnOfBoth(reading: Reading): void {
  const message = '"onDelete" beside "deleteCascade" has no effect, and neither has "deleteCascade"'
  const fix = 'Remove "deleteCascade", once no database has run the change set.'
  report(reading, 'change/no-effect', message, reading.node.span, { severity: 'warning', fix })
}
