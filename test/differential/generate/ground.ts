// What may be generated for each database: types with the kind of their values, and the changes that it can do.
import type { DatabaseName } from '../peer/place.ts'

export type Kind =
  | 'text'
  | 'long text'
  | 'integer'
  | 'decimal'
  | 'float'
  | 'boolean'
  | 'date'
  | 'time'
  | 'datetime'
  | 'uuid'
  | 'json'
  | 'binary'

export interface Type {
  readonly name: string
  readonly kind: Kind
  /** Of texts, in characters. */
  readonly length?: number
  /** Of whole numbers. */
  readonly most?: number
}

export interface Ground {
  readonly name: DatabaseName
  readonly types: readonly Type[]
  /** Reserved words can be names of tables and columns. */
  readonly reservedNames: boolean
  readonly sequences: boolean
  readonly constraints: boolean
  readonly remarks: boolean
  readonly routines: boolean
  readonly deferrable: boolean
  readonly viewsCanBeReplaced: boolean
  readonly computedDate: string
}

const shared: readonly Type[] = [
  { name: 'boolean', kind: 'boolean' },
  { name: 'tinyint', kind: 'integer', most: 100 },
  { name: 'smallint', kind: 'integer', most: 30_000 },
  { name: 'int', kind: 'integer', most: 2_000_000_000 },
  { name: 'INTEGER', kind: 'integer', most: 2_000_000_000 },
  { name: 'bigint', kind: 'integer', most: 9_000_000_000 },
  { name: 'decimal(10, 2)', kind: 'decimal' },
  { name: 'DECIMAL(12,3)', kind: 'decimal' },
  { name: 'numeric(10,2)', kind: 'decimal' },
  { name: 'number(12,4)', kind: 'decimal' },
  { name: 'float', kind: 'float' },
  { name: 'double', kind: 'float' },
  { name: 'double precision', kind: 'float' },
  { name: 'real', kind: 'float' },
  { name: 'char(10)', kind: 'text', length: 10 },
  { name: 'varchar(50)', kind: 'text', length: 50 },
  { name: 'VARCHAR(255)', kind: 'text', length: 255 },
  { name: 'varchar2(30)', kind: 'text', length: 30 },
  { name: 'nvarchar(40)', kind: 'text', length: 40 },
  { name: 'java.sql.Types.VARCHAR(60)', kind: 'text', length: 60 },
  { name: 'text', kind: 'long text' },
  { name: 'clob', kind: 'long text' },
  { name: 'longtext', kind: 'long text' },
  { name: 'mediumtext', kind: 'long text' },
  { name: 'date', kind: 'date' },
  { name: 'time', kind: 'time' },
  { name: 'datetime', kind: 'datetime' },
  { name: 'datetime(6)', kind: 'datetime' },
  { name: 'timestamp', kind: 'datetime' },
  { name: 'timestamp(3)', kind: 'datetime' },
  { name: 'uuid', kind: 'uuid' },
]

/** What both servers can do and the changelogs of both engines do in the same way. */
const server = {
  reservedNames: true,
  sequences: true,
  constraints: true,
  remarks: true,
  routines: true,
  viewsCanBeReplaced: true,
  computedDate: 'now()',
} as const

const binary = (...names: readonly string[]): readonly Type[] =>
  names.map((name): Type => ({ name, kind: name.startsWith('json') ? 'json' : 'binary' }))

export const grounds: Readonly<Record<DatabaseName, Ground>> = {
  postgresql: {
    ...server,
    name: 'postgresql',
    types: [
      ...shared,
      { name: 'timestamp with time zone', kind: 'datetime' },
      { name: 'TIMESTAMP WITHOUT TIME ZONE', kind: 'datetime' },
      { name: 'timestamptz', kind: 'datetime' },
      { name: 'time with time zone', kind: 'time' },
      { name: 'currency', kind: 'decimal' },
      ...binary('json', 'jsonb', 'blob', 'longblob', 'bytea', 'varbinary(20)', 'xml', 'text[]'),
      { name: 'character varying(20)', kind: 'text', length: 20 },
      { name: 'nchar(5)', kind: 'text', length: 5 },
      ...binary('oid', 'inet', 'interval', 'bit(4)'),
      { name: 'int4', kind: 'integer', most: 1000 },
      { name: 'int8', kind: 'integer', most: 1000 },
    ],
    deferrable: true,
  },
  mariadb: {
    ...server,
    name: 'mariadb',
    types: [
      ...shared.filter((type) => type.name !== 'timestamp' && type.name !== 'timestamp(3)'),
      ...binary('json', 'blob', 'longblob', 'varbinary(20)'),
      { name: 'int unsigned', kind: 'integer', most: 4_000_000_000 },
      { name: 'mediumint', kind: 'integer', most: 8_000_000 },
      ...binary("enum('a','b')"),
    ],
    deferrable: false,
  },
  sqlite: {
    name: 'sqlite',
    types: [
      ...shared,
      { name: 'timestamp with time zone', kind: 'datetime' },
      ...binary('blob'),
      { name: 'currency', kind: 'decimal' },
      ...binary('json'),
    ],
    reservedNames: false,
    sequences: false,
    constraints: false,
    remarks: false,
    routines: false,
    viewsCanBeReplaced: false,
    computedDate: 'CURRENT_TIMESTAMP',
    deferrable: false,
  },
}
