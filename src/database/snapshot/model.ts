// What is in a database, as plain data that is the same for every kind: read by snapshot, diff, generate-changelog, drop-all and
// db-doc. Names are as the database holds them; lists are in the order of names, columns in that of the table.

export interface Snapshot {
  readonly database: {
    readonly shortName: string
    readonly productName: string
    readonly productVersion: string
    readonly url: string
    readonly user: string
  }
  /** The database (PostgreSQL, MySQL); undefined for SQLite. */
  readonly catalogName: string | undefined
  /** Undefined where there are no schemas; on MySQL the catalog again, as the original engine has it. */
  readonly defaultSchemaName: string | undefined
  readonly schemas: readonly Schema[]
  /** What must be there before what, as far as the database knows or its texts tell. */
  readonly dependencies: readonly Dependency[]
}

/** Keys as `objectKey` makes them. */
export interface Dependency {
  readonly from: string
  readonly on: string
}

export type ObjectKind = 'table' | 'view' | 'sequence' | 'routine' | 'type'

/** One text for an object of a schema; a routine comes with its signature. */
export const objectKey = (kind: ObjectKind, schemaName: string | undefined, name: string): string =>
  `${kind}:${schemaName ?? ''}.${name}`

export interface Schema {
  readonly name: string | undefined
  readonly tables: readonly Table[]
  readonly views: readonly View[]
  readonly sequences: readonly Sequence[]
  readonly routines: readonly Routine[]
  readonly types: readonly UserType[]
}

export interface Table {
  readonly name: string
  readonly remarks: string | undefined
  /** Undefined for the default one. */
  readonly tablespace: string | undefined
  readonly columns: readonly Column[]
  readonly primaryKey: PrimaryKey | undefined
  readonly uniqueConstraints: readonly UniqueConstraint[]
  readonly foreignKeys: readonly ForeignKey[]
  /** Check and exclusion constraints. */
  readonly checks: readonly Check[]
  /** With those that keys and constraints stand on. */
  readonly indexes: readonly Index[]
  readonly triggers: readonly Trigger[]
  readonly partition: Partition | undefined
  /** What a plain `createTable` cannot say, as words of the database: `UNLOGGED`, `ENGINE=MyISAM`, `WITHOUT ROWID`. */
  readonly options: readonly string[]
  /** The statement that made the table, where the database keeps it (SQLite). */
  readonly definition: string | undefined
}

export interface Column {
  readonly name: string
  readonly type: ColumnType
  readonly nullable: boolean
  readonly defaultValue: DefaultValue | undefined
  /** A column that the database computes. */
  readonly generated: { readonly expression: string; readonly stored: boolean } | undefined
  readonly autoIncrement: AutoIncrement | undefined
  /** Undefined for that of the type or table. */
  readonly collation: string | undefined
  /** What else the database writes behind the type: `ON UPDATE current_timestamp()`, `INVISIBLE`. */
  readonly extra?: string
  readonly remarks: string | undefined
}

export interface ColumnType {
  /** Whole, in the words of the database: `numeric(10,2)`, `int unsigned`. */
  readonly text: string
  /** As the original engine calls it, in the words of its driver: `int8`, `bpchar`. */
  readonly name: string
  /** Number of `java.sql.Types`. */
  readonly jdbc: number
  /** Undefined where the original engine leaves it out. */
  readonly size: number | undefined
  readonly digits: number | undefined
  readonly octets: number | undefined
  readonly radix: number | undefined
}

export interface DefaultValue {
  /** `function` is everything that is not a plain literal. */
  readonly kind: 'text' | 'number' | 'boolean' | 'date' | 'time' | 'timestamp' | 'function' | 'sequence-next'
  /** The value without quotes; dates as `2020-01-31T10:00:00`; name of the sequence, with its schema if that is another one. */
  readonly text: string
  /** As the database shows it; what is compared. */
  readonly expression: string
  /** Where a default is a constraint (SQL Server), unless the server made up its name. */
  readonly constraintName?: string
}

export interface AutoIncrement {
  readonly startWith: string | undefined
  readonly incrementBy: string | undefined
  /** `ALWAYS` or `BY DEFAULT`, where the database knows the difference. */
  readonly generation: string | undefined
  /** Further options of the sequence behind it, in the words of the database, where they are not the usual ones. */
  readonly options: string
}

export interface PrimaryKey {
  /** Undefined where the database gives none (SQLite without `CONSTRAINT`). */
  readonly name: string | undefined
  readonly columns: readonly string[]
  readonly indexName: string | undefined
  readonly tablespace: string | undefined
  /** What only SQL can say: `DEFERRABLE`, `INCLUDE (x)`. */
  readonly definition: string | undefined
}

export interface UniqueConstraint {
  readonly name: string | undefined
  readonly columns: readonly string[]
  readonly indexName: string | undefined
  readonly tablespace: string | undefined
  readonly deferrable: boolean
  readonly initiallyDeferred: boolean
  readonly clustered: boolean
  readonly definition: string | undefined
}

/** Rules as SQL has them: `NO ACTION`, `RESTRICT`, `CASCADE`, `SET NULL`, `SET DEFAULT`. */
export interface ForeignKey {
  readonly name: string | undefined
  readonly columns: readonly string[]
  readonly referencedSchema: string | undefined
  readonly referencedTable: string
  readonly referencedColumns: readonly string[]
  readonly onDelete: string
  readonly onUpdate: string
  readonly deferrable: boolean
  readonly initiallyDeferred: boolean
  readonly validated: boolean
  /** What only SQL can say: `MATCH FULL`, a list of columns behind SET NULL. */
  readonly definition: string | undefined
}

export interface Check {
  readonly name: string | undefined
  /** Where it makes a difference: the column that it is written at (MariaDB). */
  readonly column?: string
  /** `CHECK (…)` whole. */
  readonly definition: string
}

export interface Index {
  readonly name: string
  readonly unique: boolean
  readonly columns: readonly IndexColumn[]
  readonly clustered: boolean
  /** `btree`, `gin`, `FULLTEXT`. */
  readonly method: string | undefined
  readonly tablespace: string | undefined
  /** Stands behind a key or constraint and comes and goes with it. */
  readonly backsConstraint: boolean
  /** The whole statement when a plain `createIndex` cannot say it: a condition, an operator class, a length. */
  readonly definition: string | undefined
}

export interface IndexColumn {
  /** Name of a column, or the expression. */
  readonly name: string
  readonly computed: boolean
  readonly descending: boolean
  /** Only stored in the index. */
  readonly included: boolean
}

export interface Trigger {
  readonly name: string
  /** The whole statement. */
  readonly definition: string
}

export interface Partition {
  /** `RANGE (logdate)`, whole, as the database writes it; undefined when the table is not divided itself. */
  readonly by: string | undefined
  /** The table that this one is a part of, with its bound `FOR VALUES …`. */
  readonly of:
    | { readonly schemaName: string | undefined; readonly tableName: string; readonly bound: string }
    | undefined
}

export interface View {
  readonly name: string
  readonly remarks: string | undefined
  readonly columns: readonly Column[]
  /** The query, without `CREATE VIEW … AS`. */
  readonly query: string
  /** The whole statement when `createView` cannot say it. */
  readonly definition: string | undefined
  readonly materialized: boolean
  /** Of materialized views. */
  readonly indexes: readonly Index[]
  readonly triggers: readonly Trigger[]
}

/** Numbers as texts. */
export interface Sequence {
  readonly name: string
  readonly dataType: string | undefined
  readonly startValue: string
  readonly incrementBy: string
  readonly minValue: string
  readonly maxValue: string
  readonly cacheSize: string
  readonly cycle: boolean
  /** The column that the sequence goes with; those of identity columns are not listed at all. */
  readonly ownedBy: { readonly tableName: string; readonly columnName: string } | undefined
  readonly remarks: string | undefined
}

export interface Routine {
  readonly kind: 'function' | 'procedure' | 'aggregate' | 'package'
  readonly name: string
  /** Types of the arguments, where routines may share a name; for `DROP`. */
  readonly signature: string | undefined
  readonly definition: string
  readonly remarks: string | undefined
}

export interface UserType {
  readonly kind: 'enum' | 'domain' | 'composite' | 'range'
  readonly name: string
  readonly definition: string
  readonly remarks: string | undefined
}
