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
import { dictionary } from './peer/oracle-dictionary.ts'

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
