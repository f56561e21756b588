// Neutral statements: what a change wants of a database, before any dialect. One writer for each database turns them into SQL.
// Every member is plain data. Names are as the user wrote them; quoting and folding are the writer's business.
import type { Span } from '#contract/diagnostic'

/** A value of a column in insert, update or a default. */
export type ColumnValue =
  | { readonly kind: 'null' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'numeric'; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'date'; readonly text: string }
  | { readonly kind: 'computed'; readonly expression: string }
  | {
      readonly kind: 'sequence-next' | 'sequence-current'
      readonly name: string
      readonly schemaName: string | undefined
    }
  | { readonly kind: 'bytes'; readonly base64: string }

export interface TableName {
  readonly catalogName: string | undefined
  readonly schemaName: string | undefined
  readonly tableName: string
}

export interface ForeignKey {
  readonly name: string | undefined
  readonly columns: readonly string[]
  /** `references="other(id)"` kept verbatim, or a table with columns. */
  readonly references: string | { readonly table: TableName; readonly columns: readonly string[] }
  readonly onDelete: string | undefined
  readonly onUpdate: string | undefined
  readonly deferrable: boolean
  readonly initiallyDeferred: boolean
  readonly validate: boolean
}

export interface ColumnDefinition {
  readonly name: string
  /** As written in the changelog, for example `varchar(50)`; the dialect's type table translates it. */
  readonly type: string
  readonly defaultValue: ColumnValue | undefined
  readonly defaultValueConstraintName: string | undefined
  readonly autoIncrement:
    | {
        readonly startWith: string | undefined
        readonly incrementBy: string | undefined
        readonly generationType: string | undefined
        readonly defaultOnNull: boolean
      }
    | undefined
  readonly notNull: boolean
  /** `nullable="true"` was written out. */
  readonly explicitNull: boolean
  readonly notNullConstraintName: string | undefined
  readonly validateNotNull: boolean
  readonly remarks: string | undefined
}

/** A column that is added to an existing table, with everything that comes with it. */
export interface AddedColumn extends ColumnDefinition {
  /** Written into all rows that exist. */
  readonly value: ColumnValue | undefined
  readonly afterColumn: string | undefined
  readonly beforeColumn: string | undefined
  readonly position: string | undefined
  readonly primaryKey: { readonly name: string | undefined } | undefined
  readonly unique: { readonly name: string | undefined; readonly validate?: boolean } | undefined
  readonly foreignKey: ForeignKey | undefined
}

export interface IndexColumn {
  readonly name: string
  /** The name is an expression and is not quoted. */
  readonly computed: boolean
  readonly descending: boolean
  /** Not a key of the index, only stored in it. */
  readonly included: boolean
}

/** Numbers as texts; undefined leaves the clause out. */
export interface SequenceOptions {
  readonly dataType: string | undefined
  readonly startValue: string | undefined
  readonly incrementBy: string | undefined
  readonly minValue: string | undefined
  readonly maxValue: string | undefined
  readonly cacheSize: string | undefined
  readonly cycle: boolean | undefined
  readonly ordered: boolean | undefined
}

/** Schema and name of anything that is not a table. */
export interface ObjectName {
  /** Only where a catalog is what others call a schema (Oracle, MySQL) does it say anything. */
  readonly catalogName?: string | undefined
  readonly schemaName: string | undefined
  readonly name: string
}

export interface Assignment {
  readonly column: string
  readonly value: ColumnValue
}

/** A condition as written, and what replaces `:name`, `:value` and `?` in it. */
export interface Where {
  readonly condition: string
  readonly parameters: readonly { readonly name: string | undefined; readonly value: ColumnValue }[]
}

type TableStatement =
  | {
      readonly type: 'create-table'
      readonly table: TableName
      readonly columns: readonly ColumnDefinition[]
      readonly primaryKey:
        | {
            readonly name: string | undefined
            readonly columns: readonly string[]
            readonly tablespace: string | undefined
            readonly validate: boolean
            readonly deferrable?: boolean
            readonly initiallyDeferred?: boolean
          }
        | undefined
      readonly foreignKeys: readonly ForeignKey[]
      readonly uniqueConstraints: readonly {
        readonly name: string | undefined
        readonly columns: readonly string[]
        readonly validate: boolean
      }[]
      readonly ifNotExists: boolean
      readonly remarks: string | undefined
      readonly tablespace: string | undefined
      readonly tableType: string | undefined
      readonly rowDependencies?: boolean
    }
  | { readonly type: 'drop-table'; readonly table: TableName; readonly cascade: boolean }
  | { readonly type: 'rename-table'; readonly table: TableName; readonly newName: string }
  | { readonly type: 'set-table-remarks'; readonly table: TableName; readonly remarks: string }
  /** A new table with the distinct values of one column of another. */
  | {
      readonly type: 'create-lookup-table'
      readonly table: TableName
      readonly column: string
      readonly from: TableName
      readonly fromColumn: string
    }

type ColumnStatement =
  | { readonly type: 'add-columns'; readonly table: TableName; readonly columns: readonly AddedColumn[] }
  | { readonly type: 'drop-columns'; readonly table: TableName; readonly columns: readonly string[] }
  | {
      readonly type: 'rename-column'
      readonly table: TableName
      readonly oldName: string
      readonly newName: string
      readonly columnType: string | undefined
      /** For databases that rename a column by defining it anew; elsewhere a statement of its own follows. */
      readonly remarks: string | undefined
    }
  | { readonly type: 'modify-type'; readonly table: TableName; readonly column: string; readonly newType: string }
  | {
      readonly type: 'set-nullable'
      readonly table: TableName
      readonly column: string
      readonly columnType: string | undefined
      readonly nullable: boolean
      readonly constraintName: string | undefined
      readonly validate: boolean
    }
  /** Gives the rows where the column is empty a value. */
  | {
      readonly type: 'fill-empty'
      readonly table: TableName
      readonly column: string
      readonly columnType: string | undefined
      readonly value: ColumnValue
    }
  | {
      readonly type: 'set-default'
      readonly table: TableName
      readonly column: string
      readonly columnType: string | undefined
      readonly value: ColumnValue
      readonly constraintName: string | undefined
    }
  | {
      readonly type: 'drop-default'
      readonly table: TableName
      readonly column: string
      readonly columnType: string | undefined
    }
  | {
      readonly type: 'set-column-remarks'
      readonly table: TableName
      readonly column: string
      readonly columnType: string | undefined
      readonly remarks: string
      readonly parentType?: string | undefined
    }
  | {
      readonly type: 'add-auto-increment'
      readonly table: TableName
      readonly column: string
      readonly columnType: string | undefined
      readonly startWith: string | undefined
      readonly incrementBy: string | undefined
    }
  /** Puts two columns, joined by a text, into a third. */
  | {
      readonly type: 'concatenate-columns'
      readonly table: TableName
      readonly target: string
      readonly first: string
      readonly joinString: string
      readonly second: string
    }

type ConstraintStatement =
  | {
      readonly type: 'add-primary-key'
      readonly table: TableName
      readonly name: string | undefined
      /** Each may end in ` ASC` or ` DESC`. */
      readonly columns: readonly string[]
      readonly tablespace: string | undefined
      readonly clustered: boolean | undefined
      readonly validate: boolean
      readonly forIndexName: string | undefined
      readonly forIndexSchemaName?: string | undefined
      readonly forIndexCatalogName?: string | undefined
    }
  | {
      readonly type: 'drop-primary-key'
      readonly table: TableName
      readonly name: string | undefined
      /** Undefined leaves it to the database. */
      readonly dropIndex: boolean | undefined
    }
  | {
      readonly type: 'add-unique'
      readonly table: TableName
      readonly name: string | undefined
      readonly columns: readonly string[]
      readonly tablespace: string | undefined
      readonly clustered: boolean | undefined
      readonly deferrable: boolean
      readonly initiallyDeferred: boolean
      readonly disabled: boolean
      readonly validate: boolean
      readonly forIndexName: string | undefined
      readonly forIndexSchemaName?: string | undefined
      readonly forIndexCatalogName?: string | undefined
    }
  | { readonly type: 'drop-unique'; readonly table: TableName; readonly name: string }
  | { readonly type: 'add-foreign-key'; readonly table: TableName; readonly foreignKey: ForeignKey }
  | { readonly type: 'drop-foreign-key'; readonly table: TableName; readonly name: string }
  | { readonly type: 'drop-all-foreign-keys'; readonly table: TableName }
  | {
      readonly type: 'create-index'
      readonly table: TableName
      readonly name: string | undefined
      readonly columns: readonly IndexColumn[]
      readonly unique: boolean
      readonly clustered: boolean | undefined
      readonly tablespace: string | undefined
      readonly using: string | undefined
      readonly associatedWith: string | undefined
    }
  | {
      readonly type: 'drop-index'
      readonly table: TableName | undefined
      readonly schemaName: string | undefined
      readonly name: string
    }

type OtherObjectStatement =
  | {
      readonly type: 'create-view'
      readonly view: ObjectName
      readonly query: string
      /** The query is the whole `CREATE VIEW` text. */
      readonly fullDefinition: boolean
      readonly replace: boolean
      readonly remarks: string | undefined
    }
  | { readonly type: 'drop-view'; readonly view: ObjectName; readonly ifExists: boolean }
  | { readonly type: 'rename-view'; readonly view: ObjectName; readonly newName: string }
  | { readonly type: 'create-sequence'; readonly sequence: ObjectName; readonly options: SequenceOptions }
  | { readonly type: 'alter-sequence'; readonly sequence: ObjectName; readonly options: SequenceOptions }
  | { readonly type: 'drop-sequence'; readonly sequence: ObjectName }
  | { readonly type: 'rename-sequence'; readonly sequence: ObjectName; readonly newName: string }
  | {
      readonly type: 'create-procedure'
      readonly procedure: ObjectName | undefined
      readonly text: string
      readonly replace: boolean
      readonly span: Span
    }
  | { readonly type: 'drop-procedure'; readonly procedure: ObjectName }

/** Rows that can be gone over more than once. An array is one; those of a large data file are made anew each time. */
export interface Rows extends Iterable<readonly ColumnValue[]> {
  readonly length: number
  slice(start: number, end: number): Rows
  /**
   * For each column values that stand for all others in it, when that is known: of every kind one, and of numbers one for each sign
   * and count of digits before and after the point. Those of a slice may be more than it has.
   */
  readonly samples?: readonly (readonly ColumnValue[])[] | undefined
  /** The same rows as `bulkText` (src/database/bulk-text.ts) writes them, where they are at hand. UTF-8. */
  readonly lines?: Uint8Array | undefined
}

type DataStatement =
  | { readonly type: 'insert'; readonly table: TableName; readonly assignments: readonly Assignment[] }
  | {
      readonly type: 'update'
      readonly table: TableName
      readonly assignments: readonly Assignment[]
      readonly where: Where | undefined
    }
  | { readonly type: 'delete'; readonly table: TableName; readonly where: Where | undefined }
  /** Rows of a data file, each with a value for every column. */
  | {
      readonly type: 'load-data'
      readonly table: TableName
      readonly columns: readonly string[]
      readonly rows: Rows
    }
  /** The same, but rows whose key is there already are updated; with `onlyUpdate` the others are left out. */
  | {
      readonly type: 'merge-data'
      readonly table: TableName
      readonly columns: readonly string[]
      readonly keyColumns: readonly string[]
      /** Only for new rows. */
      readonly fixedColumns: readonly string[]
      readonly onlyUpdate: boolean
      readonly rows: Rows
    }

export type Statement =
  | TableStatement
  | ColumnStatement
  | ConstraintStatement
  | OtherObjectStatement
  | DataStatement
  /**
   * One statement of the user, already split off. `endDelimiter` as the changelog names it; `span` is its own place: in a SQL
   * file exactly, otherwise as near as the reader of the changelog could tell.
   */
  | { readonly type: 'raw-sql'; readonly sql: string; readonly endDelimiter: string | undefined; readonly span: Span }
  /** For the engine, not the database: a message to print. */
  | { readonly type: 'message'; readonly text: string; readonly target: string }
  /** For the engine: stop the run here with this message. */
  | { readonly type: 'stop'; readonly message: string }
