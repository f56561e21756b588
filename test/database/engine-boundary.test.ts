// kill -9 after each single statement of an update of 50 change sets: the next update goes on by itself, nothing runs twice, nothing
// is lost, no lock and no journal stay. The short form does the first few boundaries, SLUICE_LONG=1 all of them.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import type { Database } from '#database/port'
import { listJournal } from '#engine/journal'
import { historyRows, engineOn, valuesOf } from './engine.ts'
import { openTarget, sayWhatIsMissing, targetNames } from './target.ts'

sayWhatIsMissing('kill -9 at every statement boundary')

const isLong = process.env['SLUICE_LONG'] !== undefined
const changeSets = 50
const program = fileURLToPath(new URL('boundary-child.mjs', import.meta.url))

const table = (name: string): string =>
  `createTable: { tableName: ${name}, columns: [ { column: { name: id, type: int } }, { column: { name: name, type: varchar(20) } } ] }`
const trace = (id: number): string => `sql: { sql: "insert into trace (id) values (${id})" }`

/** In turn: DDL alone, rows alone, DDL between rows, a new column with values and an index, a view. */
function changesOf(id: number): readonly string[] {
  if (id === 1) return ['createTable: { tableName: trace, columns: [ { column: { name: id, type: int } } ] }']
  switch (id % 5) {
    case 0:
      return [trace(id), `sql: { sql: "insert into trace (id) values (${id}00)" }`]
    case 1:
      return [
        `addColumn: { tableName: t_${id - 4}, columns: [ { column: { name: more, type: int, valueNumeric: 7 } } ] }`,
      ]
    case 2:
      return [table(`t_${id}`)]
    case 3:
      return [trace(id), table(`t_${id}`), `sql: { sql: "insert into t_${id} (id) values (${id})" }`]
    default:
      return [
        `createIndex: { tableName: t_${id - 1}, indexName: ix_${id}, columns: [ { column: { name: id } } ] }`,
        `createView: { viewName: v_${id}, selectQuery: "select id from t_${id - 1}" }`,
      ]
  }
}

const numbers = Array.from({ length: changeSets }, (_, index) => index + 1)
const changelog = `databaseChangeLog:\n${numbers
  .map((id) => {
    const changes = changesOf(id).map((change) => `        - ${change}\n`)
    return `  - changeSet:\n      id: '${id}'\n      author: kill\n      changes:\n${changes.join('')}`
  })
  .join('')}`

/** Opening the embedded PostgreSQL takes seconds; its kills are in engine-kill.test.ts. */
const killable = targetNames.filter((name) => name !== 'pglite')

beforeAll(() => {
  expect(existsSync(resolve('dist/engine/update.js')), 'the product is not built').toBe(true)
})

test.concurrent.each(killable)('killed on %s, the next update does the rest', { timeout: 1_200_000 }, async (name) => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-boundary-'))
  writeFileSync(join(folder, 'c.yaml'), changelog)
  const target = await openTarget(name)
  const victims = new Victims(target.url, folder)
  try {
    expect(await victims.run(0, false), 'an update that nobody disturbs').toBe(changeSets)
    const whole = await stateOf(target.database)
    await expectNothingLeft(target.database)
    // Whether what was sent last arrives is not the same each time; a part of the rounds is enough there.
    for (const [when, limit] of [
      ['after each statement', isLong ? Number.POSITIVE_INFINITY : 8],
      ['as soon as each statement is sent', isLong ? 60 : 8],
    ] as const) {
      await target.database.session.rollback()
      await target.empty()
      const { kills, done } = await killed(target.database, victims, limit, when.startsWith('as soon'))
      if (isLong) console.log(`${name}: killed ${kills} times ${when}, ${done} of ${changeSets} change sets done`)
      expect(kills, when).toBeGreaterThanOrEqual(Math.min(limit, changeSets))
      if (limit > changeSets * 10) expect(done, when).toBe(changeSets)
      await victims.run(0, false)
      expect(await stateOf(target.database), when).toBe(whole)
      await expectNothingLeft(target.database)
    }
  } finally {
    victims.stop()
    await target.remove()
    rmSync(folder, { recursive: true })
  }
})

/** Updates in processes of their own, started beforehand, because loading the program takes longer than the round. */
class Victims {
  readonly #url: string
  readonly #folder: string
  readonly #waiting: ChildProcess[] = []

  constructor(url: string, folder: string) {
    this.#url = url
    this.#folder = folder
  }

  #start(): ChildProcess {
    while (this.#waiting.length < 3) {
      this.#waiting.push(
        spawn(process.execPath, [program], {
          stdio: ['pipe', 'pipe', 'inherit'],
          env: { PATH: process.env['PATH'] ?? '', TZ: 'UTC' },
        }),
      )
    }
    return this.#waiting.shift() as ChildProcess
  }

  /** Resolves with how many change sets ran, or undefined when it was killed. */
  async run(after: number, sent: boolean): Promise<number | undefined> {
    const child = this.#start()
    let said = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    const closed = once(child, 'close')
    child.stdin?.write(`${JSON.stringify({ url: this.#url, folder: this.#folder, file: 'c.yaml', after, sent })}\n`)
    const [code, signal] = (await closed) as [number | null, string | null]
    if (signal === 'SIGKILL') return undefined
    expect([code, signal]).toEqual([0, null])
    return Number(said)
  }

  stop(): void {
    for (const child of this.#waiting) child.kill('SIGKILL')
  }
}

/** Kills after one more statement each time, until something has come about; then counts from one again. */
async function killed(
  database: Database,
  victims: Victims,
  limit: number,
  sent: boolean,
): Promise<{ readonly kills: number; readonly done: number }> {
  let after = 1
  let before = await stateOf(database)
  let kills = 0
  for (; kills < limit && (await victims.run(after, sent)) === undefined; kills += 1) {
    const now = await stateOf(database)
    after = now === before ? after + 1 : 1
    before = now
  }
  return { kills, done: (await recorded(database)).length }
}

async function recorded(database: Database): Promise<readonly unknown[]> {
  const isThere = await database.hasTable(database.defaultSchemaName, 'DATABASECHANGELOG')
  return isThere ? (await historyRows(database)).map((row) => row['id']) : []
}

/** What an update has brought about, without how far the next one is prepared. */
async function stateOf(database: Database): Promise<string> {
  const structure = await database.inspect.fingerprint(undefined)
  const traces = /\btrace\b/.test(structure) ? await valuesOf(database, 'select id from trace order by id') : []
  const tables = [...structure.matchAll(/\b(t_\d+)\b/g)].map(([, found = '']) => found)
  const contents: string[] = []
  for (const one of new Set(tables)) {
    contents.push(JSON.stringify((await database.session.execute(`select * from ${one}`)).rows))
  }
  return JSON.stringify([withoutEngine(structure), await recorded(database), traces, contents])
}

async function expectNothingLeft(database: Database): Promise<void> {
  const locked = await valuesOf(database, 'select LOCKED from DATABASECHANGELOGLOCK')
  expect(locked.map((value) => value === 'true' || value === '1')).toEqual([false])
  const context = await engineOn(database, { files: { 'c.yaml': changelog } })
  expect(await listJournal(context)).toEqual([])
}

/** The tables of the engine itself come at their own time. */
function withoutEngine(fingerprint: string): string {
  return fingerprint
    .split('\n')
    .filter((line) => !/databasechangelog|sluice_journal/i.test(line))
    .join('\n')
}
