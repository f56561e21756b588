// From the columns of a change to what createTable and addColumn ask of the database.
import { type Column, defaultOf } from './column.ts'
import type { ColumnDefinition, ForeignKey } from './statement.ts'
import { splitNames } from './table.ts'

/** A key column is never null, whatever was written. */
export function columnDefinition(column: Column): ColumnDefinition {
  const { constraints } = column
  return {
    name: column.name ?? '',
    type: column.type ?? '',
    defaultValue: defaultOf(column),
    defaultValueConstraintName: column.defaultValueConstraintName,
    autoIncrement: column.autoIncrement
      ? {
          startWith: column.startWith,
          incrementBy: column.incrementBy,
          generationType: column.generationType,
          defaultOnNull: column.defaultOnNull ?? false,
        }
      : undefined,
    notNull: constraints?.nullable === false || constraints?.primaryKey === true,
    explicitNull: constraints?.nullable === true,
    notNullConstraintName: constraints?.notNullConstraintName,
    validateNotNull: constraints?.validateNullable ?? true,
    remarks: column.remarks,
  }
}

export function foreignKeyOf(column: Column): ForeignKey | undefined {
  const { constraints } = column
  if (!constraints) return undefined
  const { referencedTableName, referencedColumnNames } = constraints
  const table =
    referencedTableName === undefined
      ? undefined
      : {
          catalogName: constraints.referencedTableCatalogName,
          schemaName: constraints.referencedTableSchemaName,
          tableName: referencedTableName,
        }
  const references = constraints.references ?? (table && { table, columns: splitNames(referencedColumnNames ?? '') })
  if (references === undefined) return undefined
  return {
    name: constraints.foreignKeyName,
    columns: [column.name ?? ''],
    references,
    onDelete: constraints.deleteCascade ? 'CASCADE' : undefined,
    onUpdate: undefined,
    deferrable: constraints.deferrable ?? false,
    initiallyDeferred: constraints.initiallyDeferred ?? false,
    validate: constraints.validateForeignKey ?? true,
  }
}
