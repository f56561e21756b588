// Each setting of the original engine at work: by flag, environment and defaults file.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { openDatabase } from '#database/open'
import { type Place, place, removePlaces } from './place.ts'

afterAll(removePlaces)

const table = (id: string, more = ''): string =>
  `  - changeSet: { id: ${id}, author: amy, changes: [ { createTable: { tableName: t${id}, columns: [ { column: { name: id, type: int } } ] } } ]${more} }\n`
const changelog = (...changeSets: string[]): string => `databaseChangeLog:\n${changeSets.join('')}`

function shop(text = changelog(table('1')), environment: Readonly<Record<string, string>> = {}) {
  const here = place(environment)
  here.write('c.yaml', text)
  const on = [`--url=${here.url}`, '--changelog-file=c.yaml']
  return { ...here, call: async (name: string, ...more: string[]) => await here.sluice(name, ...on, ...more) }
}

async function tablesOf(here: Place): Promise<readonly string[]> {
  const database = await openDatabase({ url: here.url, username: undefined, password: undefined })
  const { rows } = await database.session.execute("select name from sqlite_master where type = 'table' order by name")
  await database.close()
  return rows.map((row) => String(row['name']))
}

describe('a setting', () => {
  test('says in which form checksums with dates are written; both are accepted', async () => {
    const insert = '{ insert: { tableName: t1, columns: [ { column: { name: id, valueDate: "2020-01-02" } } ] } }'
    const dated = `  - changeSet: { id: 2, author: amy, changes: [ ${insert} ] }\n`
    const here = shop(changelog(table('1'), dated))
    const ask = async (...more: string[]): Promise<string> =>
      (
        await here.sluice(
          'calculate-checksum',
          `--url=${here.url}`,
          '--changelog-file=c.yaml',
          '--change-set=c.yaml::2::amy',
          ...more,
        )
      ).out.trim()
    const usual = await ask()
    here.write('liquibase.properties', 'checksumCompatibility=4.33\n')
    expect(await ask()).not.toBe(usual)
    expect((await here.call('update')).code).toBe(0)
    here.write('liquibase.properties', '')
    expect((await here.call('status')).out).toContain('is up to date')
  })

  test('comes from the most specific place, whatever its spelling', async () => {
    const here = shop(changelog(table('1', ', context: a'), table('2', ', context: b'), table('3', ', context: c')), {
      LIQUIBASE_COMMAND_STATUS_CONTEXT_FILTER: 'b',
      LIQUIBASE_COMMAND_CONTEXTS: 'c',
    })
    here.write('liquibase.properties', 'liquibase.command.contextFilter: a\n')
    expect((await here.call('status', '--contexts=a')).out).toContain('c.yaml::1::amy')
    expect((await here.call('status')).out).toContain('c.yaml::2::amy')
    expect((await here.call('update-sql')).out).toContain('CREATE TABLE t3')
    const plain = shop(changelog(table('1', ', context: a'), table('2', ', context: b')))
    plain.write('liquibase.properties', 'liquibase.command.update.contexts=b\ncontexts=a\n')
    expect((await plain.call('status')).out).toContain('     c.yaml::1::amy')
    await plain.call('update')
    expect(await tablesOf(plain)).toContain('t2')
  })

  test('of liquibase.local.properties wins over that of liquibase.properties', async () => {
    const here = place()
    here.write('one.yaml', changelog(table('1')))
    here.write('two.yaml', changelog(table('2')))
    here.write('liquibase.properties', `url: ${here.url}\nchangelog-file: one.yaml\n`)
    here.write('liquibase.local.properties', 'changelogFile: two.yaml\n')
    expect((await here.sluice('status')).out).toContain('two.yaml::2::amy')
    expect((await here.sluice('status', '--changelog-file=one.yaml')).out).toContain('one.yaml::1::amy')
  })

  test('without meaning is named, an unknown one too, and strict makes that an error', async () => {
    const here = shop()
    here.write(
      'liquibase.properties',
      'driver: org.sqlite.JDBC\nliquibase.hub.mode: off\nliquibase.pro.licenseKey: x\nchnagelog-file: c.yaml\nliquibase.sql.logLevel: INFO\n',
    )
    await here.call('update')
    const { code, err } = await here.call('status')
    expect(code).toBe(0)
    expect(err).toContain('liquibase.properties: nothing reads the key chnagelog-file; is changelog-file meant?')
    expect(err).toContain('without meaning for Sluice: driver, liquibase.hub.mode, liquibase.pro.licenseKey')
    expect(err).toContain('SELECT')
    expect((await here.call('status', '--log-level=severe')).err).toBe('')
    const strict = await here.sluice('--strict', 'status')
    expect([strict.code, strict.err]).toEqual([2, expect.stringContaining('unknown keys: chnagelog-file')])
  })

  test.each([
    ['convert-data-types', 'false', 'true'],
    ['trim-load-data-file-header', 'true', 'false'],
    ['use-procedure-schema', 'false', 'true'],
    ['preserve-schema-case', 'true', 'false'],
    ['liquibase-tablespace-name', 'fast', ''],
  ])('%s=%s is refused with the reason, its usual value is fine', async (name, value, usual) => {
    const { call } = shop()
    const refused = await call('status', `--${name}=${value}`)
    expect([refused.code, refused.err]).toEqual([
      2,
      expect.stringMatching(new RegExp(`--${name} ${value}: .+[\\s\\S]+Take`)),
    ])
    expect((await call('status', `--${name}=${usual}`)).code).toBe(0)
  })
})

describe('settings of reading', () => {
  test('missing-property-mode and support-property-escaping', async () => {
    const some = changelog(
      '  - changeSet: { id: 1, author: amy, changes: [ { sql: { sql: "select \'${nope}\'" } } ] }\n',
    )
    const { call } = shop(some)
    expect((await call('update-sql')).out).toContain("select '${nope}';")
    expect((await call('update-sql', '--missing-property-mode=empty')).out).toContain("select '';")
    expect((await call('update-sql', '--missingPropertyMode=ERROR')).code).toBe(2)
    const escaped = shop(some.replace('${nope}', '${:nope}'))
    expect((await escaped.call('update-sql', '--support-property-escaping')).out).toContain("select '${nope}';")
  })

  test('on-missing-include-changelog, changelog-parse-mode and strict', async () => {
    const { call } = shop(changelog('  - include: { file: none.yaml }\n', table('1')))
    expect((await call('status')).code).toBe(2)
    const quiet = await call('status', '--on-missing-include-changelog=warn', '--log-level=severe')
    expect(quiet).toMatchObject({ code: 0, err: '' })
    const warned = await call('status', '--on-missing-include-changelog=warn', '--log-level=warning')
    expect([warned.code, warned.err]).toEqual([0, expect.stringContaining('none.yaml')])
    const odd = shop(
      changelog('  - changeSet: { id: 1, author: amy, changes: [ { creatTable: { tableName: x } } ] }\n'),
    )
    expect((await odd.call('status')).code).toBe(2)
    expect((await odd.call('status', '--changelog-parse-mode=LAX')).code).toBe(0)
    const nobody = shop(changelog('  - changeSet: { id: 1, changes: [] }\n'))
    expect((await nobody.call('status', '--strict=true')).code).toBe(2)
  })

  test('file-encoding counts for changelogs and for the files they name', async () => {
    const { call, path } = shop(changelog('  - include: { file: d.sql }\n'))
    const text = `-- liquibase formatted sql\n-- changeset amy:1\ncreate table a (name varchar(20));\n-- changeset amy:2\ninsert into a values ('Größe');\n`
    writeFileSync(join(path, 'd.sql'), Buffer.from(text, 'latin1'))
    const latin = await call('update-sql', '--file-encoding=ISO-8859-1')
    expect([latin.code, latin.out.includes("insert into a values ('Größe');")]).toEqual([0, true])
    expect((await call('update-sql')).err).toContain('bytes that are not UTF-8')
    const loading = shop(
      changelog(
        table('1'),
        '  - changeSet: { id: 2, author: amy, changes: [ { loadData: { tableName: t1, file: d.csv } } ] }\n',
      ),
    )
    writeFileSync(join(loading.path, 'd.csv'), Buffer.from('name\nGrün\n', 'latin1'))
    expect((await loading.call('update-sql', '--file-encoding=iso-8859-1')).out).toContain("'Grün'")
    expect((await loading.call('update-sql', '--file-encoding=nonsense')).code).toBe(2)
  })

  test('duplicate-file-mode and search-path', async () => {
    const here = place()
    for (const folder of ['a', 'b']) {
      mkdirSync(join(here.path, folder))
      writeFileSync(join(here.path, folder, 'c.yaml'), changelog(table(folder === 'a' ? '1' : '2')))
    }
    const flags = [`--url=${here.url}`, '--changelog-file=c.yaml', '--search-path=a,b']
    expect((await here.sluice('status', ...flags)).err).toContain('two folders of the search path')
    expect((await here.sluice('status', ...flags, '--duplicate-file-mode=WARN')).out).toContain('c.yaml::1::amy')
  })

  test('allow-duplicated-changeset-identifiers takes the first, as the original engine does', async () => {
    const { call } = shop(changelog(table('1'), table('1').replace('t1', 't2')))
    expect((await call('update')).code).toBe(2)
    const allowed = await call('update', '--allow-duplicated-changeset-identifiers=true')
    expect([allowed.code, allowed.out]).toEqual([0, expect.stringContaining('Run:                          1\n')])
    expect((await call('rollback-count', '1', '--allow-duplicated-changeset-identifiers')).code).toBe(0)
  })

  test('changelog-parameters, -D and parameter. lines, the flag first', async () => {
    const { call, write } = shop(changelog(table('1').replace('t1', '"${name}_${owner}"')))
    write('liquibase.properties', 'parameter.name=from_file\nparameter.owner=ann\n')
    expect((await call('update-sql')).out).toContain('CREATE TABLE from_file_ann')
    expect((await call('update-sql', '--changelog-parameters=name=one,owner=two')).out).toContain(
      'CREATE TABLE one_two',
    )
    expect((await call('update-sql', '--changelog-parameters=name=one', '-Dname=flag')).out).toContain('TABLE flag_ann')
  })
})

describe('settings of running', () => {
  test('schemas are found whatever the letter case, as a server folds it', async () => {
    const here = place()
    here.write('c.yaml', changelog(table('1')))
    const url = `--url=jdbc:pglite:${join(here.path, 'data')}`
    await here.sluice('execute-sql', url, '--sql=create schema sales; create schema book')
    const flags = [url, '--changelog-file=c.yaml', '--default-schema-name=SALES', '--liquibase-schema-name=BOOK']
    const printed = await here.sluice('update-sql', ...flags)
    expect(printed.err).toBe('')
    expect(printed.out).toContain('CREATE TABLE sales.t1 (id INTEGER);')
    expect(printed.out).toContain('INSERT INTO BOOK.databasechangelog (')
    expect((await here.sluice('update', ...flags)).code).toBe(0)
    expect((await here.sluice('status', ...flags)).out).toContain('is up to date')
    const nowhere = await here.sluice('status', url, '--changelog-file=c.yaml', '--default-schema-name=nope')
    expect([nowhere.code, nowhere.err]).toEqual([3, expect.stringContaining('no schema "nope"')])
  }, 60_000)

  test('names of the history tables', async () => {
    const here = shop()
    await here.call('update', '--database-changelog-table-name=H', '--databaseChangeLogLockTableName=L')
    expect(await tablesOf(here)).toEqual(['H', 'L', 't1'])
  })

  test('the waiting time for a lock, in minutes and in seconds', async () => {
    const here = shop()
    await here.call('update')
    const lock = "update DATABASECHANGELOGLOCK set LOCKED = 1, LOCKEDBY = 'ann', LOCKGRANTED = '2026-01-02'"
    const database = await openDatabase({ url: here.url, username: undefined, password: undefined })
    await database.session.execute(lock)
    await database.close()
    const started = Date.now()
    const locked = await here.sluice(
      'tag',
      'x',
      `--url=${here.url}`,
      '--changelog-lock-wait-time-in-minutes=0.005',
      '--changelog-lock-poll-rate=0.1',
    )
    expect([locked.code, Date.now() - started < 5000]).toEqual([4, true])
  })

  test('always-drop-instead-of-replace', async () => {
    const view =
      '  - changeSet: { id: 1, author: amy, changes: [ { createView: { viewName: v, replaceIfExists: true, selectQuery: select 1 as x } } ] }\n'
    const { call } = shop(changelog(view))
    const { out } = await call('update-sql', '--always-drop-instead-of-replace')
    expect(out).toContain('DROP VIEW IF EXISTS v;\n\nCREATE VIEW v AS select 1 as x;')
  })

  test('should-run=false does nothing', async () => {
    const here = shop()
    const { code, out } = await here.sluice(
      '--should-run=false',
      'update',
      `--url=${here.url}`,
      '--changelog-file=c.yaml',
    )
    expect([code, out]).toEqual([0, "Sluice did not run because '--should-run' was set to false"])
    expect(await tablesOf(here)).toEqual([])
  })

  test('log-file, log-format, log-level and sql-log-level', async () => {
    const { call, read } = shop()
    await call('update', '--log-file=run.log', '--log-level=FINE')
    expect(read('run.log')).toMatch(/^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] \w+ \[sluice\] /)
    expect(read('run.log')).toContain('INFO [sluice] Running Changeset: c.yaml::1::amy\n')
    expect(read('run.log')).toContain('FINE [sluice] CREATE TABLE t1 (id INTEGER)')
    await call('validate', '--log-file=json.log', '--log-format=json')
    expect(JSON.parse(read('json.log').split('\n')[0] ?? '')).toEqual({
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      level: 'INFO',
      message: 'No validation errors found.',
    })
    expect((await call('status', '--sql-log-level=INFO')).err).toContain('FROM DATABASECHANGELOG')
    expect((await call('status', '--log-level=loud')).code).toBe(2)
    expect((await call('status', '--log-file=no/such/folder')).code).toBe(2)
  })

  test('output-file-encoding', async () => {
    const { call, path } = shop(changelog(table('1').replace('t1', '"größe"')))
    await call('update-sql', '--output-file=x.sql', '--output-file-encoding=ISO-8859-1')
    const { readFileSync } = await import('node:fs')
    expect(readFileSync(join(path, 'x.sql')).includes(Buffer.from('größe', 'latin1'))).toBe(true)
  })

  test('a command that failed saves nothing as its output', async () => {
    const { call } = shop(changelog(table('1')))
    expect((await call('update-sql', '--output-file=x.sql')).err).toContain('Output saved to x.sql')
    const failed = await call('update-to-tag-sql', '--tag=nope', '--changelog-file=nope.yaml', '--output-file=x.sql')
    expect(failed.code).not.toBe(0)
    expect(failed.err).not.toContain('x.sql')
  })
})
