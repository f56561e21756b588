// addPrimaryKey
import { defineChange } from '../define.ts'
import { boolean, report, requiredText, text } from '../field.ts'
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
  check({ clustered }, reading) {
    if (clustered !== true || reading.dbms !== 'oracle') return
    const message = 'clustered="true" is not allowed on oracle'
    report(reading, 'change/not-supported', message, reading.node.span, { fix: 'Leave it out there.' })
  },
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
      forIndexSchemaName: attributes.forIndexSchemaName,
      forIndexCatalogName: attributes.forIndexCatalogName,
    },
  ],
  inverse({ constraintName, forIndexName, ...attributes }, _dbms, span) {
    // An index that was there before the key stays.
    const dropIndex = forIndexName === undefined ? undefined : 'false'
    return [changeNode('dropPrimaryKey', { ...tableAttributes(attributes), constraintName, dropIndex }, span)]
  },
})
