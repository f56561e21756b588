// addUniqueConstraint
import { defineChange } from '../define.ts'
import { boolean, requiredText, text } from '../field.ts'
import { changeNode } from '../inverse.ts'
import { splitNames, tableAttributes, tableFields, tableOf } from '../table.ts'

export const addUniqueConstraint = defineChange({
  name: 'addUniqueConstraint',
  fields: {
    ...tableFields,
    columnNames: requiredText(),
    constraintName: text(),
    clustered: boolean(),
    deferrable: boolean(),
    disabled: boolean(),
    forIndexCatalogName: text(),
    forIndexName: text(),
    forIndexSchemaName: text(),
    initiallyDeferred: boolean(),
    tablespace: text(),
    validate: boolean(),
  },
  notOn: ['sqlite'],
  notAllowed: {
    clustered: { on: ['mariadb', 'mysql', 'oracle', 'postgresql'], onlyTrue: true },
    forIndexName: { on: ['mariadb', 'mssql', 'mysql'] },
  },
  statements: (attributes) => [
    {
      type: 'add-unique',
      table: tableOf(attributes),
      name: attributes.constraintName,
      columns: splitNames(attributes.columnNames),
      tablespace: attributes.tablespace,
      clustered: attributes.clustered,
      deferrable: attributes.deferrable ?? false,
      initiallyDeferred: attributes.initiallyDeferred ?? false,
      disabled: attributes.disabled ?? false,
      validate: attributes.validate ?? true,
      forIndexName: attributes.forIndexName,
      forIndexSchemaName: attributes.forIndexSchemaName,
      forIndexCatalogName: attributes.forIndexCatalogName,
    },
  ],
  inverse({ constraintName, columnNames, ...attributes }, _dbms, span) {
    if (constraintName === undefined) {
      return 'addUniqueConstraint without "constraintName" has no automatic rollback: the database chose the name.'
    }
    const unique = { constraintName, uniqueColumns: columnNames }
    return [changeNode('dropUniqueConstraint', { ...tableAttributes(attributes), ...unique }, span)]
  },
})
