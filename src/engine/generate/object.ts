// The changes that make views, sequences and foreign keys again.
import type { ForeignKey, Sequence, View } from '#database/snapshot/model'
import { type Change, sqlChange } from './change.ts'
import { isPlainName } from './column.ts'
import type { Place } from './place.ts'
import { indexChange } from './table.ts'

export function foreignKeyChange(table: string, key: ForeignKey, place: Place): Change {
  const { name, columns, referencedColumns } = key
  const isPlain = [...columns, ...referencedColumns].every(isPlainName) && referencedColumns.length > 0
  if (name === undefined || key.definition !== undefined || !isPlain) {
    return sqlChange(place.definer.foreignKey(table, key, place.sqlSchemaName))
  }
  const { schemaName, catalogName } = place.scope
  return {
    name: 'addForeignKeyConstraint',
    attributes: {
      baseTableName: table,
      baseTableSchemaName: schemaName,
      baseTableCatalogName: catalogName,
      baseColumnNames: columns.join(', '),
      constraintName: name,
      deferrable: String(key.deferrable),
      initiallyDeferred: String(key.initiallyDeferred),
      onDelete: key.onDelete,
      onUpdate: key.onUpdate,
      referencedTableName: key.referencedTable,
      referencedTableSchemaName: place.schemaOf(key.referencedSchema),
      referencedTableCatalogName: catalogName,
      referencedColumnNames: referencedColumns.join(', '),
      validate: String(key.validated),
    },
  }
}

export function sequenceChange(sequence: Sequence, place: Place): Change {
  return {
    name: 'createSequence',
    attributes: {
      ...place.scope,
      sequenceName: sequence.name,
      dataType: sequence.dataType,
      startValue: sequence.startValue,
      incrementBy: sequence.incrementBy,
      minValue: sequence.minValue,
      maxValue: sequence.maxValue,
      cacheSize: sequence.cacheSize === '' ? undefined : sequence.cacheSize,
      cycle: sequence.cycle ? 'true' : undefined,
    },
  }
}

/** `replace`: the view may be there already. */
export function viewChanges(view: View, replace: boolean, place: Place): readonly (readonly Change[])[] {
  const indexes = view.indexes.map((index) => [indexChange(view.name, index, place)])
  if (view.definition !== undefined) return [...place.sql(place.definer.view(view, place.sqlSchemaName)), ...indexes]
  const remarks = view.columns.flatMap((column) =>
    column.remarks === undefined
      ? []
      : [
          {
            name: 'setColumnRemarks',
            attributes: {
              ...place.table(view.name),
              columnName: column.name,
              columnParentType: 'VIEW',
              remarks: column.remarks,
            },
          },
        ],
  )
  const create: Change = {
    name: 'createView',
    attributes: {
      ...place.scope,
      viewName: view.name,
      fullDefinition: 'false',
      remarks: view.remarks,
      replaceIfExists: replace ? 'true' : undefined,
    },
    text: { field: 'selectQuery', value: place.query(view.query) },
  }
  return [[create], ...remarks.map((change) => [change]), ...indexes]
}
