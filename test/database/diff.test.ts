// A diff tells what differs, and the changelog that diff-changelog writes leaves no difference.
import { assert, asyncProperty, constantFrom, subarray } from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dialectFor } from '#database/dialect'
import type { Database } from '#database/port'
import type { Snapshot } from '#database/snapshot/model'
import { definerFor } from '#database/snapshot/define'
import { readSnapshot } from '#database/snapshot/read'
import { diffChanges } from '#engine/diff/change'
import { diffOf } from '#engine/diff/diff'
import { diffText } from '#engine/diff/text'
import { type ChangelogFormat, formatChangelog } from '#engine/generate/format'
import { changeSetsOf } from '#engine/generate/generate'
import { fromLiquibase } from '#database/snapshot/from-liquibase'
import { withoutHistory } from '#engine/snapshot/history-table'
import { selectionOf } from '#engine/snapshot/select'
import { formatSnapshot } from '#engine/snapshot/snapshot'
import { update } from '#engine/update'
import { engineOn, listen, openSuite, type Suite } from './engine.ts'
import { makeSchema } from './schema.ts'
import { sayWhatIsMissing, type TargetName, targetNames } from './target.ts'

sayWhatIsMissing('diffs')

/** Each can be made to the rich schema whatever others were made before. */
const postgres: readonly string[] = [
  'alter table customer drop column note',
  'alter table customer add extra integer not null default 3',
  'alter table customer add "Mixed" text collate "C" default current_user',
  'alter table customer alter name type varchar(60)',
  "alter table customer alter code type char(5), alter code set default 'x'",
  'alter table customer alter email set not null',
  'alter table customer alter flag drop default',
  'alter table customer alter flag set default false',
  'alter table customer alter id set generated always',
  'alter table orders drop column gross',
  'drop index ix_lower',
  'create index ix_extra on orders (placed desc)',
  'drop index ix_data; create index ix_data on customer (code)',
  'alter table orders drop constraint fk_customer; alter table orders add constraint fk_customer foreign key (customer_id) references customer',
  'alter table "Order Line" drop constraint fk_order',
  'alter table "Order Line" drop constraint uq_two',
  'alter table "Order Line" add constraint uq_more unique (qty) deferrable',
  'alter table customer drop constraint amount_positive; alter table customer add constraint amount_positive check (amount > 1)',
  'alter table customer drop constraint uq_email; alter table customer add constraint uq_email unique (email, name)',
  'create or replace view big_orders as select id, total from orders where total > 5',
  'drop view a_view_on_a_view',
  'create view more as select id from big_orders',
  'drop materialized view totals',
  'drop table tree',
  'drop table hen, egg cascade',
  'create table extra_table (id serial primary key, c bigint references customer (id), constraint c_positive check (c > 0))',
  "comment on table customer is 'others'",
  "comment on column customer.name is null; comment on column customer.email is 'where to write'",
  'alter sequence order_no increment 7 no cycle cache 1',
  'create sequence another as smallint',
  'create or replace function note_change() returns trigger language plpgsql as $$ begin return new; end $$',
  'create function thrice(a integer) returns integer language sql as $$ select a * 3 $$',
  'drop procedure empty_orders',
  'drop trigger before_orders on orders',
  "create type size as enum ('s', 'l'); create table shirt (size size default 's')",
]

const sqlite: readonly string[] = [
  'alter table customer add extra int',
  'alter table customer add rated int not null default 3',
  'alter table customer drop column born',
  'alter table customer rename column created to made',
  'drop index ix_line',
  'create index ix_more on customer (name desc)',
  'drop index ux_part; create unique index ux_part on customer (email)',
  'drop trigger no_empty',
  'create trigger another after delete on word begin select 2; end',
  'drop table word',
  'create table extra_table (id integer primary key, w text constraint fk_word references word (k), check (id > 0))',
  'drop view renamed',
  'drop view names; create view names as select id, name, email from customer',
  'create view numbers as select 1 as one',
]

const mariadb: readonly string[] = [
  'alter table customer drop column note',
  "alter table customer add extra int not null default 3 comment 'more'",
  'alter table customer modify name varchar(60) null',
  "alter table customer modify code varchar(10) not null default 'x'",
  'alter table customer alter born drop default',
  'alter table customer modify sorted varchar(20)',
  'alter table orders drop column gross',
  'drop index ix_prefix on customer',
  'create index ix_extra on orders (placed desc)',
  'alter table orders drop foreign key fk_customer; drop index ix_orders_customer on orders; create index ix_orders_customer on orders (customer_id, placed)',
  'alter table orders drop foreign key fk_customer; alter table orders add constraint fk_customer foreign key (customer_id) references customer (id) on delete restrict',
  'alter table `Order Line` drop foreign key fk_order',
  'alter table `Order Line` drop index uq_two',
  'alter table customer drop constraint amount_positive; alter table customer add constraint amount_positive check (amount > 1)',
  'alter table customer drop index uq_email; alter table customer add constraint uq_email unique (email, name)',
  'create or replace view z_orders as select id, total from orders where total > 5',
  'drop view a_view_on_a_view',
  'alter table hen drop foreign key fk_egg; drop table egg, hen',
  'create table extra_table (id int auto_increment primary key, c bigint, constraint fk_c foreign key (c) references customer (id))',
  "alter table customer comment 'others'",
  'alter sequence order_no increment 7 nocycle',
  'create sequence another',
  'drop procedure empty_orders',
  'create procedure another() select 1',
  'drop trigger before_orders',
]

const mutations: Readonly<Record<TargetName, readonly string[]>> = {
  postgresql: postgres,
  pglite: postgres,
  sqlite,
  mariadb,
  mysql: mariadb.filter((sql) => !sql.includes('sequence')).map((sql) => sql.replace('drop constraint', 'drop check')),
}

const postgresRest = [
  'public.orders.id autoIncrement',
  'unexpected column public.totals.n',
  'public.orders.no autoIncrement',
  'unexpected sequence orders_id_seq',
  'unexpected view totals',
]
/** Sequences of columns and materialized views are not in it; a `serial` is taken for a column that counts. */
const expectedRest: Readonly<Record<TargetName, readonly string[]>> = {
  postgresql: postgresRest,
  pglite: postgresRest,
  sqlite: ['renamed definition'],
  mariadb: [],
  mysql: [],
}

const everything = selectionOf({})
const names = { schemaName: undefined, changelogTable: 'DATABASECHANGELOG', lockTable: 'DATABASECHANGELOGLOCK' }
const look = async (database: Database): Promise<Snapshot> =>
  withoutHistory(await readSnapshot(database, undefined), names)

/** Mutations of one subset may undo what another needs; then it is left out. */
async function mutate({ session, dialect }: Database, list: readonly string[]): Promise<void> {
  for (const sql of list) {
    // Triggers of SQLite hold semicolons.
    const statements = dialect.capability.multiStatement || sql.includes('begin') ? [sql] : sql.split('; ')
    for (const statement of statements) await session.execute(statement).catch(() => {})
  }
}

const plain = {
  author: 'amy',
  clock: () => 1_700_000_000_000,
  runOnChangeTypes: [],
  includeSchema: false,
  includeCatalog: false,
  includeTablespace: false,
  replaceViews: false,
  skipSorting: false,
}

async function changelogFor(reference: Snapshot, comparison: Snapshot, format: ChangelogFormat): Promise<string> {
  const { shortName } = comparison.database
  const dialect = dialectFor(shortName)
  const { changes, notes } = diffChanges(diffOf(reference, comparison, everything), dialect, plain)
  expect(notes).toEqual([])
  return await formatChangelog(changeSetsOf(changes, shortName, plain), {
    format,
    dialect,
    quoting: definerFor(shortName).quoting,
  })
}

describe.each(targetNames)('on %s', (name) => {
  let suite: Suite
  let rich: Snapshot
  beforeAll(async () => {
    suite = await openSuite(name)
    const database = await suite.fresh()
    await makeSchema(database)
    rich = await look(database)
  })
  afterAll(async () => await suite.close())

  test('a schema does not differ from itself', () => {
    const diff = diffOf(rich, rich, everything)
    expect(diff.items).toEqual([])
    expect(diffText(diff, everything.types)).toMatch(
      /Missing Table\(s\): NONE\nUnexpected Table\(s\): NONE\nChanged Table\(s\): NONE/,
    )
  })

  test('a snapshot in the form of Liquibase alone tells the same of what Liquibase knows', () => {
    const text = formatSnapshot(rich, everything, 'json', 0)
    const { snapshot } = JSON.parse(text) as { readonly snapshot: Record<string, unknown> }
    const known = selectionOf({
      types: new Set(['table', 'column', 'primaryKey', 'uniqueConstraint', 'foreignKey', 'sequence', 'view']),
    })
    const { items } = diffOf(fromLiquibase(snapshot), rich, known)
    // What is left are details that it does not tell.
    const details = new Set([
      'autoIncrementOptions',
      'collation',
      'extra',
      'generated',
      'options',
      'ownedBy',
      'partitionBy',
      'partitionOf',
    ])
    const rest = items.flatMap((item) =>
      item.state === 'changed'
        ? item.differences.filter(({ field }) => !details.has(field)).map(({ field }) => `${item.title} ${field}`)
        : [`${item.state} ${item.type} ${item.title}`],
    )
    expect(rest.filter((line) => !/ (?:defaultValue|type)$/.test(line))).toEqual(expectedRest[name])
  })

  test('whatever is changed, there and back: nothing differs afterwards', { timeout: 120_000 }, async () => {
    const formats: readonly ChangelogFormat[] = ['xml', 'yaml', 'json', 'sql']
    const all = mutations[name]
    await assert(
      asyncProperty(subarray([...all], { minLength: 1 }), constantFrom(...formats), async (list, format) => {
        const database = await suite.fresh()
        await makeSchema(database)
        await mutate(database, list)
        const mutated = await look(database)
        expect(diffOf(rich, mutated, everything).items).not.toEqual([])
        // To the rich schema …
        const there = await changelogFor(rich, mutated, format)
        await update(await engineOn(database, { files: { [`there.${format}`]: there } }), {}, listen())
        const mended = await look(database)
        expect(diffOf(rich, mended, everything).items).toEqual([])
        // … and from it.
        const back = await changelogFor(mutated, mended, format)
        await update(await engineOn(database, { files: { [`back.${format}`]: back } }), {}, listen())
        expect(diffOf(mutated, await look(database), everything).items).toEqual([])
      }),
      {
        numRuns: Number(process.env['SLUICE_DIFF_RUNS'] ?? 4),
        seed: Number(process.env['SLUICE_DIFF_SEED'] ?? 11),
        examples: [[[...all], 'sql']],
      },
    )
  })
})
