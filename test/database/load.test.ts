// loadData runs as COPY where that comes to the same: the same rows in the table, the same plan, and a failure still has its place.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database, Session } from '#database/port'
import { planUpdate } from '#engine/plan-update'
import { update } from '#engine/update'
import { engineOn, faultOf, listen } from './engine.ts'
import { openTarget, sayWhatIsMissing, serverUrl, type Target } from './target.ts'

beforeAll(() => sayWhatIsMissing('loading many rows'))

const count = 2500
const header = 'id,name,note,born,balance,active,ratio'
const line = (row: number): string =>
  `${row},"O'Hara \\\\ ""${row}"" ü😀","tab\there\nand a line",20${10 + (row % 10)}-02-28T10:20:30,${row}.${10 + (row % 90)},${row % 2 === 0},${row / 8}`
const csv = (more = ''): string =>
  `${header}\n${Array.from({ length: count }, (_, row) => line(row)).join('\n')}\nNULL${','.repeat(6)}\n${more}`

const types = {
  id: 'NUMERIC',
  name: 'STRING',
  note: 'STRING',
  born: 'DATETIME',
  balance: 'NUMERIC',
  active: 'BOOLEAN',
  ratio: 'NUMERIC',
}
const columns = Object.entries(types)
  .map(([name, type]) => `            - column: { name: ${name}, type: ${type} }`)
  .join('\n')
const files = (table: string, data: string) => ({
  'root.yaml': `databaseChangeLog:
  - changeSet: { id: t, author: amy, changes: [ { sql: { splitStatements: false, sql: "${table}" } } ] }
  - changeSet:
      id: load
      author: amy
      changes:
        - loadData:
          file: data.csv
          tableName: person
          columns:
${columns}
`
    .replace('        - loadData:\n          file', '        - loadData:\n            file')
    .replaceAll('\n          tableName', '\n            tableName')
    .replaceAll('\n          columns:', '\n            columns:')
    .replaceAll('            - column', '              - column'),
  'data.csv': data,
})

const table = (more = '', kind = 'int'): string =>
  `create table person (id ${kind}, name varchar(100), note text, born timestamp, balance numeric(12,1), active boolean, ratio double precision${more})`

/** Tells what reached the server in which way. */
function watched(database: Database): { readonly database: Database; readonly loads: (number | undefined)[] } {
  const loads: (number | undefined)[] = []
  const session = new Proxy(database.session, {
    get(target: Session, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      if (name !== 'load') return member.bind(target) as unknown
      return async (...input: Parameters<NonNullable<Session['load']>>) => {
        const outcome = await target.load?.(...input)
        loads.push(outcome?.rowsAffected)
        return outcome
      }
    },
  })
  return { database: { ...database, session }, loads }
}

describe.skipIf(serverUrl === undefined)('many rows on a PostgreSQL server', () => {
  let target: Target
  beforeAll(async () => {
    target = await openTarget('postgresql')
  })
  afterAll(async () => await target.remove())

  async function fill(
    create: string,
    data = csv(),
  ): Promise<{ loads: (number | undefined)[]; rows: string[]; ran: number }> {
    await target.empty()
    const { database, loads } = watched(target.database)
    const result = await update(await engineOn(database, { files: files(create, data) }), {}, listen(), undefined)
    expect(result.rowsAffected).toBe(count + 1)
    const { rows } = await target.database.session.execute('select person::text as row from person order by id, name')
    return { loads, rows: rows.map((row) => String(row['row'])), ran: result.ran }
  }

  test('are copied, and are the very rows that the statements would make', async () => {
    const copied = await fill(table())
    expect(copied.loads).toEqual([count + 1])
    // A trigger that does nothing: then only statements will do.
    const inserted = await fill(
      `${table()}; create function quiet() returns trigger language plpgsql as $$ begin return new; end $$; create trigger quiet before insert on person for each row execute function quiet()`,
    )
    expect(inserted.loads.every((rows) => rows === undefined)).toBe(true)
    expect(copied.rows).toHaveLength(count + 1)
    expect(copied.rows).toEqual(inserted.rows)
  })

  test.each([
    ['a rule', `${table()}; create rule r as on insert to person do also nothing`],
    ['row security', `${table()}; alter table person enable row level security`],
    ['a column that turns numbers into text', table('', 'varchar(20)')],
    ['a number that is rounded to a whole one', table().replace('ratio double precision', 'ratio int')],
  ])('are not copied into a table with %s', async (_what, create) => {
    expect((await fill(create)).loads.every((rows) => rows === undefined)).toBe(true)
  })

  test('are one plan, whichever way they go', async () => {
    await target.empty()
    const context = await engineOn(target.database, { files: files(table(), csv()) })
    const plan = await planUpdate(context)
    const other = await planUpdate(
      await engineOn(target.database, { files: files(table(), csv().replace("O'Hara", 'Ohara')) }),
    )
    expect(plan.steps[1]?.statements).toHaveLength(6)
    expect(plan.steps[1]?.statements[0]?.sql).toMatch(/^INSERT INTO public.person \(id, name, note, born/)
    expect(other.digest).not.toBe(plan.digest)
    expect((await update(context, { approvedDigest: plan.digest }, listen(), undefined)).ran).toBe(2)
  })

  test('that the database refuses are told by the statement that they belong to, and leave nothing', async () => {
    await target.empty()
    const bad = csv(`1,${'x'.repeat(101)},n,2020-01-01,1,true,1\n`)
    const context = await engineOn(target.database, { files: files(table(), bad) })
    const fault = await faultOf(update(context, {}, listen(), undefined), 'change-set-failed')
    expect(fault.databaseCode).toBe('22001')
    // Row 2502 of 2502: the last of six statements of 500.
    expect(fault.diagnostics[0]?.message).toContain(
      'in: INSERT INTO public.person (id, name, note, born, balance, active, ratio) VALUES (NULL',
    )
    expect((await target.database.session.execute('select count(*)::int as n from person')).rows).toEqual([{ n: 0 }])
  })

  test('with a NUL, which no text of the server may have, are refused and never become something else', async () => {
    await target.empty()
    const bad = csv('1,A\x0012B,n,2020-01-01,1,true,1\n')
    const context = await engineOn(target.database, { files: files(table(), bad) })
    expect((await faultOf(update(context, {}, listen(), undefined), 'change-set-failed')).databaseCode).toBe('22021')
    expect((await target.database.session.execute('select count(*)::int as n from person')).rows).toEqual([{ n: 0 }])
  })

  test('stop within seconds when the run is cancelled', async () => {
    await target.empty()
    const stop = new AbortController()
    const slow = `${table()}; alter table person add check (pg_sleep(0.02) is not null)`
    const running = update(await engineOn(target.database, { files: files(slow, csv()) }), {}, listen(), stop.signal)
    setTimeout(() => stop.abort(), 1500)
    const begun = Date.now()
    await faultOf(running, 'cancelled')
    expect(Date.now() - begun).toBeLessThan(6000)
    expect((await target.database.session.execute('select count(*)::int as n from person')).rows).toEqual([{ n: 0 }])
  })
})
