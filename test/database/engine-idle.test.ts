// What is remembered between runs is only ever "nothing to do", and nothing that matters may change without being seen.
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { memorySource } from '#changelog/memory'
import { openMemory } from '#cli/target/memory'
import type { Terminal } from '#cli/terminal'
import type { Database } from '#database/port'
import type { ChangelogOptions } from '#engine/context'
import { type Memory, updateWithMemory } from '#engine/idle/update'
import { targetOf } from '#engine/open'
import { changeSet, sql, table, yaml } from './changelog.ts'
import { faultOf, listen, openSuite, type Suite } from './engine.ts'
import { sayWhatIsMissing, targetNames } from './target.ts'

sayWhatIsMissing('updates that have nothing to do')

/** Counts what was believed, and keeps all texts. */
function memoryOf(program = 'one'): Memory & { readonly texts: Map<string, string>; writes: number } {
  const texts = new Map<string, string>()
  return {
    program,
    texts,
    writes: 0,
    read: (key) => Promise.resolve(texts.get(key)),
    write(key, text) {
      texts.set(key, text)
      this.writes += 1
      return Promise.resolve()
    },
  }
}

describe.each(targetNames)('an update that has nothing to do on %s', (kind) => {
  let suite: Suite
  let database: Database
  beforeAll(async () => {
    suite = await openSuite(kind)
  })
  afterAll(async () => await suite.close())

  type Input = Partial<ChangelogOptions> & { readonly text: Readonly<Record<string, string>>; readonly log?: string[] }

  /** What the run came to, and how many files it read more than once or decoded anew is told by `parsed`. */
  async function run(memory: Memory, { text, log = [], ...options }: Input): Promise<string> {
    const target = targetOf({
      database,
      host: 'test (127.0.0.1)',
      run: 'idle',
      clock: Date.now,
      log: (line) => void log.push(line),
      lockWait: { patience: 0, interval: 5 },
    })
    const changelog = { files: memorySource(text), changelogFile: 'root.yaml', ...options }
    const { ran, plan } = await updateWithMemory(target, changelog, memory, {}, listen())
    return `${ran} ran, ${plan.alreadyRan} before, ${plan.filtered.length} filtered`
  }

  const one = yaml(changeSet('1', table('a')), changeSet('2', table('b'), 'context: prod'))

  /** A database that is up to date with `input`, and that remembers it. */
  async function settled(input: Input): Promise<ReturnType<typeof memoryOf>> {
    database = await suite.fresh()
    const memory = memoryOf()
    await run(memory, input)
    expect(memory.writes).toBe(0)
    await run(memory, input)
    expect(memory.writes).toBe(1)
    return memory
  }

  test('says the same the next time, without writing again', async () => {
    const memory = await settled({ text: one, contexts: 'dev' })
    expect(await run(memory, { text: one, contexts: 'dev' })).toBe('0 ran, 1 before, 1 filtered')
    expect(memory.writes).toBe(1)
  })

  test('believes what it kept only for the same files, settings, program and history', async () => {
    const memory = await settled({ text: one, contexts: 'dev' })
    const changed = yaml(changeSet('1', table('a')), changeSet('2', table('b')))
    expect(await run(memory, { text: one, contexts: 'prod' })).toBe('1 ran, 1 before, 0 filtered')
    expect(await run(memory, { text: changed, contexts: 'dev' })).toBe('0 ran, 2 before, 0 filtered')
    await database.session.execute("delete from DATABASECHANGELOG where ID = '2'")
    await database.session.execute('drop table b')
    expect(await run(memory, { text: changed, contexts: 'dev' })).toBe('1 ran, 1 before, 0 filtered')
    // A lie that only another program could have told.
    for (const [key, value] of memory.texts) memory.texts.set(key, value.replace(/"alreadyRan":\d+/, '"alreadyRan":99'))
    expect(await run({ ...memory, program: 'two' }, { text: changed, contexts: 'dev' })).toBe(
      '0 ran, 2 before, 0 filtered',
    )
  })

  test('sees a row that was edited, and a change set that was', async () => {
    const memory = await settled({ text: one })
    await database.session.execute(
      "update DATABASECHANGELOG set MD5SUM = '9:00000000000000000000000000000000' where ID = '1'",
    )
    await faultOf(run(memory, { text: one }), 'checksum-changed')
    const again = await settled({ text: one })
    await faultOf(run(again, { text: yaml(changeSet('1', table('other'))) }), 'checksum-changed')
  })

  test('sees a file that was added to a folder, and one that a change set reads', async () => {
    const text = {
      'root.yaml': 'databaseChangeLog:\n  - includeAll: { path: parts }\n',
      'parts/1.yaml': `databaseChangeLog:${changeSet('1', '\n        - sqlFile: { path: query.txt }')}\n`,
      'query.txt': 'create table a (i int)',
    }
    const memory = await settled({ text })
    const added = { ...text, 'parts/2.yaml': `databaseChangeLog:${changeSet('2', table('b'))}\n` }
    expect(await run(memory, { text: added })).toBe('1 ran, 1 before, 0 filtered')
    const again = await settled({ text })
    await faultOf(run(again, { text: { ...text, 'query.txt': 'create table a (i int, j int)' } }), 'checksum-changed')
  })

  test('sees a property whose value comes from the environment, and does not mind the rest of it', async () => {
    const text = yaml(changeSet('1', sql('create table ${Table} (i int)')))
    const memory = await settled({ text, environment: { TABLE: 'a', SHLVL: '1' } })
    expect(await run(memory, { text, environment: { TABLE: 'a', SHLVL: '2' } })).toBe('0 ran, 1 before, 0 filtered')
    expect(memory.writes).toBe(1)
    await faultOf(run(memory, { text, environment: { TABLE: 'b' } }), 'checksum-changed')
  })

  test('asks preconditions of the changelog each time', async () => {
    const text = {
      'root.yaml': `databaseChangeLog:\n  - preConditions:\n      - sqlCheck: { expectedResult: 0, sql: "select count(*) from switch" }${changeSet('1', table('a'))}\n`,
    }
    database = await suite.fresh()
    await database.session.execute('create table switch (i int)')
    const memory = memoryOf()
    for (const _ of [1, 2]) await run(memory, { text })
    expect(memory.writes).toBe(0)
    await database.session.execute('insert into switch values (1)')
    await faultOf(run(memory, { text }), 'precondition-failed')
  })

  test('refuses what nobody has decided, and what is approved otherwise', async () => {
    const memory = await settled({ text: one })
    const changelog = { files: memorySource(one), changelogFile: 'root.yaml' }
    const target = targetOf({ database, host: 'h', run: 'r', clock: Date.now, log: () => {} })
    await faultOf(updateWithMemory(target, changelog, memory, { approvedDigest: 'other' }, listen()), 'plan-changed')
    // Where DDL is outside of transactions there is one already.
    await database.session.execute('drop table if exists SLUICE_JOURNAL')
    await database.session.execute(
      'create table SLUICE_JOURNAL (RUN varchar(64), FILENAME varchar(255), ID varchar(255), AUTHOR varchar(255), DIRECTION varchar(8), STATEMENT int, STATEMENTS int, STATE varchar(8), STARTEDAT varchar(30), DIGEST varchar(64), ERROR varchar(255))',
    )
    await database.session.execute(
      "insert into SLUICE_JOURNAL values ('r', 'root.yaml', '1', 'amy', 'apply', 1, 2, 'STARTED', 'then', 'd', null)",
    )
    await faultOf(run(memory, { text: one }), 'outcome-unknown')
  })
})

describe('the files of the memory', () => {
  const folders: string[] = []
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  })
  const open = async (environment: Record<string, string>, folder = '/'): Promise<Memory | undefined> =>
    await openMemory({ environment, folder } as unknown as Terminal)
  const place = (): string => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-memory-'))
    folders.push(folder)
    return folder
  }

  test('are kept, and can be switched off', async () => {
    const folder = place()
    const memory = await open({ SLUICE_CACHE: folder })
    await memory?.write('key', 'text')
    expect(await (await open({ SLUICE_CACHE: folder }))?.read('key')).toBe('text')
    expect(await open({ SLUICE_CACHE: 'off', HOME: folder })).toBeUndefined()
    expect(await open({})).toBeUndefined()
  })

  test('are not believed when they are torn, when others may write to them, or when they are links', async () => {
    const folder = place()
    const memory = await open({ SLUICE_CACHE: folder })
    const file = join(folder, 'idle', 'key.idle')
    await memory?.write('key', 'text')
    const whole = readFileSync(file, 'utf8')
    writeFileSync(file, whole.replace('text', 'lies'))
    expect(await memory?.read('key')).toBeUndefined()
    writeFileSync(file, whole)
    chmodSync(file, 0o666)
    expect(await memory?.read('key')).toBeUndefined()
    chmodSync(file, 0o600)
    expect(await memory?.read('key')).toBe('text')
    symlinkSync(file, join(folder, 'idle', 'link.idle'))
    expect(await memory?.read('link')).toBeUndefined()
    chmodSync(join(folder, 'idle'), 0o755)
    expect(await open({ SLUICE_CACHE: folder })).toBeUndefined()
  })

  test('do not mix when many write at once, and are not more than a few', async () => {
    const folder = place()
    const memory = await open({ SLUICE_CACHE: folder })
    await Promise.all(
      Array.from({ length: 20 }, async (_, n) => await memory?.write('same', `${n}:${'x'.repeat(50_000)}`)),
    )
    expect(await memory?.read('same')).toMatch(/^\d+:x{50000}$/)
    for (let n = 0; n < 80; n += 1) await memory?.write(`key-${n}`, 'text')
    const names = readdirSync(join(folder, 'idle'))
    expect(names.length).toBeLessThanOrEqual(65)
    expect(names).toContain('key-79.idle')
  })
})
