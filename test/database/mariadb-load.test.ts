// loadData of many rows on MariaDB goes as LOAD DATA LOCAL where that comes to the same: the same rows, and errors stay errors.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database, Session } from '#database/port'
import { update } from '#engine/update'
import { engineOn, faultOf, listen } from './engine.ts'
import { mariadbUrl, openTarget, sayWhatIsMissing, type Target } from './target.ts'

beforeAll(() => sayWhatIsMissing('loading many rows into MariaDB'))

const count = 2500
const types = {
  id: 'NUMERIC',
  name: 'STRING',
  note: 'STRING',
  born: 'DATETIME',
  balance: 'NUMERIC',
  active: 'BOOLEAN',
  kind: 'STRING',
}
const line = (row: number): string =>
  `${row},"O'Hara \\ ""${row}"" ü😀","tab\there\nand a line",20${10 + (row % 10)}-02-28T10:20:30,${row}.${10 + (row % 90)},${row % 2 === 0},b`
const csv = (more = ''): string =>
  `${Object.keys(types).join(',')}\n${Array.from({ length: count }, (_, row) => line(row)).join('\n')}\nNULL${',NULL'.repeat(6)}\n${more}`

const columns = Object.entries(types)
  .map(([name, type]) => `{ column: { name: ${name}, type: ${type} } }`)
  .join(', ')
const table = (more = '', active = 'tinyint(1)'): string =>
  `create table person (id int, name varchar(100), note text, born datetime, balance decimal(12,2), active ${active}, kind enum('a','b')) charset utf8mb4${more}`
const files = (create: string, data: string): Record<string, string> => ({
  'root.yaml': `databaseChangeLog:
  - changeSet: { id: t, author: amy, changes: [ { sql: { sql: "${create}" } } ] }
  - changeSet: { id: load, author: amy, changes: [ { loadData: { file: data.csv, tableName: person, columns: [ ${columns} ] } } ] }
`,
  'data.csv': data,
})

/** Tells what the loads came to: rows, or undefined for the way of statements. */
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

describe.runIf(mariadbUrl !== undefined)('many rows', () => {
  let target: Target
  beforeAll(async () => {
    target = await openTarget('mariadb')
  })
  afterAll(async () => await target.remove())

  const contents = async (): Promise<string> =>
    JSON.stringify((await target.database.session.execute('select * from person order by id, name')).rows)

  async function fill(
    create: string,
    data = csv(),
  ): Promise<{ readonly loads: (number | undefined)[]; readonly rows: string }> {
    await target.empty()
    const { database, loads } = watched(target.database)
    const result = await update(await engineOn(database, { files: files(create, data) }), {}, listen(), undefined)
    expect(result.rowsAffected).toBe(data.endsWith('a\n') ? count + 2 : count + 1)
    return { loads, rows: await contents() }
  }

  test('are loaded, and are the very rows that the statements would make', async () => {
    const loaded = await fill(table())
    expect(loaded.loads).toEqual([count + 1])
    // A table without transactions: then only statements will do.
    const inserted = await fill(table(' engine=MyISAM'))
    expect(inserted.loads.every((rows) => rows === undefined)).toBe(true)
    expect(loaded.rows).toBe(inserted.rows)
    expect(JSON.parse(loaded.rows)).toHaveLength(count + 1)
  })

  test('keep a NUL and the digits behind it', async () => {
    const more = csv('1,A\x0012B,n,2020-01-01,1,true,a\n')
    for (const [create, loads] of [
      [table(), [count + 2]],
      [table(' engine=MyISAM'), undefined],
    ] as const) {
      const loaded = await fill(create, more)
      if (loads !== undefined) expect(loaded.loads).toEqual(loads)
      const { rows } = await target.database.session.execute("select hex(name) as name from person where note = 'n'")
      expect(rows).toEqual([{ name: '4100313242' }])
    }
  })

  test('are not loaded where a type reads texts otherwise than literals', async () => {
    const { loads } = await fill(table('', 'bit(1)'))
    expect(loads.every((rows) => rows === undefined)).toBe(true)
  })

  test.each([
    ['too long', `1,${'x'.repeat(101)},n,2020-01-01,1,true,a\n`, '1406'],
    ['no value of an enumeration', '1,x,n,2020-01-01,1,true,nothing\n', '1265'],
  ])('that are refused are errors and leave nothing: %s', async (_what, bad, code) => {
    await target.empty()
    const context = await engineOn(target.database, { files: files(table(), csv(bad)) })
    const fault = await faultOf(update(context, {}, listen(), undefined), 'change-set-failed')
    expect(fault.databaseCode).toBe(code)
    // The last of six statements of 500 rows each.
    expect(fault.diagnostics[0]?.message).toMatch(
      /in: INSERT INTO \S+ \(id, name, note, born, balance, active, kind\) VALUES \(NULL/,
    )
    expect((await target.database.session.execute('select count(*) as n from person')).rows).toEqual([{ n: 0 }])
  })
})
