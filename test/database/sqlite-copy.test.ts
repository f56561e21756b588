// Changes for which SQLite has to copy a table: everything that hangs on the table is still there afterwards.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { planUpdate } from '#engine/plan-update'
import { readHistory } from '#engine/history/table'
import { planFutureRollbackFrom } from '#engine/plan-rollback'
import { update } from '#engine/update'
import type { ChangelogNode } from '#changelog/node'
import { parseChange } from '#change/registry'
import type { Database } from '#database/port'
import { readSnapshot } from '#database/snapshot/read'
import type { Table } from '#database/snapshot/model'
import { sqliteDefiner } from '#database/sqlite/define'
import { changeSet, yaml } from './changelog.ts'
import { engineOn, faultOf, listen, openSuite, type Suite, valuesOf } from './engine.ts'

const before = `
  create table person (id integer constraint pk_person primary key, name text collate nocase /* any case */, born date,
    constraint named check (length(name) > 0));
  create table pet (id integer primary key autoincrement, owner int references person(id) on delete cascade, kind text);
  create index pet_kind on pet (kind) where kind is not null;
  create table log (text text);
  create trigger pet_added after insert on pet begin insert into log values ('added ' || new.kind); end;
  create trigger person_gone after delete on person begin delete from pet where owner = old.id; end;
  create view owners as select p.name, count(*) as pets from person p join pet q on q.owner = p.id group by p.name;
  insert into person values (1, 'Ann', '2000-01-02'), (7, 'Bob', null);
  insert into pet (owner, kind) values (1, 'cat'), (7, 'dog'), (7, 'eel');
  delete from pet where kind = 'eel';`

/** A change in one line of YAML. */
const change = (text: string): string => `
        - ${text}`

describe('tables that are copied on sqlite', () => {
  let suite: Suite
  let database: Database
  beforeAll(async () => {
    suite = await openSuite('sqlite')
  })
  beforeEach(async () => {
    database = await suite.fresh()
    await database.session.execute(before)
  })
  afterAll(async () => await suite.close())

  const run = async (...changes: readonly string[]): Promise<void> => {
    const files = yaml(...changes.map((one, index) => changeSet(String(index), change(one))))
    await update(await engineOn(database, { files }), {}, listen(), undefined)
  }
  const objects = async (): Promise<readonly unknown[]> =>
    await valuesOf(
      database,
      `select type || ' ' || name as one from sqlite_master where name not like '%sluice%' and name not like 'sqlite_%'
         and name not like 'DATABASECHANGELOG%' order by 1`,
    )
  const rows = async (table: string): Promise<readonly unknown[]> =>
    (await database.session.execute(`select * from ${table} order by 1`)).rows

  test('a default: rows, checks, indexes, triggers, views and what others refer to stay', async () => {
    const names = await objects()
    const [people, pets, owners] = [await rows('person'), await rows('pet'), await rows('owners')]
    await run(
      'addDefaultValue: { tableName: person, columnName: name, defaultValue: "no one" }',
      'addDefaultValue: { tableName: PET, columnName: kind, defaultValueComputed: "upper(\'cat\')" }',
    )
    expect(await objects()).toEqual(names)
    expect([await rows('person'), await rows('pet'), await rows('owners')]).toEqual([people, pets, owners])
    await database.session.execute('insert into person (id) values (9); insert into pet (owner) values (9)')
    expect((await rows('person')).at(-1)).toEqual({ id: 9, name: 'no one', born: null })
    // Counts on from the row that was deleted.
    expect((await rows('pet')).at(-1)).toEqual({ id: 4, owner: 9, kind: 'CAT' })
    expect(await rows('log')).toContainEqual({ text: 'added CAT' })
    await expect(database.session.execute("insert into person values (10, '', null)")).rejects.toThrow('named')
    await database.session.execute(
      'pragma foreign_keys = on; delete from person where id = 9; pragma foreign_keys = off',
    )
    expect(await valuesOf(database, 'select count(*) as n from pet where owner = 9')).toEqual(['0'])
    expect(await valuesOf(database, "select count(*) as n from person where name = 'ANN'")).toEqual(['1'])
  })

  test('a key goes, and a column begins to count', async () => {
    await run(
      'dropPrimaryKey: { tableName: person }',
      'addAutoIncrement: { tableName: person, columnName: id, columnDataType: int }',
    )
    await database.session.execute("insert into person (name) values ('Cid'); delete from person where name = 'Cid'")
    await database.session.execute("insert into person (name) values ('Dan')")
    expect(await valuesOf(database, "select id from person where name = 'Dan'")).toEqual(['9'])
    const [text] = await valuesOf(database, "select sql from sqlite_master where name = 'person'")
    expect(text).toContain('id INTEGER CONSTRAINT PK_PERSON PRIMARY KEY AUTOINCREMENT, name text collate nocase /* any')
  })

  test('the plan knows the tables that it makes and alters itself, and runs nothing while it is made', async () => {
    const files = yaml(
      changeSet('1', change('createTable: { tableName: a, columns: [ { column: { name: x, type: int } } ] }')),
      changeSet('2', change('renameTable: { oldTableName: a, newTableName: b }')),
      changeSet('3', change('addColumn: { tableName: b, columns: [ { column: { name: y, type: varchar(9) } } ] }')),
      changeSet('4', change('addDefaultValue: { tableName: b, columnName: y, defaultValue: "it\'s" }')),
    )
    const plan = await planUpdate(await engineOn(database, { files }))
    expect(plan.steps[3]?.statements.map(({ sql }) => sql)).toEqual([
      'PRAGMA legacy_alter_table = ON',
      `CREATE TABLE "sluice_new_b" (x INTEGER, y VARCHAR(9) DEFAULT 'it''s')`,
      'INSERT INTO "sluice_new_b" ("x", "y") SELECT "x", "y" FROM "b"',
      'DROP TABLE "b"',
      'ALTER TABLE "sluice_new_b" RENAME TO "b"',
      'PRAGMA legacy_alter_table = OFF',
    ])
    expect(await objects()).not.toContain('table b')
    expect((await update(await engineOn(database, { files }), {}, listen(), undefined)).ran).toBe(4)
  })

  test('what cannot be copied is a finding with its place, and nothing ran', async () => {
    const fails = async (text: string): Promise<string> => {
      const files = yaml(changeSet('1', change(text)))
      const fault = await faultOf(
        update(await engineOn(database, { files }), {}, listen(), undefined),
        'changelog-invalid',
      )
      const [finding] = fault.diagnostics
      expect(finding?.span?.line).toBeGreaterThan(1)
      return finding?.message ?? ''
    }
    expect(await fails('dropPrimaryKey: { tableName: nope }')).toBe(
      'there is no table nope whose copy could be written',
    )
    expect(await fails('dropPrimaryKey: { tableName: log }')).toBe('the table has no primary key')
    expect(await fails('addDefaultValue: { tableName: log, columnName: x, defaultValue: y }')).toContain('no column x')
    await database.session.execute('create table kv (k text primary key) without rowid')
    expect(await fails('dropPrimaryKey: { tableName: kv }')).toMatch(/^table kv cannot be copied: .*PRIMARY KEY/i)
    await database.session.execute('pragma foreign_keys = on')
    expect(await fails('dropPrimaryKey: { tableName: person }')).toContain('while foreign keys are enforced')
    await database.session.execute('pragma foreign_keys = off')
  })

  test('a rollback that copies knows the tables of the update that it takes back', async () => {
    const files = yaml(
      changeSet('1', change('createTable: { tableName: c, columns: [ { column: { name: x, type: int } } ] }')),
      changeSet(
        '2',
        change('addDefaultValue: { tableName: c, columnName: x, defaultValueNumeric: 1 }'),
        'rollback: [ { addDefaultValue: { tableName: c, columnName: x, defaultValueComputed: "null" } } ]',
      ),
    )
    const context = await engineOn(database, { files })
    const plan = await planFutureRollbackFrom(context, await readHistory(context), {})
    expect(plan.steps[0]?.statements[1]?.sql).toBe('CREATE TABLE "sluice_new_c" (x INTEGER DEFAULT null)')
  })

  const broken = 'modifySql: [ { replace: { replace: "DROP TABLE \\"person\\"", with: "DROP TABLE nope" } } ]'
  const setting = async () => await valuesOf(database, 'pragma legacy_alter_table')

  test('a copy that fails half-way leaves its setting to nobody, and its table as it was', async () => {
    const text = change('dropPrimaryKey: { tableName: person }')
    const files = yaml(changeSet('1', text, `failOnError: false\n      ${broken}`))
    expect((await update(await engineOn(database, { files }), {}, listen(), undefined)).ran).toBe(0)
    expect(await setting()).toEqual(['0'])
    expect(await rows('owners')).toHaveLength(2)
    expect(await objects()).not.toContain('table sluice_new_person')
  })

  test('outside a transaction it is one statement with a transaction of its own, and is tried again', async () => {
    const names = await objects()
    const owners = await rows('owners')
    const text = change('dropPrimaryKey: { tableName: person }')
    const [wrong, right] = [`runInTransaction: false\n      ${broken}`, 'runInTransaction: false']
    const fault = await faultOf(
      update(await engineOn(database, { files: yaml(changeSet('1', text, wrong)) }), {}, listen(), undefined),
      'change-set-failed',
    )
    expect(fault.message).toContain('nope')
    expect(await setting()).toEqual(['0'])
    expect([await objects(), await rows('owners')]).toEqual([names, owners])
    const files = yaml(changeSet('1', text, right))
    expect((await planUpdate(await engineOn(database, { files }))).steps[0]?.statements).toHaveLength(1)
    await update(await engineOn(database, { files }), {}, listen(), undefined)
    expect(await setting()).toEqual(['0'])
    expect([await objects(), await rows('owners')]).toEqual([names, owners])
    await database.session.execute("insert into person (id, name) values (1, 'Eve')")
  })

  test('a setting of the session is made again when a change set goes on', async () => {
    const change = (last: string) => ({
      'c.yaml': `databaseChangeLog:\n  - changeSet:\n      id: 1\n      author: amy\n      runInTransaction: false\n      changes:\n        - sql: pragma foreign_keys = on\n        - sql: "${last}"\n`,
    })
    await faultOf(
      update(await engineOn(database, { files: change('drop table nope') }), {}, listen(), undefined),
      'change-set-failed',
    )
    await database.session.execute('pragma foreign_keys = off')
    await update(
      await engineOn(database, { files: change('delete from person where id = 1') }),
      {},
      listen(),
      undefined,
    )
    expect(await valuesOf(database, 'select count(*) as n from pet where owner = 1')).toEqual(['0'])
    await database.session.execute('pragma foreign_keys = off')
  })

  test.each([
    ['the text of the database', (table: Table): Table => table],
    ['a text of its own, as when columns are left out', (table: Table): Table => ({ ...table, definition: undefined })],
  ])('a table that a comparison makes anew goes on counting: with %s', async (_what, alter) => {
    await database.session.execute('alter table pet add column more int')
    const find = async () =>
      (await readSnapshot(database, undefined)).schemas[0]?.tables.find(({ name }) => name === 'pet')
    const to = await find()
    database = await suite.fresh()
    await database.session.execute(before)
    const from = await find()
    if (!to || !from) throw new Error('there is no table')
    for (const sql of sqliteDefiner.rebuildTable(alter(to), from)) await database.session.execute(sql)
    await database.session.execute("insert into pet (kind) values ('fox')")
    // Three were there, the last of which was deleted.
    expect(await valuesOf(database, "select id from pet where kind = 'fox'")).toEqual(['4'])
    expect(await valuesOf(database, 'select name from sqlite_sequence')).toEqual(['pet'])
  })

  test('a column called like the word does not count', async () => {
    await database.session.execute('create table odd ("autoincrement" int, b int default 1 /* autoincrement */)')
    await run('addDefaultValue: { tableName: odd, columnName: autoincrement, defaultValueNumeric: 3 }')
    await database.session.execute('insert into odd (b) values (2)')
    expect(await rows('odd')).toEqual([{ autoincrement: 3, b: 2 }])
  })

  test('where a counter begins and its step are told to have no effect', () => {
    const node = (
      name: string,
      attributes: Readonly<Record<string, string>>,
      children: readonly ChangelogNode[] = [],
    ) => ({
      name,
      value: undefined,
      span: { file: 'f', line: 3, column: 5 },
      children: [
        ...Object.entries(attributes).map(([key, value]) => ({
          name: key,
          value,
          children: [],
          span: { file: 'f', line: 3, column: 9 },
        })),
        ...children,
      ],
    })
    const counter = { autoIncrement: 'true', startWith: '100', incrementBy: '5' }
    const found = (one: ChangelogNode, dbms: string) =>
      parseChange(one, dbms).diagnostics.map(({ severity, message }) => [severity, message])
    const add = node('addAutoIncrement', {
      tableName: 't',
      columnName: 'a',
      columnDataType: 'int',
      startWith: '100',
      incrementBy: '1',
    })
    const create = node('createTable', { tableName: 't' }, [node('column', { name: 'a', type: 'int', ...counter })])
    expect(found(add, 'sqlite')).toEqual([
      ['warning', 'startWith of addAutoIncrement cannot be given on sqlite, which counts from 1 by 1; it is ignored'],
    ])
    expect(found(create, 'sqlite')).toEqual([
      [
        'warning',
        'startWith and incrementBy of createTable cannot be given on sqlite, which counts from 1 by 1; it is ignored',
      ],
    ])
    expect([found(add, 'postgresql'), found(create, 'postgresql')]).toEqual([[], []])
  })
})
