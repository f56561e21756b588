// createIndex
import { checkColumns } from '../check.ts'
import { indexColumns } from '../column.ts'
import { defineChange } from '../define.ts'
import { boolean, text } from '../field.ts'
import { changeNode } from '../inverse.ts'
import { tableAttributes, tableFields, tableOf } from '../table.ts'

export const createIndex = defineChange({
  name: 'createIndex',
  fields: {
    ...tableFields,
    indexName: text({ required: ['sqlite'] }),
    columns: indexColumns(),
    unique: boolean(),
    clustered: boolean(),
    tablespace: text(),
    associatedWith: text({ hashed: 'never' }),
    using: text({ hashed: 'never' }),
  },
  check: (attributes, reading) => checkColumns(attributes.columns, reading, false),
  statements: (attributes) => [
    {
      type: 'create-index',
      table: tableOf(attributes),
      name: attributes.indexName,
      columns: attributes.columns.map((column) => ({
        name: column.name ?? '',
        // A name with a parenthesis is a function call, also when it was not said.
        computed: column.computed ?? column.name?.includes('(') ?? false,
        descending: column.descending ?? false,
        included: column.included ?? false,
      })),
      unique: attributes.unique ?? false,
      clustered: attributes.clustered,
      tablespace: attributes.tablespace,
      using: attributes.using,
      associatedWith: attributes.associatedWith,
    },
  ],
  inverse({ indexName, ...attributes }, _dbms, span) {
    if (indexName === undefined) {
      return 'createIndex without "indexName" has no automatic rollback: the database chose the name.'
    }
    return [changeNode('dropIndex', { ...tableAttributes(attributes), indexName }, span)]
  },
})
