// kill -9 after each single statement of an update of 50 change sets: the next update goes on by itself, nothing runs twice, nothing
// is lost, no lock and no journal stay. The short form does the first few boundaries, SLUICE_LONG=1 all that a minute is enough for.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listJournal } from '#engine/journal'
import { historyRows, engineOn, valuesOf } from './engine.ts'
import { openTarget, sayWhatIsMissing, type Target, targetNames } from './target.ts'

sayWhatIsMissing('kill -9 at every statement boundary')

const isLong = process.env['SLUICE_LONG'] !== undefined
const rounds = isLong ? Infinity : 8
const changeSets = 50
/** Milliseconds for the boundaries of one database. How far it came is said. */
const budget = 60_000
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
describe.each(targetNames.filter((name) => name !== 'pglite'))('killed on %s', (name) => {
  let folder: string
  let target: Target
  beforeAll(async () => {
    expect(existsSync(resolve('dist/engine/update.js')), 'the product is not built').toBe(true)
    folder = mkdtempSync(join(tmpdir(), 'sluice-boundary-'))
    writeFileSync(join(folder, 'c.yaml'), changelog)
    target = await openTarget(name)
  })
  afterAll(async () => {
    for (const child of waiting) child.kill('SIGKILL')
    await target.remove()
    rmSync(folder, { recursive: true })
  })

  /** Started beforehand, because loading the program takes longer than the round. */
  const waiting: ChildProcess[] = []
  function start(): ChildProcess {
    while (waiting.length < 3) {
      waiting.push(
        spawn(process.execPath, [program], {
          stdio: ['pipe', 'pipe', 'inherit'],
          env: { PATH: process.env['PATH'] ?? '', TZ: 'UTC' },
        }),
      )
    }
    return waiting.shift() as ChildProcess
  }

  /** Resolves with how many change sets ran, or undefined when it was killed. */
  async function run(after: number, sent: boolean): Promise<number | undefined> {
    const child = start()
    let said = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    const closed = once(child, 'close')
    child.stdin?.write(`${JSON.stringify({ url: target.url, folder, file: 'c.yaml', after, sent })}\n`)
    const [code, signal] = (await closed) as [number | null, string | null]
    if (signal === 'SIGKILL') return undefined
    expect([code, signal]).toEqual([0, null])
    return Number(said)
  }

  /** What an update has brought about, without how far the next one is prepared. */
  async function state(): Promise<string> {
    const { database } = target
    const structure = await database.inspect.fingerprint(undefined)
    const isThere = await database.hasTable(database.defaultSchemaName, 'DATABASECHANGELOG')
    const rows = isThere ? (await historyRows(database)).map((row) => row['id']) : []
    const traces = /\btrace\b/.test(structure) ? await valuesOf(database, 'select id from trace order by id') : []
    const tables = [...structure.matchAll(/\b(t_\d+)\b/g)].map(([, found = '']) => found)
    const contents: string[] = []
    for (const one of new Set(tables)) {
      contents.push(JSON.stringify((await database.session.execute(`select * from ${one}`)).rows))
    }
    return JSON.stringify([withoutEngine(structure), rows, traces, contents])
  }

  async function expectNothingLeft(): Promise<void> {
    const { database } = target
    const locked = await valuesOf(database, 'select LOCKED from DATABASECHANGELOGLOCK')
    expect(locked.map((value) => value === 'true' || value === '1')).toEqual([false])
    const context = await engineOn(database, { files: { 'c.yaml': changelog } })
    expect(await listJournal(context)).toEqual([])
  }

  let whole: string
  test('an update that nobody disturbs', { timeout: 60_000 }, async () => {
    expect(await run(0, false)).toBe(changeSets)
    whole = await state()
    await expectNothingLeft()
  })

  /** Kills after one more statement each time, until something has come about; then counts from one again. */
  async function killed(limit: number, sent: boolean): Promise<number> {
    await target.database.session.rollback()
    await target.empty()
    let after = 1
    let before = await state()
    let kills = 0
    const begun = Date.now()
    for (; kills < limit && Date.now() - begun < budget; kills += 1) {
      if ((await run(after, sent)) !== undefined) return kills
      const now = await state()
      after = now === before ? after + 1 : 1
      before = now
    }
    const done = (JSON.parse(before) as readonly (readonly unknown[])[])[1]?.length
    if (isLong) console.log(`${name}: killed ${kills} times, ${done} of ${changeSets} change sets done`)
    return kills
  }

  test.each([
    ['after each statement', false],
    ['as soon as each statement is sent', true],
  ])('%s: the next update does the rest', { timeout: 600_000 }, async (_when, sent) => {
    // Whether what was sent last arrives is not the same each time; a part of the rounds is enough there.
    const kills = await killed(sent ? Math.min(rounds, 60) : rounds, sent)
    expect(kills).toBeGreaterThan(5)
    await run(0, false)
    expect(await state()).toBe(whole)
    await expectNothingLeft()
  })
})

/** The tables of the engine itself come at their own time. */
function withoutEngine(fingerprint: string): string {
  return fingerprint
    .split('\n')
    .filter((line) => !/databasechangelog|sluice_journal/i.test(line))
    .join('\n')
}
