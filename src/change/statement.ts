// Neutral statements: what a change wants of a database, before any dialect. One writer for each database turns them into SQL.
// Every member is plain data. Names are as the user wrote them; quoting and folding are the writer's business.

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

export type Statement =
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
    }
  /** SQL of the user or of a change that only has text. `endDelimiter` as the changelog names it. */
  | { readonly type: 'raw-sql'; readonly sql: string; readonly endDelimiter: string | undefined }
// The owner of this room adds one member for each statement that the change types need.
