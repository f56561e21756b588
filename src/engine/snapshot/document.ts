// A snapshot in the shape of Liquibase: lists of objects by class, references as `Class#snapshotId`, values with their Java type.
import type { Column, ForeignKey, Index, Schema, Snapshot, Table, View } from '#database/snapshot/model'
import { type ObjectTypeName, objectTypeNames, objectTypes } from './object-type.ts'

/** An object with its attributes in the order of their names; lists hold references or objects. */
export type Attributes = Readonly<Record<string, unknown>>

export interface SnapshotDocument {
  readonly snapshot: {
    readonly created: string
    readonly database: Attributes
    readonly objects: Readonly<Record<string, readonly Attributes[]>>
    readonly snapshotControl: Attributes
  }
}

export interface DocumentOptions {
  /** Expressions in indexes name their table, as columns do. */
  readonly computedRelations: boolean
}

const integer = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : `${value}!{java.lang.Integer}`
const bigInteger = (value: string | undefined): string | undefined =>
  value === undefined ? undefined : `${value}!{java.math.BigInteger}`

/** `types`: the kinds that were asked for; of those only the ones Liquibase knows are told. `created`: epoch milliseconds. */
export function snapshotDocument(
  snapshot: Snapshot,
  types: ReadonlySet<ObjectTypeName>,
  created: number,
  options: DocumentOptions = { computedRelations: false },
): SnapshotDocument {
  const { productVersion, shortName, user, productName, url } = snapshot.database
  const [, major = '0', minor = '0'] = /(\d+)(?:\.(\d+))?/.exec(productVersion) ?? []
  const classes = objectTypeNames
    .filter((name) => types.has(name) && (name !== 'sequence' || shortName !== 'sqlite'))
    .flatMap((name) => objectTypes[name].className ?? [])
  return {
    snapshot: {
      created: new Date(created).toISOString().replace('Z', ''),
      database: {
        productVersion,
        shortName,
        majorVersion: major,
        minorVersion: minor,
        ...(user === '' ? {} : { user }),
        productName,
        url,
      },
      objects: new Builder(snapshot, options).objects(types),
      snapshotControl: { snapshotControl: { includedType: classes.toSorted() } },
    },
  }
}

/** Gives every object its id before anything refers to it. */
class Builder {
  private readonly snapshot: Snapshot
  private readonly ids = new Map<unknown, string>()
  private readonly lists = new Map<ObjectTypeName, Attributes[]>()
  private readonly computedRelations: boolean
  private next = 100

  constructor(snapshot: Snapshot, { computedRelations }: DocumentOptions) {
    this.snapshot = snapshot
    this.computedRelations = computedRelations
  }

  objects(types: ReadonlySet<ObjectTypeName>): Readonly<Record<string, readonly Attributes[]>> {
    const { catalogName, schemas } = this.snapshot
    this.add('catalog', this.snapshot, { default: true, name: catalogName })
    for (const schema of schemas) this.addSchema(schema)
    const found = objectTypeNames.flatMap((type) => {
      const { className } = objectTypes[type]
      const list = this.lists.get(type)
      return className === undefined || list === undefined || !types.has(type) ? [] : [[className, list] as const]
    })
    return Object.fromEntries(found)
  }

  private idOf(object: unknown): string {
    let id = this.ids.get(object)
    if (id === undefined) {
      id = String(this.next)
      this.next += 1
      this.ids.set(object, id)
    }
    return id
  }

  private reference(type: ObjectTypeName, object: unknown): string {
    return `${objectTypes[type].className ?? type}#${this.idOf(object)}`
  }

  private add(type: ObjectTypeName, object: unknown, attributes: Attributes): void {
    const all: Attributes = { ...attributes, snapshotId: this.idOf(object) }
    const sorted: Record<string, unknown> = {}
    for (const name of Object.keys(all).toSorted()) {
      const value = all[name]
      if (value !== undefined && !isEmptyList(value)) sorted[name] = value
    }
    const list = this.lists.get(type) ?? []
    list.push({ [type]: sorted })
    this.lists.set(type, list)
  }

  private addSchema(schema: Schema): void {
    const catalog = this.reference('catalog', this.snapshot)
    const isDefault = schema.name === this.snapshot.defaultSchemaName
    this.add('schema', schema, { catalog, default: isDefault, name: schema.name })
    for (const table of schema.tables) this.addTable(table, schema)
    for (const view of schema.views) this.addView(view, schema)
    for (const sequence of schema.sequences) {
      // Those of `serial` columns are part of the column.
      if (sequence.ownedBy) continue
      this.add('sequence', sequence, {
        name: sequence.name,
        schema: this.reference('schema', schema),
        dataType: sequence.dataType,
        startValue: bigInteger(sequence.startValue),
        incrementBy: bigInteger(sequence.incrementBy),
        minValue: bigInteger(sequence.minValue),
        maxValue: bigInteger(sequence.maxValue),
        cacheSize: sequence.cacheSize === '' ? undefined : bigInteger(sequence.cacheSize),
        willCycle: sequence.cycle,
      })
    }
  }

  private addTable(table: Table, schema: Schema): void {
    const { primaryKey } = table
    const relation = this.reference('table', table)
    this.add('table', table, {
      name: table.name,
      schema: this.reference('schema', schema),
      remarks: table.remarks,
      default_tablespace: false,
      tablespace: table.tablespace,
      columns: table.columns.map((column) => this.reference('column', column)),
      indexes: table.indexes.map((index) => this.reference('index', index)),
      outgoingForeignKeys: table.foreignKeys.map((key) => this.reference('foreignKey', key)),
      primaryKey: primaryKey && this.reference('primaryKey', primaryKey),
      uniqueConstraints: table.uniqueConstraints.map((one) => this.reference('uniqueConstraint', one)),
    })
    for (const column of table.columns) this.addColumn(column, table.columns, relation)
    for (const index of table.indexes) this.addIndex(index, relation)
    for (const key of table.foreignKeys) this.addForeignKey(key, table, schema)
    if (primaryKey) {
      this.add('primaryKey', primaryKey, {
        name: primaryKey.name,
        table: relation,
        columns: this.columnsOf(table, primaryKey.columns),
        backingIndex: this.backing(table, primaryKey.indexName),
        tablespace: primaryKey.tablespace,
      })
    }
    for (const one of table.uniqueConstraints) {
      this.add('uniqueConstraint', one, {
        name: one.name,
        table: relation,
        columns: this.columnsOf(table, one.columns),
        backingIndex: this.backing(table, one.indexName),
        clustered: one.clustered,
        deferrable: one.deferrable,
        disabled: false,
        initiallyDeferred: one.initiallyDeferred,
        validate: true,
        tablespace: one.tablespace,
      })
    }
  }

  private columnsOf(table: Table, names: readonly string[]): readonly string[] {
    return names.flatMap((name) => {
      const column = table.columns.find((one) => one.name === name)
      return column ? [this.reference('column', column)] : []
    })
  }

  private backing(table: Table, name: string | undefined): string | undefined {
    const index = table.indexes.find((one) => one.name === name)
    return index && this.reference('index', index)
  }

  private addColumn(column: Column, all: readonly Column[], relation: string): void {
    const { type, generated } = column
    // The original engine takes a whole number that a sequence fills for a serial.
    const bySequence = column.defaultValue?.kind === 'sequence-next' && serials[type.name] !== undefined
    const counts = column.autoIncrement ?? (bySequence ? { startWith: '1', incrementBy: '1' } : undefined)
    this.add('column', column, {
      name: column.name,
      nullable: column.nullable,
      order: integer(all.indexOf(column) + 1),
      relation,
      remarks: column.remarks,
      ...(this.snapshot.database.shortName === 'mssql'
        ? { computed: generated !== undefined, defaultValueConstraintName: column.defaultValue?.constraintName }
        : {}),
      autoIncrementInformation: counts && {
        incrementBy: bigInteger(counts.incrementBy),
        startWith: bigInteger(counts.startWith),
      },
      defaultValue: generated
        ? `GENERATED ALWAYS AS ${generated.expression} ${generated.stored ? 'STORED' : 'VIRTUAL'}!{liquibase.statement.DatabaseFunction}`
        : bySequence
          ? undefined
          : typedDefault(column),
      type: {
        ...(type.octets === undefined ? {} : { characterOctetLength: integer(type.octets) }),
        ...(type.size === undefined ? {} : { columnSize: integer(type.size) }),
        columnSizeUnit: 'BYTE!{liquibase.structure.core.DataType$ColumnSizeUnit}',
        dataTypeId: integer(type.jdbc),
        ...(type.digits === undefined ? {} : { decimalDigits: integer(type.digits) }),
        ...(type.radix === undefined ? {} : { radix: integer(type.radix) }),
        typeName: bySequence ? (serials[type.name] ?? type.name) : type.name,
      },
    })
  }

  private addIndex(index: Index, table: string): void {
    this.add('index', index, {
      name: index.name,
      table,
      unique: index.unique,
      clustered: index.clustered ? true : undefined,
      using: index.method,
      tablespace: index.tablespace,
      columns: index.columns
        .filter((column) => !column.included)
        .map(({ name, computed, descending }) => ({
          column: {
            ...(computed ? { computed } : {}),
            ...(computed || descending ? { descending } : {}),
            name,
            ...(computed && this.computedRelations ? { relation: table } : {}),
          },
        })),
    })
  }

  private addForeignKey(key: ForeignKey, table: Table, schema: Schema): void {
    const referenced = this.tableNamed(key.referencedSchema ?? schema.name, key.referencedTable)
    const names = key.referencedColumns.length > 0 ? key.referencedColumns : (referenced?.primaryKey?.columns ?? [])
    this.add('foreignKey', key, {
      name: key.name,
      deferrable: key.deferrable,
      initiallyDeferred: key.initiallyDeferred,
      deleteRule: ruleText(key.onDelete),
      updateRule: ruleText(key.onUpdate),
      foreignKeyTable: this.reference('table', table),
      foreignKeyColumns: this.columnsOf(table, key.columns),
      primaryKeyTable: referenced && this.reference('table', referenced),
      primaryKeyColumns: referenced && this.columnsOf(referenced, names),
      validate: key.validated ? undefined : false,
    })
  }

  private tableNamed(schemaName: string | undefined, name: string): Table | undefined {
    const schema = this.snapshot.schemas.find((one) => one.name === schemaName)
    return schema?.tables.find((table) => table.name.toLowerCase() === name.toLowerCase())
  }

  private addView(view: View, schema: Schema): void {
    // The original engine does not know materialized views.
    if (view.materialized) return
    const relation = this.reference('view', view)
    this.add('view', view, {
      name: view.name,
      schema: this.reference('schema', schema),
      remarks: view.remarks,
      definition: view.query,
      columns: view.columns.map((column) => this.reference('column', column)),
    })
    for (const column of view.columns) this.addColumn(column, view.columns, relation)
  }
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0

const serials: Readonly<Record<string, string>> = { int2: 'smallserial', int4: 'serial', int8: 'bigserial' }

/** `SET NULL` → `importedKeySetNull`. */
export function ruleName(rule: string): string {
  const words = rule.toLowerCase().split(' ')
  return `importedKey${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}`
}

const ruleText = (rule: string): string => `${ruleName(rule)}!{liquibase.structure.core.ForeignKeyConstraintType}`

/** Numbers by the JDBC type of the column; those of SQLite's own number types are bare, as the original engine has them. */
function typedDefault({ defaultValue, type }: Column): string | number | boolean | undefined {
  if (defaultValue === undefined) return undefined
  const { text } = defaultValue
  switch (defaultValue.kind) {
    case 'text':
      return text
    case 'boolean':
      return text === 'true'
    case 'date':
      return `${text}!{java.sql.Date}`
    case 'time':
      return `${text}!{java.sql.Time}`
    case 'timestamp':
      return `${text}!{java.sql.Timestamp}`
    case 'function':
      return `${text}!{liquibase.statement.DatabaseFunction}`
    case 'number':
      return numberText(text, type.jdbc)
    case 'sequence-next':
      break
  }
  return `${defaultValue.expression}!{liquibase.statement.DatabaseFunction}`
}

function numberText(text: string, jdbc: number): string | number {
  switch (jdbc) {
    case 4:
    case 5:
    case -6:
      return `${text}!{java.lang.Integer}`
    case -5:
      return `${text}!{java.math.BigInteger}`
    case 8:
      return `${text}!{java.lang.Double}`
    case 6:
      return Number(text)
    default:
      return `${text}!{java.math.BigDecimal}`
  }
}
