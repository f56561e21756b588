// A snapshot that Liquibase wrote, in our model: as far as the original engine tells.
import { definerFor } from './define.ts'
import type {
  Column,
  ColumnType,
  DefaultValue,
  ForeignKey,
  Index,
  Schema,
  Sequence,
  Snapshot,
  Table,
  UniqueConstraint,
  View,
} from './model.ts'

type Attributes = Readonly<Record<string, unknown>>
const core = 'liquibase.structure.core.'

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value).replace(/!\{[\w.$]+\}$/s, '')
    : undefined
const numberOf = (value: unknown): number | undefined => {
  const text = textOf(value)
  return text === undefined || Number.isNaN(Number(text)) ? undefined : Number(text)
}
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as readonly unknown[]) : [])
const inside = (item: unknown): Attributes =>
  typeof item === 'object' && item !== null ? ((Object.values(item)[0] ?? {}) as Attributes) : {}

/** `snapshot` is what stands under the key of that name. */
export function fromLiquibase(snapshot: Attributes): Snapshot {
  return new Reader(snapshot).read()
}

class Reader {
  private readonly snapshot: Attributes
  private readonly byReference = new Map<string, Attributes>()
  private readonly shortName: string

  constructor(snapshot: Attributes) {
    this.snapshot = snapshot
    this.shortName = textOf(((snapshot['database'] ?? {}) as Attributes)['shortName']) ?? ''
    for (const [className, list] of Object.entries((snapshot['objects'] ?? {}) as Attributes)) {
      for (const item of listOf(list)) {
        const attributes = inside(item)
        this.byReference.set(`${className}#${textOf(attributes['snapshotId']) ?? ''}`, attributes)
      }
    }
  }

  read(): Snapshot {
    const database = (this.snapshot['database'] ?? {}) as Attributes
    const { shortName } = this
    // Said at once, before anything is compared.
    definerFor(shortName)
    const schemas = this.listed('Schema')
    return {
      database: {
        shortName,
        productName: textOf(database['productName']) ?? '',
        productVersion: textOf(database['productVersion']) ?? '',
        url: textOf(database['url']) ?? '',
        user: textOf(database['user']) ?? '',
      },
      catalogName: textOf(this.listed('Catalog')[0]?.['name']),
      defaultSchemaName: textOf((schemas.find((schema) => schema['default'] === true) ?? schemas[0])?.['name']),
      schemas: schemas.map((schema) => this.schema(schema)),
      dependencies: [],
    }
  }

  private listed(kind: string): readonly Attributes[] {
    const objects = (this.snapshot['objects'] ?? {}) as Attributes
    return listOf(objects[`${core}${kind}`]).map(inside)
  }

  private at(reference: unknown): Attributes | undefined {
    return typeof reference === 'string' ? this.byReference.get(reference) : undefined
  }

  private schema(schema: Attributes): Schema {
    const reference = `${core}Schema#${textOf(schema['snapshotId']) ?? ''}`
    const here = (object: Attributes): boolean => object['schema'] === reference
    return {
      name: textOf(schema['name']),
      tables: this.listed('Table')
        .filter(here)
        .map((table) => this.table(table)),
      views: this.listed('View')
        .filter(here)
        .map((view) => this.view(view)),
      sequences: this.listed('Sequence').filter(here).map(sequenceOf),
      routines: [],
      types: [],
    }
  }

  private names(references: unknown): readonly string[] {
    return listOf(references).flatMap((reference) => textOf(this.at(reference)?.['name']) ?? [])
  }

  private table(table: Attributes): Table {
    const primaryKey = this.at(table['primaryKey'])
    const uniques = listOf(table['uniqueConstraints'])
      .map((one) => this.at(one))
      .filter((one) => one !== undefined)
    const backing = new Set<unknown>([primaryKey, ...uniques].map((one) => one?.['backingIndex']))
    const indexes = listOf(table['indexes']).flatMap((index) => this.index(this.at(index), backing.has(index)))
    const told = [primaryKey, ...uniques].map((one) => this.names(one?.['columns']).join())
    return {
      name: textOf(table['name']) ?? '',
      remarks: textOf(table['remarks']),
      tablespace: textOf(table['tablespace']),
      columns: this.columns(table['columns']),
      primaryKey: primaryKey && {
        name: textOf(primaryKey['name']),
        columns: this.names(primaryKey['columns']),
        indexName: textOf(this.at(primaryKey['backingIndex'])?.['name']),
        tablespace: textOf(primaryKey['tablespace']),
        definition: undefined,
      },
      uniqueConstraints: [
        ...uniques.map((one) => ({
          name: textOf(one['name']),
          columns: this.names(one['columns']),
          indexName: textOf(this.at(one['backingIndex'])?.['name']),
          tablespace: textOf(one['tablespace']),
          deferrable: one['deferrable'] === true,
          initiallyDeferred: one['initiallyDeferred'] === true,
          clustered: one['clustered'] === true,
          definition: undefined,
        })),
        ...indexes.filter(isAutomatic).flatMap((index) => uniqueBehind(index, told)),
      ],
      foreignKeys: listOf(table['outgoingForeignKeys']).flatMap((key) => this.foreignKey(this.at(key))),
      checks: [],
      indexes: indexes.map((index) => (isAutomatic(index) ? { ...index, backsConstraint: true } : index)),
      triggers: [],
      partition: undefined,
      options: [],
      definition: undefined,
    }
  }

  private columns(references: unknown): readonly Column[] {
    return listOf(references).flatMap((reference) => {
      const column = this.at(reference)
      return column === undefined ? [] : [columnOf(column, this.shortName)]
    })
  }

  private foreignKey(key: Attributes | undefined): readonly ForeignKey[] {
    if (key === undefined) return []
    const referenced = this.at(key['primaryKeyTable'])
    return [
      {
        name: textOf(key['name']),
        columns: this.names(key['foreignKeyColumns']),
        referencedSchema: textOf(this.at(referenced?.['schema'])?.['name']),
        referencedTable: textOf(referenced?.['name']) ?? '',
        referencedColumns: this.names(key['primaryKeyColumns']),
        onDelete: ruleOf(key['deleteRule']),
        onUpdate: ruleOf(key['updateRule']),
        deferrable: key['deferrable'] === true,
        initiallyDeferred: key['initiallyDeferred'] === true,
        validated: key['validate'] !== false,
        definition: undefined,
      },
    ]
  }

  private index(index: Attributes | undefined, backsConstraint: boolean): readonly Index[] {
    if (index === undefined) return []
    const columns = listOf(index['columns']).map((item) => inside(item))
    return [
      {
        name: textOf(index['name']) ?? '',
        unique: index['unique'] === true,
        columns: columns.map((column) => ({
          name: textOf(column['name']) ?? '',
          computed: column['computed'] === true,
          descending: column['descending'] === true,
          included: column['included'] === true,
        })),
        clustered: index['clustered'] === true,
        method: textOf(index['using']),
        tablespace: textOf(index['tablespace']),
        backsConstraint,
        definition: undefined,
      },
    ]
  }

  private view(view: Attributes): View {
    return {
      name: textOf(view['name']) ?? '',
      remarks: textOf(view['remarks']),
      columns: this.columns(view['columns']),
      query: textOf(view['definition']) ?? '',
      definition: undefined,
      materialized: false,
      indexes: [],
      triggers: [],
    }
  }
}

/** SQLite makes them for keys and unique constraints, and they are all that the original tells of the latter. */
const isAutomatic = ({ name }: Index): boolean => name.startsWith('sqlite_autoindex_')

function uniqueBehind(index: Index, told: readonly string[]): readonly UniqueConstraint[] {
  const columns = index.columns.map(({ name }) => name)
  if (told.includes(columns.join())) return []
  const plain = { tablespace: undefined, deferrable: false, initiallyDeferred: false, clustered: false }
  return [{ ...plain, name: undefined, columns, indexName: index.name, definition: undefined }]
}

/** `importedKeySetNull` → `SET NULL`. */
const ruleOf = (value: unknown): string =>
  (textOf(value) ?? 'importedKeyNoAction')
    .replace(/^importedKey/, '')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toUpperCase()

function columnOf(column: Attributes, shortName: string): Column {
  const counts = column['autoIncrementInformation'] as Attributes | undefined
  const type = typeOf((column['type'] ?? {}) as Attributes, shortName)
  return {
    name: textOf(column['name']) ?? '',
    type,
    nullable: column['nullable'] !== false,
    defaultValue: defaultOf(column['defaultValue']),
    generated: undefined,
    autoIncrement: counts && {
      startWith: textOf(counts['startWith']),
      incrementBy: textOf(counts['incrementBy']),
      generation: textOf(counts['generationType']),
      options: '',
    },
    collation: undefined,
    remarks: textOf(column['remarks']),
  }
}

function typeOf(type: Attributes, shortName: string): ColumnType {
  const name = textOf(type['typeName']) ?? ''
  const size = numberOf(type['columnSize'])
  const digits = numberOf(type['decimalDigits'])
  return {
    text: typeText(shortName, name, size, digits),
    name,
    jdbc: numberOf(type['dataTypeId']) ?? 1111,
    size,
    digits,
    octets: numberOf(type['characterOctetLength']),
    radix: numberOf(type['radix']),
  }
}

function typeText(shortName: string, name: string, size: number | undefined, digits: number | undefined): string {
  if (shortName === 'mssql') return serverType(name, size, digits)
  return shortName === 'oracle' ? oracleType(name, size, digits) : nativeType(name, size, digits)
}

/** Sizes of other types follow from their names. */
function serverType(name: string, size: number | undefined, digits: number | undefined): string {
  if (/char$|binary$/.test(name)) return `${name}(${size === undefined || size >= 2_147_483_647 ? 'max' : size})`
  if (/^(?:decimal|numeric)$/.test(name)) return size === undefined ? name : `${name}(${size}, ${digits ?? 0})`
  return name
}

function oracleType(name: string, size: number | undefined, digits: number | undefined): string {
  if (size === undefined) return digits === undefined || name !== 'NUMBER' ? name : `NUMBER(*, ${digits})`
  if (/^(?:VARCHAR2|CHAR)$/.test(name)) return `${name}(${size} BYTE)`
  if (/CHAR|^RAW$/.test(name)) return `${name}(${size})`
  return name === 'NUMBER' ? `NUMBER(${size}, ${digits ?? 0})` : name
}

/** As PostgreSQL's catalog writes them; names of other databases are their own. */
const nativeNames: Readonly<Record<string, string>> = {
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  smallserial: 'smallint',
  serial: 'integer',
  bigserial: 'bigint',
  bool: 'boolean',
  float4: 'real',
  float8: 'double precision',
}

function nativeType(name: string, size: number | undefined, digits: number | undefined): string {
  const native = nativeNames[name]
  if (native !== undefined) return native
  const sized = (text: string): string => (size === undefined ? text : `${text}(${size})`)
  const clock = /^(timestamp|time)(tz)?$/.exec(name)
  if (clock) {
    const precision = clock[1] === 'time' ? digits : size
    const shown = precision === undefined || precision === 6 ? '' : `(${precision})`
    return `${clock[1]}${shown} ${clock[2] === undefined ? 'without' : 'with'} time zone`
  }
  if (name === 'varchar') return sized('character varying')
  if (name === 'bpchar') return sized('character')
  if (name === 'varbit') return sized('bit varying')
  if (name === 'numeric') return size === undefined ? name : `numeric(${size},${digits ?? 0})`
  if (size === undefined || name.includes('(') || name === 'interval') return name
  return digits === undefined ? `${name}(${size})` : `${name}(${size},${digits})`
}

const kinds: Readonly<Record<string, DefaultValue['kind']>> = {
  'liquibase.statement.DatabaseFunction': 'function',
  'java.sql.Date': 'date',
  'java.sql.Time': 'time',
  'java.sql.Timestamp': 'timestamp',
}

function defaultOf(value: unknown): DefaultValue | undefined {
  if (value === undefined || value === null) return undefined
  const text = textOf(value) ?? ''
  if (typeof value === 'boolean') return { kind: 'boolean', text, expression: text }
  if (typeof value === 'number') return { kind: 'number', text, expression: text }
  const className = /!\{([\w.$]+)\}$/.exec(typeof value === 'string' ? value : '')?.[1]
  if (className === undefined) return { kind: 'text', text, expression: `'${text.replaceAll("'", "''")}'` }
  const kind = kinds[className] ?? 'number'
  const quoted = kind !== 'function' && kind !== 'number'
  return { kind, text, expression: quoted ? `'${text.replace('T', ' ')}'` : text }
}

function sequenceOf(sequence: Attributes): Sequence {
  return {
    name: textOf(sequence['name']) ?? '',
    dataType: textOf(sequence['dataType']),
    startValue: textOf(sequence['startValue']) ?? '1',
    incrementBy: textOf(sequence['incrementBy']) ?? '1',
    minValue: textOf(sequence['minValue']) ?? '1',
    maxValue: textOf(sequence['maxValue']) ?? '9223372036854775807',
    cacheSize: textOf(sequence['cacheSize']) ?? '',
    cycle: sequence['willCycle'] === true,
    ownedBy: undefined,
    remarks: undefined,
  }
}
