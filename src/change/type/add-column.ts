// addColumn: new columns in an existing table, with values for the rows that are there.
import type { ChangelogNode } from '#changelog/node'
import type { Span } from '#contract/diagnostic'
import type { ChangeContext } from '../change.ts'
import { checkColumns, checkRemarks } from '../check.ts'
import { type Column, columnValue, columns, defaultOf, hasValue } from '../column.ts'
import { defineChange } from '../define.ts'
import { columnDefinition, foreignKeyOf } from '../definition.ts'
import { type Reading, report } from '../field.ts'
import { changeNode } from '../inverse.ts'
import type { AddedColumn } from '../statement.ts'
import { tableAttributes, tableFields, tableOf } from '../table.ts'

/** Where in the table a new column stands can be said here, and only as being after another one. */
const placesColumns = ['mysql', 'mariadb']
const places = ['afterColumn', 'beforeColumn', 'position'] as const

export const addColumn = defineChange({
  name: 'addColumn',
  fields: { ...tableFields, columns: columns({ required: true }) },
  check(attributes, reading) {
    checkColumns(attributes.columns, reading, true)
    checkRemarks(attributes.catalogName, attributes.columns, undefined, reading)
    if (reading.dbms === 'sqlite') checkForSqlite(attributes.columns, reading)
    const refused = placesColumns.includes(reading.dbms) ? places.slice(1) : places
    for (const column of attributes.columns) {
      const attribute = refused.find((name) => column[name] !== undefined)
      if (attribute === undefined) continue
      report(
        reading,
        'change/attribute-not-supported',
        `"${attribute}" is not allowed on ${reading.dbms}`,
        column.span ?? reading.node.span,
        {
          fix:
            attribute === 'afterColumn'
              ? `Remove afterColumn, or limit the change set to ${placesColumns.join(',')} with dbms.`
              : `Remove ${attribute}; on ${placesColumns.join(' and ')} afterColumn says where a column stands.`,
        },
      )
    }
  },
  async statements(attributes, context) {
    const added = await Promise.all(attributes.columns.map((column) => addedColumn(column, context)))
    return [{ type: 'add-columns', table: tableOf(attributes), columns: added }]
  },
  inverse(attributes, dbms, span) {
    const table = tableAttributes(attributes)
    // Dropping the column takes its default along; only databases that name defaults need the first step. SQLite cannot do it.
    const withDefault = dbms === 'sqlite' ? [] : attributes.columns.filter((column) => defaultOf(column) !== undefined)
    return [
      ...withDefault.map(({ name: columnName, type: columnDataType }) =>
        changeNode('dropDefaultValue', { ...table, columnName, columnDataType }, span),
      ),
      dropColumns(attributes.columns, table, span),
    ]
  },
})

/** Of several at once: a table that has to be copied for it is copied once. */
function dropColumns(
  added: readonly Column[],
  table: Readonly<Record<string, string | undefined>>,
  span: Span,
): ChangelogNode {
  if (added.length === 1) return changeNode('dropColumn', { ...table, columnName: added[0]?.name }, span)
  const node = changeNode('dropColumn', table, span)
  const children = added.map(({ name }) => changeNode('column', { name }, span))
  return { ...node, children: [...node.children, { name: 'columns', value: undefined, children, span }] }
}

/** What SQLite's ALTER TABLE ADD COLUMN refuses: https://sqlite.org/lang_altertable.html#alter_table_add_column */
function checkForSqlite(added: readonly Column[], reading: Reading): void {
  for (const column of added) {
    const { constraints, name = '' } = column
    const withoutDefault = constraints?.nullable === false && defaultOf(column) === undefined
    const problems = [
      ...(constraints?.primaryKey ? ['a primary key'] : []),
      ...(constraints?.unique ? ['a unique constraint'] : []),
      ...(withoutDefault ? ['NOT NULL without a default'] : []),
      ...(column.defaultValueComputed === undefined ? [] : ['a computed default']),
    ]
    if (problems.length === 0) continue
    const message = `column ${name}: sqlite cannot add a column with ${problems.join(' and ')}`
    report(reading, 'change/not-supported', message, column.span ?? reading.node.span, {
      fix: 'Leave it out and enforce it with an index or a new table, or give the change set a dbms list without sqlite.',
    })
  }
}

async function addedColumn(column: Column, context: ChangeContext): Promise<AddedColumn> {
  const { constraints } = column
  return {
    ...columnDefinition(column),
    value: hasValue(column) ? await columnValue(column, context) : undefined,
    afterColumn: column.afterColumn,
    beforeColumn: column.beforeColumn,
    position: column.position,
    primaryKey: constraints?.primaryKey ? { name: constraints.primaryKeyName } : undefined,
    unique: constraints?.unique
      ? { name: constraints.uniqueConstraintName, validate: constraints.validateUnique ?? true }
      : undefined,
    foreignKey: foreignKeyOf(column),
  }
}
