// addPrimaryKey
import { defineChange } from '../define.ts'
import { boolean, requiredText, text } from '../field.ts'
import { changeNode } from '../inverse.ts'
import { splitNames, tableAttributes, tableFields, tableOf } from '../table.ts'

export const addPrimaryKey = defineChange({
  name: 'addPrimaryKey',
  fields: {
    ...tableFields,
    columnNames: requiredText(),
    constraintName: text(),
    clustered: boolean(),
    forIndexCatalogName: text(),
    forIndexName: text(),
    forIndexSchemaName: text(),
    tablespace: text(),
    validate: boolean(),
  },
  notOn: ['sqlite'],
  notAllowed: { forIndexName: { on: ['mariadb', 'mssql', 'mysql'] } },
  statements: (attributes) => [
    {
      type: 'add-primary-key',
      table: tableOf(attributes),
      name: attributes.constraintName,
      columns: splitNames(attributes.columnNames),
      tablespace: attributes.tablespace,
      clustered: attributes.clustered,
      validate: attributes.validate ?? true,
      forIndexName: attributes.forIndexName,
    },
  ],
  inverse({ constraintName, ...attributes }, _dbms, span) {
    return [changeNode('dropPrimaryKey', { ...tableAttributes(attributes), constraintName }, span)]
  },
})
