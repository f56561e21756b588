// What is compared of each kind of object, as texts that are the same when the objects are.
import type {
  Check,
  Column,
  DefaultValue,
  ForeignKey,
  Index,
  PrimaryKey,
  Routine,
  Sequence,
  Table,
  Trigger,
  UniqueConstraint,
  UserType,
  View,
} from '#database/snapshot/model'
import { sameExpression } from '../snapshot/compare.ts'
import { ruleName } from '../snapshot/document.ts'
import type { Scope } from './scope.ts'

export type ComparedFields = Readonly<Record<string, string | undefined>>

const list = (names: readonly string[]): string => `[${names.join(', ')}]`

export const tableFields = ({ remarks, options, partition }: Table): ComparedFields => ({
  remarks,
  options: options.length === 0 ? undefined : options.join(' '),
  partitionBy: partition?.by,
  partitionOf: partition?.of && `${partition.of.tableName} ${partition.of.bound}`,
})

export function columnFields(column: Column, shortName: string): ComparedFields {
  const { type, nullable, defaultValue, autoIncrement, generated, collation, extra, remarks } = column
  const count = autoIncrement && [
    autoIncrement.generation,
    autoIncrement.startWith,
    autoIncrement.incrementBy,
    autoIncrement.options,
  ]
  return {
    type: type.text,
    nullable: String(nullable),
    defaultValue: defaultText(defaultValue, shortName),
    autoIncrement: String(autoIncrement !== undefined),
    autoIncrementOptions: count?.filter((part) => part !== undefined && part !== '').join(' '),
    generated: generated && `(${generated.expression}) ${generated.stored ? 'STORED' : 'VIRTUAL'}`,
    collation,
    extra,
    remarks,
  }
}

/** Literals by their value. MariaDB says NULL of every column without a default. */
function defaultText(value: DefaultValue | undefined, shortName: string): string | undefined {
  if (value === undefined || value.expression === 'NULL') return undefined
  return value.kind === 'function' ? sameExpression(shortName, value.expression) : value.text
}

export const keyFields = ({ name, columns, definition }: PrimaryKey, named: boolean): ComparedFields => ({
  name: named ? name : undefined,
  columns: list(columns),
  definition,
})

export const uniqueFields = (one: UniqueConstraint): ComparedFields => ({
  columns: list(one.columns),
  deferrable: String(one.deferrable),
  initiallyDeferred: String(one.initiallyDeferred),
  definition: one.definition,
})

export const foreignKeyFields = (key: ForeignKey): ComparedFields => ({
  foreignKeyColumns: list(key.columns),
  primaryKeyTable: key.referencedTable,
  primaryKeyColumns: list(key.referencedColumns),
  deleteRule: ruleName(key.onDelete),
  updateRule: ruleName(key.onUpdate),
  deferrable: String(key.deferrable),
  initiallyDeferred: String(key.initiallyDeferred),
  validate: String(key.validated),
  definition: key.definition,
})

export const checkFields = ({ definition }: Check): ComparedFields => ({ definition })
export const triggerFields = ({ definition }: Trigger): ComparedFields => ({ definition })

/** Where an index keeps its whole statement, that tells more than its columns. */
export const indexFields = (index: Index): ComparedFields => ({
  columns: list(
    index.columns.map(
      ({ name, descending, included }) => `${name}${descending ? ' DESC' : ''}${included ? ' INCLUDED' : ''}`,
    ),
  ),
  unique: String(index.unique),
  using: index.method,
  clustered: index.clustered ? 'true' : undefined,
  definition: index.definition,
})

export const sequenceFields = (one: Sequence): ComparedFields => ({
  dataType: one.dataType,
  startValue: one.startValue,
  incrementBy: one.incrementBy,
  minValue: one.minValue,
  maxValue: one.maxValue,
  cacheSize: one.cacheSize,
  willCycle: String(one.cycle),
  ownedBy: one.ownedBy && `${one.ownedBy.tableName}.${one.ownedBy.columnName}`,
  remarks: one.remarks,
})

export const viewFields = (view: View, { definer, pair }: Pick<Scope, 'definer' | 'pair'>): ComparedFields => ({
  columns: list(view.columns.map(({ name }) => name)),
  definition: definer.portableQuery(view.definition ?? view.query, pair.comparison.name),
  materialized: String(view.materialized),
  remarks: view.remarks,
})

export const routineFields = ({ definition, remarks }: Routine): ComparedFields => ({ definition, remarks })
export const typeFields = ({ kind, definition, remarks }: UserType): ComparedFields => ({ kind, definition, remarks })
