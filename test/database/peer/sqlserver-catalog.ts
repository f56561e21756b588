// The catalog of a small SQL Server database, as rows for a peer: written by hand from the vendor's documentation.
import type { Answer } from './tds.ts'

type Cells = Readonly<Record<string, string | null>>

/** What each catalog query is known by, and its rows. */
const catalog: Readonly<Record<string, readonly Cells[]>> = {
  'from sys.schemas s where': [
    { name: 'dbo', collation: 'Latin1_General_CI_AS', catalog_name: 'shop', filegroup_name: 'PRIMARY' },
  ],
  'from sys.tables t': [
    {
      schema_name: 'dbo',
      name: 'orders',
      id: '2',
      space_name: 'SECOND',
      space_type: 'FG',
      temporal: '0',
      in_memory: '0',
    },
    { schema_name: 'dbo', name: 'authors', id: '1', remarks: "who's who", space_name: 'PRIMARY', space_type: 'FG' },
  ],
  'from sys.columns c\n  join sys.objects': [
    { id: '1', name: 'id', type_name: 'int', nullable: '0', seed: '10', increment: '5' },
    {
      id: '1',
      name: 'title',
      type_name: 'varchar',
      length: '255',
      nullable: '1',
      collation: 'Latin1_General_CI_AS',
      default_name: 'testConstraint',
      default_unnamed: '0',
      default_value: "('title_test')",
    },
    {
      id: '1',
      name: 'born',
      type_name: 'date',
      nullable: '1',
      default_name: 'DF__1',
      default_unnamed: '1',
      default_value: "('2020-01-31')",
    },
    {
      id: '1',
      name: 'active',
      type_name: 'bit',
      nullable: '0',
      default_name: 'DF__2',
      default_unnamed: '1',
      default_value: '((1))',
      remarks: 'seen',
    },
    {
      id: '1',
      name: 'made',
      type_name: 'datetime2',
      scale: '3',
      nullable: '0',
      default_name: 'DF__3',
      default_unnamed: '1',
      default_value: '(getdate())',
    },
    {
      id: '2',
      name: 'no',
      type_name: 'bigint',
      nullable: '0',
      default_name: 'DF__4',
      default_unnamed: '1',
      default_value: '(NEXT VALUE FOR [dbo].[order_no])',
    },
    { id: '2', name: 'total', type_name: 'decimal', precision: '10', scale: '2', nullable: '1' },
    {
      id: '2',
      name: 'gross',
      type_name: 'decimal',
      precision: '12',
      scale: '2',
      nullable: '1',
      expression: '([total]*(2))',
      persisted: '1',
    },
    { id: '2', name: 'note', type_name: 'nvarchar', length: '-1', nullable: '1', collation: 'Latin1_General_BIN' },
    { id: '2', name: 'author_id', type_name: 'int', nullable: '1' },
    { id: '2', name: 'code', type_name: 'code', type_schema: 'dbo', is_alias: '1', length: '9', nullable: '1' },
    { id: '3', name: 'id', type_name: 'int', nullable: '0' },
  ],
  'from sys.indexes i': [
    {
      id: '1',
      name: 'PK_authors',
      kind: '1',
      is_unique: '1',
      is_primary: '1',
      space_name: 'PRIMARY',
      column_name: 'id',
    },
    {
      id: '1',
      name: 'UQ_title',
      kind: '2',
      is_unique: '1',
      is_constraint: '1',
      space_name: 'PRIMARY',
      column_name: 'title',
    },
    {
      id: '2',
      name: 'IX_part',
      kind: '2',
      is_unique: '0',
      filter: '([total]>(5))',
      space_name: 'PRIMARY',
      column_name: 'no',
      descending: '1',
    },
    {
      id: '2',
      name: 'IX_part',
      kind: '2',
      is_unique: '0',
      filter: '([total]>(5))',
      space_name: 'PRIMARY',
      column_name: 'total',
      included: '1',
    },
    {
      id: '2',
      name: 'IX_plain',
      kind: '2',
      is_unique: '1',
      space_name: 'PRIMARY',
      column_name: 'author_id',
      descending: '1',
    },
    { id: '2', name: 'PK_orders', kind: '2', is_unique: '1', is_primary: '1', space_name: 'SECOND', column_name: 'no' },
  ],
  'from sys.foreign_keys f': [
    {
      id: '2',
      name: 'FK_author',
      column_name: 'author_id',
      referenced_schema: 'dbo',
      referenced: 'authors',
      other: 'id',
      on_delete: 'SET_NULL',
      on_update: 'NO_ACTION',
      not_trusted: '0',
    },
  ],
  'from sys.check_constraints k': [{ id: '2', name: 'CK_total', definition: '([total]>(0))' }],
  'from sys.sequences q': [
    {
      schema_name: 'dbo',
      name: 'order_no',
      type_name: 'bigint',
      start_value: '1',
      increment: '1',
      minimum: '1',
      maximum: '9223372036854775807',
      is_cycling: '0',
      is_cached: '1',
    },
  ],
  'join sys.sql_modules m': [
    {
      schema_name: 'dbo',
      id: '4',
      name: 'a_view',
      kind: 'V',
      definition: '-- made by hand\nCREATE VIEW dbo.a_view WITH SCHEMABINDING AS SELECT id FROM dbo.big',
    },
    {
      schema_name: 'dbo',
      id: '3',
      name: 'big',
      kind: 'V',
      definition: 'CREATE VIEW [dbo].[big] AS SELECT id FROM authors;\n',
    },
    {
      schema_name: 'dbo',
      id: '5',
      name: 'twice',
      kind: 'FN',
      definition: 'CREATE FUNCTION dbo.twice (@a int) RETURNS int AS BEGIN RETURN @a * 2 END',
    },
    {
      schema_name: 'dbo',
      id: '6',
      name: 'before_orders',
      kind: 'TR',
      parent: '2',
      definition: 'CREATE TRIGGER dbo.before_orders ON dbo.orders AFTER INSERT AS RETURN',
    },
  ],
  'y.is_table_type = 0': [{ schema_name: 'dbo', name: 'code', type_name: 'varchar', length: '9', nullable: '0' }],
  'from sys.sql_expression_dependencies d': [
    { id: '4', needs: '3' },
    { id: '3', needs: '1' },
  ],
}

const described: Answer = {
  columns: ['user_name', 'database_name', 'schema_name', 'version'],
  rows: [['sa', 'shop', 'dbo', '16.0.4135.4']],
}

/** What the server would say to a batch, and nothing in particular to one that asks for nothing. */
export function answerOf(sql: string): Answer {
  if (sql.includes('suser_sname()')) return described
  // The lock of drop-all.
  if (sql.includes('sp_getapplock')) return { columns: ['result'], rows: [['0']] }
  if (sql.includes('select 1 as found')) return { columns: ['found'], rows: [['1']] }
  if (sql.startsWith('SELECT LOCKED'))
    return { columns: ['LOCKED', 'LOCKGRANTED', 'LOCKEDBY'], rows: [['0', null, null]] }
  if (sql.startsWith('UPDATE')) return { affected: 1 }
  const key = Object.keys(catalog).find((one) => sql.includes(one))
  if (key === undefined) return { affected: 0 }
  const names = [...sql.matchAll(/\bas (\w+)(?=,|\s+from\b|\s*$)/gm)].map(([, name]) => name ?? '')
  return { columns: names, rows: (catalog[key] ?? []).map((row) => names.map((name) => row[name] ?? null)) }
}
