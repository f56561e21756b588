// Snapshots of Oracle from dictionary rows. The rows are written by hand from the vendor's documentation; no server of Oracle is
// here, and nothing here that speaks its protocol.
import { describe, expect, test } from 'vitest'
import { dialectFor } from '#database/dialect'
import type { Database } from '#database/port'
import { fromLiquibase } from '#database/snapshot/from-liquibase'
import type { Snapshot } from '#database/snapshot/model'
import { readSnapshot } from '#database/snapshot/read'
import { diffChanges } from '#engine/diff/change'
import { diffOf } from '#engine/diff/diff'
import { generateChangelog } from '#engine/generate/generate'
import { statementsOf } from '#engine/generate/write-sql'
import { selectionOf } from '#engine/snapshot/select'
import { formatSnapshot } from '#engine/snapshot/snapshot'

type Cells = Readonly<Record<string, string | number | null>>

const column = (relation: string, name: string, type: string, more: Cells = {}): Cells => ({
  schema: 'SHOP',
  relation,
  name,
  type_name: type,
  nullable: 'Y',
  computed: 'NO',
  ...more,
})
const constraint = (relation: string, name: string, kind: string, more: Cells = {}): Cells => ({
  schema: 'SHOP',
  relation,
  name,
  kind,
  deferrable: 'NOT DEFERRABLE',
  deferred: 'IMMEDIATE',
  validated: 'VALIDATED',
  status: 'ENABLED',
  ...more,
})
const source = (kind: string, name: string, ...lines: readonly string[]): readonly Cells[] =>
  lines.map((text) => ({ schema: 'SHOP', kind, name, text }))

/** What each dictionary query is known by, and its rows. */
const dictionary: Readonly<Record<string, readonly Cells[]>> = {
  'from all_users u': [{ name: 'SHOP', tablespace: 'USERS' }],
  'from all_tables t': [
    { schema: 'SHOP', name: 'AUTHORS', remarks: "who's who", tablespace: 'USERS', temporary: 'N', partitioned: 'NO' },
    { schema: 'SHOP', name: 'ORDERS', tablespace: 'FAST', temporary: 'N', partitioned: 'NO' },
    { schema: 'SHOP', name: 'SCRATCH', temporary: 'Y', duration: 'SYS$SESSION', partitioned: 'NO' },
  ],
  'from all_tab_cols c': [
    column('AUTHORS', 'ID', 'NUMBER', {
      scale: 0,
      nullable: 'N',
      generation: 'BY DEFAULT',
      identity: 'START WITH: 10, INCREMENT BY: 1, MAX_VALUE: 99',
      default_value: '"SHOP"."ISEQ$$_7".nextval',
    }),
    column('AUTHORS', 'title', 'VARCHAR2', {
      characters: 255,
      length: 255,
      unit: 'B',
      nullable: 'N',
      default_value: "'title_test' ",
    }),
    column('AUTHORS', 'BORN', 'DATE', { default_value: 'sysdate' }),
    column('AUTHORS', 'SEEN', 'TIMESTAMP(6) WITH TIME ZONE', { scale: 6, remarks: 'last time' }),
    column('ORDERS', 'NO', 'NUMBER', {
      precision: 38,
      scale: 0,
      nullable: 'N',
      default_value: '"SHOP"."ORDER_NO"."NEXTVAL"',
    }),
    column('ORDERS', 'TOTAL', 'NUMBER', { precision: 10, scale: 2, default_value: '0' }),
    column('ORDERS', 'GROSS', 'NUMBER', { computed: 'YES', default_value: '"TOTAL"*2' }),
    column('ORDERS', 'AUTHOR_ID', 'NUMBER', { scale: 0 }),
    column('SCRATCH', 'A', 'CLOB'),
    column('BIG', 'NO', 'NUMBER', { precision: 38, scale: 0 }),
  ],
  'from all_constraints k\n  left join': [
    constraint('AUTHORS', 'PK_AUTHORS', 'P', { index_name: 'PK_AUTHORS' }),
    constraint('AUTHORS', 'UQ_TITLE', 'U', { index_name: 'UQ_TITLE', deferrable: 'DEFERRABLE', deferred: 'DEFERRED' }),
    constraint('AUTHORS', 'SYS_C001', 'C', { condition: '"title" IS NOT NULL', generated: 'GENERATED NAME' }),
    constraint('ORDERS', 'CK_TOTAL', 'C', { condition: 'total > 0', generated: 'USER NAME' }),
    constraint('ORDERS', 'FK_AUTHOR', 'R', {
      on_delete: 'CASCADE',
      referenced_schema: 'SHOP',
      referenced: 'AUTHORS',
      key_owner: 'SHOP',
      key_name: 'PK_AUTHORS',
    }),
    constraint('ORDERS', 'PK_ORDERS', 'P', { index_name: 'PK_ORDERS' }),
  ],
  'from all_cons_columns c': [
    { schema: 'SHOP', constraint_name: 'FK_AUTHOR', column_name: 'AUTHOR_ID' },
    { schema: 'SHOP', constraint_name: 'PK_AUTHORS', column_name: 'ID' },
    { schema: 'SHOP', constraint_name: 'PK_ORDERS', column_name: 'NO' },
    { schema: 'SHOP', constraint_name: 'UQ_TITLE', column_name: 'title' },
  ],
  'from all_indexes i': [
    {
      schema: 'SHOP',
      relation: 'AUTHORS',
      name: 'PK_AUTHORS',
      kind: 'NORMAL',
      uniqueness: 'UNIQUE',
      tablespace: 'USERS',
      column_name: 'ID',
      direction: 'ASC',
    },
    {
      schema: 'SHOP',
      relation: 'AUTHORS',
      name: 'UQ_TITLE',
      kind: 'NORMAL',
      uniqueness: 'NONUNIQUE',
      tablespace: 'USERS',
      column_name: 'title',
      direction: 'ASC',
    },
    {
      schema: 'SHOP',
      relation: 'ORDERS',
      name: 'IX_DOWN',
      kind: 'FUNCTION-BASED NORMAL',
      uniqueness: 'NONUNIQUE',
      tablespace: 'USERS',
      column_name: 'SYS_NC00005$',
      direction: 'DESC',
      expression: '"TOTAL"',
    },
    {
      schema: 'SHOP',
      relation: 'ORDERS',
      name: 'IX_UPPER',
      kind: 'FUNCTION-BASED NORMAL',
      uniqueness: 'UNIQUE',
      tablespace: 'USERS',
      column_name: 'SYS_NC00006$',
      direction: 'ASC',
      expression: 'ROUND("TOTAL")',
    },
    {
      schema: 'SHOP',
      relation: 'ORDERS',
      name: 'PK_ORDERS',
      kind: 'NORMAL',
      uniqueness: 'UNIQUE',
      tablespace: 'FAST',
      column_name: 'NO',
      direction: 'ASC',
    },
  ],
  'from all_sequences q': [
    {
      schema: 'SHOP',
      name: 'ORDER_NO',
      minimum: '1',
      maximum: '9999999999999999999999999999',
      increment: '1',
      start: '1',
      cache: '20',
      cycle: 'N',
    },
  ],
  'from all_views v': [{ schema: 'SHOP', name: 'BIG', read_only: 'N', query: 'select no from orders ' }],
  'from all_mviews m': [
    {
      schema: 'SHOP',
      name: 'TOTALS',
      refresh_mode: 'DEMAND',
      refresh_method: 'FORCE',
      query: 'select sum(total) s from orders',
    },
  ],
  'from all_source s': [
    ...source('PACKAGE', 'TOOLS', 'package tools is\n', 'procedure run;\n', 'end;\n'),
    ...source('PACKAGE BODY', 'TOOLS', 'package body tools is\n', 'procedure run is begin null; end;\n', 'end;'),
    ...source('TRIGGER', 'BEFORE_ORDERS', 'trigger before_orders before insert on orders\n', 'begin null; end;'),
    ...source('TYPE', 'POINT', 'type point as object (x number)'),
  ],
  'from all_triggers t': [{ schema: 'SHOP', name: 'BEFORE_ORDERS', relation_schema: 'SHOP', relation: 'ORDERS' }],
  'from all_dependencies d': [
    { schema: 'SHOP', name: 'BIG', kind: 'VIEW', needed_schema: 'SHOP', needed: 'ORDERS', needed_kind: 'TABLE' },
    {
      schema: 'SHOP',
      name: 'TOOLS',
      kind: 'PACKAGE BODY',
      needed_schema: 'SHOP',
      needed: 'TOOLS',
      needed_kind: 'PACKAGE',
    },
    { schema: 'SHOP', name: 'X', kind: 'SYNONYM', needed_schema: 'SHOP', needed: 'ORDERS', needed_kind: 'TABLE' },
  ],
}

function open() {
  const asked: string[] = []
  const database = {
    dialect: dialectFor('oracle', { live: true, productVersion: '19.3.0.0.0' }),
    session: {
      execute: async (sql: string) => {
        asked.push(sql)
        const key = Object.keys(dictionary).find((one) => sql.includes(one))
        return await Promise.resolve({ rows: key === undefined ? [] : (dictionary[key] ?? []), rowsAffected: 0 })
      },
    },
    productName: 'Oracle',
    productVersion: '19.3.0.0.0',
    url: 'jdbc:oracle:thin:@//host/shop',
    user: 'SHOP',
    defaultSchemaName: 'SHOP',
  } as unknown as Database
  return { database, asked }
}
const read = async (): Promise<Snapshot> => await readSnapshot(open().database, undefined)

const options = {
  author: 'amy',
  clock: () => 1_700_000_000_000,
  runOnChangeTypes: [],
  includeSchema: false,
  includeCatalog: false,
  includeTablespace: true,
  replaceViews: false,
  skipSorting: false,
}
const everything = selectionOf({})

describe('a snapshot', () => {
  test('is read with a fixed number of queries, for the names that were given', async () => {
    const { database, asked } = open()
    await readSnapshot(database, ['shop'])
    expect(asked).toHaveLength(12)
    expect(asked.every((sql) => !sql.includes('$schemas') && sql.includes("('shop', 'SHOP')"))).toBe(true)
    await expect(readSnapshot(database, ["it's"])).rejects.toMatchObject({ code: 'database-not-found' })
  })

  test('has everything that the rows tell', async () => {
    const { schemas, dependencies } = await read()
    const [authors, orders, scratch] = schemas[0]?.tables ?? []
    expect(
      authors?.columns.map(({ type, defaultValue, nullable }) => [
        type.text,
        defaultValue?.kind,
        defaultValue?.text,
        nullable,
      ]),
    ).toEqual([
      ['NUMBER(*, 0)', undefined, undefined, false],
      ['VARCHAR2(255 BYTE)', 'text', 'title_test', false],
      ['DATE', 'function', 'sysdate', true],
      ['TIMESTAMP(6) WITH TIME ZONE', undefined, undefined, true],
    ])
    expect(authors).toMatchObject({
      remarks: "who's who",
      tablespace: undefined,
      checks: [],
      primaryKey: { name: 'PK_AUTHORS', columns: ['ID'], definition: undefined },
      uniqueConstraints: [{ name: 'UQ_TITLE', columns: ['title'], deferrable: true, initiallyDeferred: true }],
    })
    expect(authors?.columns[0]?.autoIncrement).toMatchObject({
      startWith: '10',
      incrementBy: '1',
      generation: 'BY DEFAULT',
    })
    expect(orders).toMatchObject({
      tablespace: 'FAST',
      checks: [{ name: 'CK_TOTAL', definition: 'CHECK (total > 0)' }],
      foreignKeys: [{ name: 'FK_AUTHOR', columns: ['AUTHOR_ID'], referencedColumns: ['ID'], onDelete: 'CASCADE' }],
      triggers: [{ name: 'BEFORE_ORDERS' }],
    })
    expect(orders?.columns.map(({ defaultValue, generated }) => defaultValue?.text ?? generated?.expression)).toEqual([
      'ORDER_NO',
      '0',
      '"TOTAL"*2',
      undefined,
    ])
    expect(
      orders?.indexes.map(({ name, definition, backsConstraint, columns }) => [
        name,
        definition,
        backsConstraint,
        columns[0]?.descending,
      ]),
    ).toEqual([
      ['IX_DOWN', undefined, false, true],
      ['IX_UPPER', 'CREATE UNIQUE INDEX "IX_UPPER" ON "ORDERS" (ROUND("TOTAL"))', false, false],
      ['PK_ORDERS', undefined, true, false],
    ])
    expect(scratch?.options).toEqual(['GLOBAL TEMPORARY SYS$SESSION'])
    expect(schemas[0]?.routines.map(({ kind, name, signature }) => [kind, name, signature])).toEqual([
      ['package', 'TOOLS', undefined],
      ['package', 'TOOLS', 'PACKAGE BODY'],
    ])
    expect(dependencies).toEqual([
      { from: 'view:SHOP.BIG', on: 'table:SHOP.ORDERS' },
      { from: 'routine:SHOP.TOOLS(PACKAGE BODY)', on: 'routine:SHOP.TOOLS' },
    ])
  })

  test('in the form of Liquibase says what recorded snapshots of it say', async () => {
    const { snapshot } = JSON.parse(formatSnapshot(await read(), everything, 'json', 0)) as {
      readonly snapshot: Record<string, Record<string, readonly object[]>>
    }
    const objects = snapshot['objects'] ?? {}
    expect(objects['liquibase.structure.core.Sequence']).toContainEqual({
      sequence: expect.objectContaining({
        maxValue: '9999999999999999999999999999!{java.math.BigInteger}',
        name: 'ORDER_NO',
        startValue: expect.stringMatching(/^1/) as string,
      }) as object,
    })
    expect(objects['liquibase.structure.core.Column']).toContainEqual({
      column: expect.objectContaining({ defaultValue: 'title_test', name: 'title', nullable: false }) as object,
    })
    const [authors] = fromLiquibase(snapshot).schemas[0]?.tables ?? []
    expect(authors?.columns.map(({ type }) => type.text)).toEqual([
      'NUMBER(*, 0)',
      'VARCHAR2(255 BYTE)',
      'DATE',
      'TIMESTAMP(6) WITH TIME ZONE',
    ])
  })
})

test('a generated changelog makes it again', async () => {
  const { changeSets } = await generateChangelog(await read(), { ...options, format: 'yaml' })
  const dialect = dialectFor('oracle', { productVersion: '19.3' })
  const statements: string[] = []
  for (const change of changeSets.flatMap(({ changes }) => changes)) {
    statements.push(...(await statementsOf(change, dialect, 'QUOTE_ALL_OBJECTS')))
  }
  expect(statements).toEqual([
    'CREATE OR REPLACE type point as object (x number)',
    'CREATE SEQUENCE "ORDER_NO" START WITH 1 INCREMENT BY 1 MINVALUE 1 MAXVALUE 9999999999999999999999999999 CACHE 20',
    'CREATE OR REPLACE package tools is\nprocedure run;\nend;',
    'CREATE OR REPLACE package body tools is\nprocedure run is begin null; end;\nend;',
    'CREATE TABLE "AUTHORS" ("ID" NUMBER(*, 0) GENERATED BY DEFAULT AS IDENTITY (START WITH 10) NOT NULL, "title" VARCHAR2(255 BYTE) DEFAULT \'title_test\' NOT NULL, "BORN" date DEFAULT sysdate, "SEEN" TIMESTAMP(6) WITH TIME ZONE, CONSTRAINT "PK_AUTHORS" PRIMARY KEY ("ID"))',
    "COMMENT ON TABLE \"AUTHORS\" IS 'who''s who'",
    'COMMENT ON COLUMN "AUTHORS"."SEEN" IS \'last time\'',
    'ALTER TABLE "AUTHORS" ADD CONSTRAINT "UQ_TITLE" UNIQUE ("title") DEFERRABLE INITIALLY DEFERRED',
    'CREATE TABLE "ORDERS" ("NO" NUMBER(38, 0) DEFAULT "SHOP"."ORDER_NO"."NEXTVAL" NOT NULL, "TOTAL" NUMBER(10, 2) DEFAULT 0, "GROSS" NUMBER GENERATED ALWAYS AS ("TOTAL"*2) VIRTUAL, "AUTHOR_ID" NUMBER(*, 0), CONSTRAINT "PK_ORDERS" PRIMARY KEY ("NO") USING INDEX TABLESPACE "FAST", CONSTRAINT "CK_TOTAL" CHECK (total > 0)) TABLESPACE "FAST"',
    'CREATE INDEX "IX_DOWN" ON "ORDERS"("TOTAL" DESC)',
    'CREATE UNIQUE INDEX "IX_UPPER" ON "ORDERS" (ROUND("TOTAL"))',
    'CREATE GLOBAL TEMPORARY TABLE "SCRATCH" ("A" CLOB) ON COMMIT PRESERVE ROWS',
    'CREATE VIEW "BIG" AS select no from orders',
    'CREATE MATERIALIZED VIEW "TOTALS" REFRESH FORCE ON DEMAND AS select sum(total) s from orders',
    'ALTER TABLE "ORDERS" ADD CONSTRAINT "FK_AUTHOR" FOREIGN KEY ("AUTHOR_ID") REFERENCES "AUTHORS" ("ID") ON DELETE CASCADE',
    'CREATE OR REPLACE trigger before_orders before insert on orders\nbegin null; end;',
  ])
})

test('formatted SQL ends statements as Oracle takes them, and names keep their case', async () => {
  const { text } = await generateChangelog(await read(), { ...options, format: 'sql' })
  expect(text).toContain('CREATE VIEW "BIG" AS select no from orders\n\n')
  expect(text).toContain('procedure run is begin null; end;\nend;\n')
  const { text: xml } = await generateChangelog(await read(), { ...options, format: 'xml' })
  expect(xml).toContain('objectQuotingStrategy="QUOTE_ALL_OBJECTS"')
})

test('a diff changelog changes what differs, and says what it cannot', async () => {
  const reference = await read()
  expect(diffOf(reference, reference, everything).items).toEqual([])
  const changed = (
    change: (column: Snapshot['schemas'][number]['tables'][number]['columns'][number]) => object,
  ): Snapshot => ({
    ...reference,
    schemas: reference.schemas.map((schema) => ({
      ...schema,
      views: [],
      tables: schema.tables.map((table) => ({
        ...table,
        columns: table.columns.map((column) => ({ ...column, ...change(column) })),
      })),
      sequences: [],
      routines: [],
    })),
  })
  const dialect = dialectFor('oracle', { productVersion: '19.3' })
  const comparison = changed(({ name, type }) =>
    name === 'title' ? { nullable: true, type: { ...type, text: 'VARCHAR2(20 BYTE)' }, defaultValue: undefined } : {},
  )
  const sql: string[] = []
  for (const change of diffChanges(diffOf(comparison, reference, everything), dialect, options).changes.flat()) {
    sql.push(...(await statementsOf(change, dialect, 'QUOTE_ALL_OBJECTS')))
  }
  expect(sql).toEqual([
    expect.stringContaining('DROP VIEW "BIG"') as string,
    expect.stringContaining('DROP MATERIALIZED VIEW "TOTALS"') as string,
    'ALTER TABLE "AUTHORS" MODIFY "title" VARCHAR2(20 BYTE)',
    'ALTER TABLE "AUTHORS" MODIFY "title" DEFAULT NULL',
    'ALTER TABLE "AUTHORS" MODIFY "title" NULL',
    'DROP SEQUENCE "ORDER_NO"',
    expect.stringContaining('DROP PACKAGE "TOOLS"') as string,
    expect.stringContaining('DROP PACKAGE BODY "TOOLS"') as string,
  ])
  const counting = changed(({ name }) => (name === 'ID' ? { autoIncrement: undefined } : {}))
  expect(() => diffChanges(diffOf(reference, counting, everything), dialect, options)).toThrow(
    'counts on one side only',
  )
})
