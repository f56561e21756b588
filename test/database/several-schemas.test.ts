// Snapshots, diffs and generated changelogs of several schemas at once, with references from each to the other.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dialectFor } from '#database/dialect'
import type { Database } from '#database/port'
import { definerFor } from '#database/snapshot/define'
import type { Snapshot } from '#database/snapshot/model'
import { readSnapshot } from '#database/snapshot/read'
import { diffChanges } from '#engine/diff/change'
import { diffOf } from '#engine/diff/diff'
import { dropAll } from '#engine/drop-all'
import { formatChangelog } from '#engine/generate/format'
import { changeSetsOf, generateChangelog } from '#engine/generate/generate'
import { comparable } from '#engine/snapshot/compare'
import { selectionOf } from '#engine/snapshot/select'
import { update } from '#engine/update'
import { engineOn, listen, openSuite, type Suite } from './engine.ts'
import { isMysql, sayWhatIsMissing, targetNames } from './target.ts'

sayWhatIsMissing('several schemas')

const everything = selectionOf({})
const options = {
  author: 'amy',
  clock: () => 1_700_000_000_000,
  runOnChangeTypes: [],
  includeSchema: false,
  includeCatalog: false,
  includeTablespace: false,
  replaceViews: false,
  skipSorting: false,
}

/** A table of each schema refers to one of the other, and so do views, a default value and a type. */
const postgres = (a: string, b: string): string => `
  create type ${b}.mood as enum ('x', 'y');
  create sequence ${a}.counter;
  create table ${a}.parent (id int primary key, mood ${b}.mood default 'x', b int, n bigint default nextval('${a}.counter'));
  create table ${b}.child (id serial primary key, parent int references ${a}.parent (id), code text unique);
  create table ${b}.parent (id int primary key);
  alter table ${a}.parent add constraint to_child foreign key (b) references ${b}.child (id);
  create view ${b}.v as select p.id, '${a}.parent' as said from ${a}.parent p;
  create view ${a}.w as select v.id, ${b}.id as other from ${b}.v, ${b}.child ${b};`
const mysql = (a: string, b: string): string => `
  create table ${a}.parent (id int primary key, b int);
  create table ${b}.child (id int auto_increment primary key, parent int, code varchar(9) unique,
    constraint to_parent foreign key (parent) references ${a}.parent (id));
  create table ${b}.parent (id int primary key);
  alter table ${a}.parent add constraint to_child foreign key (b) references ${b}.child (id);
  create view ${b}.v as select p.id, '${a}.parent' as said from ${a}.parent p;
  create view ${a}.w as select v.id, c.id as other from ${b}.v join ${b}.child c on c.id = v.id;`

describe.each(targetNames.filter((name) => name !== 'sqlite'))('on %s', (name) => {
  const mark = `s${randomUUID().slice(0, 8)}`
  const pair = [`${mark}_a`, `${mark}_b`] as const
  const other = [`${mark}_p`, `${mark}_q`] as const
  let suite: Suite
  let database: Database
  const drop = async (): Promise<void> => {
    if (isMysql(name)) await database.session.execute('set foreign_key_checks = 0')
    for (const schema of [...pair, ...other]) {
      const end = isMysql(name) ? '' : ' cascade'
      await database.session.execute(`drop schema if exists ${schema}${end}`)
    }
    if (isMysql(name)) await database.session.execute('set foreign_key_checks = 1')
  }
  const make = async (): Promise<void> => {
    database = await suite.fresh()
    await drop()
    for (const schema of [...pair, ...other]) await database.session.execute(`create schema ${schema}`)
    if (name === 'mariadb') await database.session.execute(`create sequence ${pair[0]}.counter`)
    await database.session.execute((isMysql(name) ? mysql : postgres)(...pair))
  }
  const look = async (names: readonly string[]): Promise<Snapshot> => await readSnapshot(database, names)
  const changelogFor = async (reference: Snapshot, comparison: Snapshot): Promise<string> => {
    const { shortName } = comparison.database
    const dialect = dialectFor(shortName)
    const { changes, notes } = diffChanges(diffOf(reference, comparison, everything), dialect, options)
    expect(notes).toEqual([])
    const { quoting } = definerFor(shortName)
    return await formatChangelog(changeSetsOf(changes, shortName, options), { format: 'yaml', dialect, quoting })
  }
  const run = async (file: string, text: string): Promise<void> => {
    await update(await engineOn(database, { files: { [file]: text } }), {}, listen())
  }

  beforeAll(async () => {
    suite = await openSuite(name)
  })
  afterAll(async () => {
    await drop()
    await suite.close()
  })

  test.each(['xml', 'sql'] as const)('a generated changelog in %s makes both again', async (format) => {
    await make()
    const before = await look(pair)
    const { text } = await generateChangelog(before, { ...options, format })
    const {
      database: of,
      names,
      ...rest
    } = await engineOn(database, { files: { 'none.yaml': 'databaseChangeLog: []' } })
    await dropAll({ ...rest, database: of, names }, pair)
    for (const schema of (await look(pair)).schemas) {
      expect([schema.tables, schema.views, schema.sequences, schema.types]).toEqual([[], [], [], []])
    }
    await run(`again.${format}`, text)
    expect(comparable(await look(pair))).toEqual(comparable(before))
  })

  test('a diff changelog makes two others like them, and empty again', async () => {
    await make()
    const from = await look(pair)
    const diff = diffOf(from, await look(other), everything)
    expect(diff.items.filter(({ type, state }) => type === 'table' && state === 'missing')).toHaveLength(3)
    await run('there.yaml', await changelogFor(from, await look(other)))
    const made = await look(other)
    expect(diffOf(from, made, everything).items).toEqual([])
    const [p, q] = made.schemas
    const keys = [...(p?.tables ?? []), ...(q?.tables ?? [])].flatMap(({ foreignKeys }) => foreignKeys)
    expect(
      keys.map(({ referencedSchema }) => referencedSchema ?? '').toSorted((one, two) => one.localeCompare(two)),
    ).toEqual([...other])
    expect(q?.views[0]?.query).toContain(`'${pair[0]}.parent'`)
    await database.session.execute(
      `alter table ${other[1]}.child drop ${isMysql(name) ? 'index code' : 'constraint child_code_key'}`,
    )
    await database.session.execute(`alter table ${other[0]}.parent add more int`)
    await run('mend.yaml', await changelogFor(from, await look(other)))
    expect(diffOf(from, await look(other), everything).items).toEqual([])
    const nothing = {
      ...from,
      schemas: from.schemas.map((schema) => ({
        name: schema.name,
        tables: [],
        views: [],
        sequences: [],
        routines: [],
        types: [],
      })),
    }
    await run('back.yaml', await changelogFor(nothing, await look(other)))
    expect(diffOf(nothing, await look(other), everything).items).toEqual([])
  })
})
