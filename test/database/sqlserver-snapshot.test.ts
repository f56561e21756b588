// Snapshots of SQL Server from catalog rows that a small peer gives through the driver. The rows are written by hand from the
// vendor's documentation; no server of SQL Server is here.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { dialectFor } from '#database/dialect'
import { openDatabase } from '#database/open'
import type { Database } from '#database/port'
import { fromLiquibase } from '#database/snapshot/from-liquibase'
import type { Snapshot } from '#database/snapshot/model'
import { readSnapshot } from '#database/snapshot/read'
import { diffChanges } from '#engine/diff/change'
import { diffOf } from '#engine/diff/diff'
import { dropAll } from '#engine/drop-all'
import { generateChangelog } from '#engine/generate/generate'
import { statementsOf } from '#engine/generate/write-sql'
import { targetOf } from '#engine/open'
import { selectionOf } from '#engine/snapshot/select'
import { formatSnapshot } from '#engine/snapshot/snapshot'
import { answerOf } from './peer/sqlserver-catalog.ts'
import { TdsPeer } from './peer/tds.ts'

let peer: TdsPeer
let database: Database
beforeEach(async () => {
  peer = new TdsPeer({ answer: answerOf })
  const url = `jdbc:sqlserver://127.0.0.1:${await peer.listen()};databaseName=shop;encrypt=false`
  database = await openDatabase({ url, username: 'sa', password: 'Secret-1' })
})
afterEach(async () => {
  await database.close()
  await peer.close()
})

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
  test('is read with a fixed number of queries', async () => {
    const before = peer.batches.length
    const { schemas, dependencies } = await readSnapshot(database, undefined)
    expect(peer.batches.length - before).toBe(10)
    const [dbo] = schemas
    expect(dbo?.tables.map(({ name }) => name)).toEqual(['authors', 'orders'])
    expect(dependencies).toEqual([
      { from: 'view:dbo.a_view', on: 'view:dbo.big' },
      { from: 'view:dbo.big', on: 'table:dbo.authors' },
    ])
    await expect(readSnapshot(database, ['nope'])).rejects.toMatchObject({ code: 'database-not-found' })
  })

  test('has everything that the rows tell', async () => {
    const [dbo] = (await readSnapshot(database, undefined)).schemas
    const [authors, orders] = dbo?.tables ?? []
    expect(authors).toMatchObject({
      remarks: "who's who",
      tablespace: undefined,
      primaryKey: { name: 'PK_authors', columns: ['id'], definition: undefined },
      uniqueConstraints: [{ name: 'UQ_title', columns: ['title'], definition: undefined }],
    })
    expect(
      authors?.columns.map(({ type, defaultValue, nullable }) => [
        type.text,
        defaultValue?.kind,
        defaultValue?.text,
        nullable,
      ]),
    ).toEqual([
      ['int', undefined, undefined, false],
      ['varchar(255)', 'text', 'title_test', true],
      ['date', 'date', '2020-01-31', true],
      ['bit', 'boolean', 'true', false],
      ['datetime2(3)', 'function', 'getdate()', false],
    ])
    expect(authors?.columns[0]?.autoIncrement).toMatchObject({ startWith: '10', incrementBy: '5' })
    expect(orders).toMatchObject({
      tablespace: 'SECOND',
      primaryKey: { definition: 'PRIMARY KEY NONCLUSTERED ([no])', tablespace: 'SECOND' },
      foreignKeys: [{ name: 'FK_author', onDelete: 'SET NULL', onUpdate: 'NO ACTION', validated: true }],
      checks: [{ name: 'CK_total', definition: 'CHECK ([total]>(0))' }],
      triggers: [{ name: 'before_orders' }],
    })
    expect(orders?.columns.map(({ type, defaultValue }) => [type.text, defaultValue?.text])).toEqual([
      ['bigint', 'dbo.order_no'],
      ['decimal(10, 2)', undefined],
      ['decimal(12, 2)', undefined],
      ['nvarchar(max)', undefined],
      ['int', undefined],
      ['[dbo].[code]', undefined],
    ])
    expect(orders?.columns[2]?.generated).toEqual({ expression: '[total]*(2)', stored: true })
    expect(orders?.columns[3]?.collation).toBe('Latin1_General_BIN')
    expect(orders?.indexes.find(({ name }) => name === 'IX_part')?.definition).toBe(
      'CREATE INDEX [IX_part] ON [dbo].[orders] ([no] DESC) INCLUDE ([total]) WHERE ([total]>(5))',
    )
    expect(
      dbo?.views.map(({ name, query, definition }) => [name, definition === undefined ? query : 'special']),
    ).toEqual([
      ['a_view', 'special'],
      ['big', 'SELECT id FROM authors;'],
    ])
    expect(dbo?.types[0]?.definition).toBe('CREATE TYPE [dbo].[code] FROM varchar(9) NOT NULL')
  })

  test('in the form of Liquibase says what recorded snapshots of it say', async () => {
    const text = formatSnapshot(await readSnapshot(database, undefined), everything, 'json', 0)
    const { snapshot } = JSON.parse(text) as { readonly snapshot: Record<string, Record<string, readonly object[]>> }
    const objects = snapshot['objects'] ?? {}
    expect(objects['liquibase.structure.core.Column']).toContainEqual({
      column: expect.objectContaining({
        computed: false,
        defaultValue: 'title_test',
        defaultValueConstraintName: 'testConstraint',
        name: 'title',
        nullable: true,
      }) as object,
    })
    expect(objects['liquibase.structure.core.Sequence']).toContainEqual({
      sequence: expect.objectContaining({
        incrementBy: expect.stringMatching(/^1/) as string,
        maxValue: expect.stringMatching(/^9223372036854775807/) as string,
        minValue: expect.stringMatching(/^1/) as string,
        name: 'order_no',
        startValue: expect.stringMatching(/^1/) as string,
        willCycle: false,
      }) as object,
    })
    expect(objects['liquibase.structure.core.View']).toContainEqual({
      view: expect.objectContaining({ name: 'big', definition: 'SELECT id FROM authors;' }) as object,
    })
    const theirs = fromLiquibase(snapshot)
    expect(theirs.schemas[0]?.tables[0]?.columns.map(({ type }) => type.text)).toEqual([
      'int',
      'varchar(255)',
      'date',
      'bit',
      'datetime2',
    ])
  })
})

test('a generated changelog makes it again', async () => {
  const { changeSets } = await generateChangelog(await readSnapshot(database, undefined), {
    ...options,
    format: 'yaml',
  })
  const dialect = dialectFor('mssql')
  const statements: string[] = []
  for (const { changes } of changeSets) {
    for (const change of changes) statements.push(...(await statementsOf(change, dialect, 'LEGACY')))
  }
  expect(
    statements
      .map((text) => text.replaceAll('\r', ''))
      .map((text) => text.replace(/^IF EXISTS.*EXEC sys\.(sp_add\w+).*@value = (.*?) ,.*$/, '$1 $2')),
  ).toEqual([
    'CREATE TYPE [dbo].[code] FROM varchar(9) NOT NULL',
    'CREATE SEQUENCE order_no AS bigint START WITH 1 INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807',
    'CREATE FUNCTION dbo.twice (@a int) RETURNS int AS BEGIN RETURN @a * 2 END',
    "CREATE TABLE authors (id int IDENTITY (10, 5) NOT NULL, title varchar(255) CONSTRAINT testConstraint DEFAULT 'title_test', born date CONSTRAINT DF_authors_born DEFAULT '2020-01-31', active bit CONSTRAINT DF_authors_active DEFAULT 1 NOT NULL, made datetime2(3) CONSTRAINT DF_authors_made DEFAULT (getdate()) NOT NULL, CONSTRAINT PK_authors PRIMARY KEY (id))",
    "sp_addextendedproperty N'who''s who'",
    "sp_addextendedproperty N'seen'",
    'ALTER TABLE authors ADD CONSTRAINT UQ_title UNIQUE (title)',
    'CREATE TABLE [orders] ([no] bigint NOT NULL DEFAULT (NEXT VALUE FOR [dbo].[order_no]), [total] decimal(10, 2) NULL, [gross] AS ([total]*(2)) PERSISTED, [note] nvarchar(max) COLLATE Latin1_General_BIN NULL, [author_id] int NULL, [code] [dbo].[code] NULL, CONSTRAINT [PK_orders] PRIMARY KEY NONCLUSTERED ([no]) ON [SECOND], CONSTRAINT [CK_total] CHECK ([total]>(0))) ON [SECOND]',
    'CREATE INDEX [IX_part] ON [dbo].[orders] ([no] DESC) INCLUDE ([total]) WHERE ([total]>(5))',
    'CREATE UNIQUE NONCLUSTERED INDEX IX_plain ON orders(author_id DESC)',
    'CREATE VIEW big AS SELECT id FROM authors;',
    '-- made by hand\nCREATE VIEW dbo.a_view WITH SCHEMABINDING AS SELECT id FROM dbo.big',
    'ALTER TABLE orders ADD CONSTRAINT FK_author FOREIGN KEY (author_id) REFERENCES authors (id) ON UPDATE NO ACTION ON DELETE SET NULL',
    'CREATE TRIGGER dbo.before_orders ON dbo.orders AFTER INSERT AS RETURN',
  ])
})

test('a diff changelog changes what differs', async () => {
  const reference = await readSnapshot(database, undefined)
  expect(diffOf(reference, reference, everything).items).toEqual([])
  const comparison: Snapshot = {
    ...reference,
    schemas: reference.schemas.map((schema) => ({
      ...schema,
      tables: schema.tables.map((table) => ({
        ...table,
        columns: table.columns.map((column) =>
          column.name === 'title'
            ? { ...column, nullable: false, defaultValue: undefined, type: { ...column.type, text: 'varchar(20)' } }
            : column,
        ),
        checks: [],
      })),
    })),
  }
  const dialect = dialectFor('mssql')
  const { changes, notes } = diffChanges(diffOf(reference, comparison, everything), dialect, options)
  expect(notes).toEqual([])
  const sql: string[] = []
  for (const change of changes.flat()) sql.push(...(await statementsOf(change, dialect, 'LEGACY')))
  expect(sql.map((text) => text.replaceAll('\r', ''))).toEqual([
    "IF OBJECT_ID(N'[a_view]', 'V') IS NOT NULL DROP VIEW [a_view]",
    "IF OBJECT_ID(N'[big]', 'V') IS NOT NULL DROP VIEW [big]",
    'ALTER TABLE [authors] ALTER COLUMN [title] varchar(255) NULL',
    "ALTER TABLE [authors] ADD CONSTRAINT [testConstraint] DEFAULT ('title_test') FOR [title]",
    'ALTER TABLE [orders] ADD CONSTRAINT [CK_total] CHECK ([total]>(0))',
    'CREATE VIEW big AS SELECT id FROM authors;',
    '-- made by hand\nCREATE VIEW dbo.a_view WITH SCHEMABINDING AS SELECT id FROM dbo.big',
  ])
})

test('drop-all drops what stands on others first', async () => {
  const target = targetOf({
    database,
    host: 'test',
    run: 'test',
    clock: () => 0,
    log: () => {},
    lockWait: { patience: 0, interval: 5 },
  })
  const before = peer.batches.length
  await dropAll(target, undefined)
  const drops = peer.batches
    .slice(before)
    .filter((sql) => /\bDROP (?:VIEW|TABLE \[|SEQ|FUN|TYPE)|DROP CONSTRAINT/.test(sql))
  expect(drops.map((sql) => sql.replace(/^IF .* IS NOT NULL /, ''))).toEqual([
    'ALTER TABLE [dbo].[orders] DROP CONSTRAINT [FK_author]',
    'DROP VIEW [dbo].[a_view]',
    'DROP VIEW [dbo].[big]',
    'DROP TABLE [dbo].[authors]',
    'DROP TABLE [dbo].[orders]',
    'DROP SEQUENCE [dbo].[order_no]',
    'DROP FUNCTION [dbo].[twice]',
    'DROP TYPE [dbo].[code]',
  ])
})
