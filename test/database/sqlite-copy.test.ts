// Changes for which SQLite has to copy a table: everything that hangs on the table is still there afterwards.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { planUpdate } from '#engine/plan-update'
import { readHistory } from '#engine/history/table'
import { planFutureRollbackFrom } from '#engine/plan-rollback'
import { update } from '#engine/update'
import type { Database } from '#database/port'
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
})
