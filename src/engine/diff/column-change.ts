// The changes that make a column like another.
import type { Column } from '#database/snapshot/model'
import type { Change } from '../generate/change.ts'
import { defaultAttributes } from '../generate/column.ts'
import type { Place } from '../generate/place.ts'
import type { Changed } from './partition.ts'

const plainFields = new Set(['type', 'nullable', 'defaultValue', 'remarks'])

/** Changes of their own where they say it all; else the SQL of the database. */
export function columnChanges(
  table: string,
  { reference, comparison, differences }: Changed<Column>,
  place: Place,
): readonly (readonly Change[])[] {
  const { definer } = place
  const type = definer.columnType(reference)
  if (definer.modifiesWholeColumn || type === undefined || differences.some(({ field }) => !plainFields.has(field))) {
    return place.sql(definer.modifyColumn(table, reference, comparison, place.sqlSchemaName))
  }
  const differs = (field: string): boolean => differences.some((one) => one.field === field)
  const column = { ...place.table(table), columnName: comparison.name }
  const typed = { ...column, columnDataType: type }
  const newDefault = defaultAttributes(reference.defaultValue)
  const changes: Change[] = []
  const hadDefault = comparison.defaultValue !== undefined
  // A default may not fit into another type, not even for a moment.
  const renewed = differs('defaultValue') || (differs('type') && hadDefault)
  if (renewed && hadDefault) changes.push({ name: 'dropDefaultValue', attributes: typed })
  if (differs('type')) changes.push({ name: 'modifyDataType', attributes: { ...column, newDataType: type } })
  if (renewed && Object.keys(newDefault).length > 0) {
    changes.push({ name: 'addDefaultValue', attributes: { ...typed, ...newDefault } })
  }
  if (differs('nullable')) {
    changes.push({ name: reference.nullable ? 'dropNotNullConstraint' : 'addNotNullConstraint', attributes: typed })
  }
  if (differs('remarks')) {
    changes.push({ name: 'setColumnRemarks', attributes: { ...typed, remarks: reference.remarks ?? '' } })
  }
  return changes.map((change) => [change])
}
