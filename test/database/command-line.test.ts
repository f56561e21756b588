// The command line against databases: what it prints and where, its exit codes, and what it says about bad input.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { place, removePlaces, type Said } from './place.ts'
import { sayWhatIsMissing, serverUrl } from './target.ts'

sayWhatIsMissing('the command line')
afterAll(removePlaces)

const changelog = `databaseChangeLog:
  - changeSet:
      id: 1
      author: amy
      changes:
        - createTable: { tableName: a, columns: [ { column: { name: id, type: int } } ] }
  - changeSet:
      id: 2
      author: amy
      changes:
        - tagDatabase: { tag: v1 }
  - changeSet:
      id: 3
      author: amy
      changes:
        - createTable: { tableName: c, columns: [ { column: { name: id, type: int } } ] }
`

describe('the commands', () => {
  test('do the main job with flags as Liquibase users write them', async () => {
    const { sluice, url, write, path } = place()
    write('c.yaml', changelog)
    const flags = [`--url=${url}`, '--changelog-file=c.yaml']
    const status = await sluice('status', ...flags)
    expect(status.code).toBe(0)
    // A name that was mistyped makes no database.
    expect(status.err).toBe(`There is no file ${join(path, 'shop.db')}; an empty database stands for it.`)
    expect(existsSync(join(path, 'shop.db'))).toBe(false)
    const snapshot = await sluice('snapshot', `--url=${url}`)
    expect([snapshot.code, snapshot.err]).toEqual([3, expect.stringContaining('there is no file')])
    expect(existsSync(join(path, 'shop.db'))).toBe(false)
    expect(status.out).toContain('3 changesets have not been applied')
    expect(status.out).toContain('     c.yaml::1::amy')
    expect(existsSync(join(path, 'shop.db-journal'))).toBe(false)

    const updated = await sluice(...flags, 'update')
    expect(updated.code).toBe(0)
    expect(updated.err).toContain('Running Changeset: c.yaml::1::amy\n')
    expect(updated.out).toContain('UPDATE SUMMARY\nRun:                          3\nPreviously run:               0\n')
    expect((await sluice('update', ...flags)).err).toContain('Database is up to date, no changesets to execute')

    expect((await sluice('history', `--url=${url}`)).out).toContain(
      '| c.yaml         | amy              | 2            | v1  |',
    )
    expect((await sluice('tagExists', '--tag=v1', `--url=${url}`)).err).toContain("The tag 'v1' already exists in")
    expect((await sluice('tag-exists', 'v2', `--url=${url}`)).err).toContain("The tag 'v2' does NOT exist in")
    const back = await sluice('rollback', '--tag=v1', ...flags)
    expect(back.err).toContain('2 changesets rolled back')
    expect(back.err).toContain('Rolling Back Changeset: c.yaml::3::amy')
    expect((await sluice('updateSQL', '--changeLogFile=c.yaml', `--url=${url}`)).out).toContain(
      '-- Changeset c.yaml::3::amy\nCREATE TABLE c (id INTEGER);',
    )
    expect((await sluice('rollback-count-sql', '1', ...flags)).out).toContain('DROP TABLE a;')
    expect((await sluice('update-count', '--count=1', ...flags)).code).toBe(0)
    expect((await sluice('tag', 'mine', `--url=${url}`)).err).toContain('Successfully tagged')
    expect((await sluice('list-locks', `--url=${url}`)).out).toContain(' - No locks')
    expect((await sluice('validate', ...flags)).err).toBe('No validation errors found.')
    expect((await sluice('calculate-checksum', 'c.yaml::1::amy', ...flags)).out).toMatch(/^9:[0-9a-f]{32}$/)
    expect((await sluice('journal', `--url=${url}`)).out).toBe('Nothing was interrupted.')
  })

  test('give data as JSON when asked', async () => {
    const { sluice, url, write } = place()
    write('c.yaml', changelog)
    const flags = [`--url=${url}`, '--changelog-file=c.yaml', '--format=json']
    expect(JSON.parse((await sluice('status', ...flags)).out)).toMatchObject({
      pending: ['c.yaml::1::amy', 'c.yaml::2::amy', 'c.yaml::3::amy'],
    })
    const preview = JSON.parse((await sluice('update-sql', ...flags)).out) as { changeSets: unknown[]; digest: string }
    expect(preview.changeSets).toHaveLength(3)
    expect(JSON.parse((await sluice('update', ...flags)).out)).toMatchObject({ ran: 3, digest: preview.digest })
    const rows = JSON.parse((await sluice('history', `--url=${url}`, '--format', 'json')).out) as { tag?: string }[]
    expect(rows.map((row) => row.tag)).toEqual([undefined, 'v1', undefined])
  })

  test('read liquibase.properties and the environment', async () => {
    const { sluice, url, write } = place({ LIQUIBASE_COMMAND_CONTEXTS: 'dev' })
    write(
      'c.yaml',
      `databaseChangeLog:
  - changeSet: { id: 1, author: amy, context: prod, changes: [ { sql: { sql: select 1 } } ] }
  - changeSet: { id: 2, author: amy, changes: [ { createTable: { tableName: "\${name}", columns: [ { column: { name: id, type: int } } ] } } ] }
`,
    )
    write(
      'liquibase.properties',
      `changeLogFile=c.yaml\nurl: ${url}\nparameter.name=from_file\nclasspath=ignored.jar\n`,
    )
    expect((await sluice('update-sql')).out).toContain('CREATE TABLE from_file')
    const updated = await sluice('update', '-Dname=from_flag', '--driver=org.sqlite.JDBC')
    expect(updated.err).toContain('--driver has no meaning')
    expect(updated.out).toContain('Context mismatch:             1')
    expect((await sluice('rollback-count-sql', '--count=1', '-Dname=from_flag')).out).toContain('DROP TABLE from_flag')
  })

  test('explain themselves', async () => {
    const { sluice } = place()
    const help = await sluice('--help')
    expect(help).toMatchObject({ code: 0, err: '' })
    for (const name of ['up', 'demo', 'step', 'update', 'rollback-sql', 'release-locks'])
      expect(help.out).toContain(` ${name} `)
    const update = await sluice('update', '--help')
    expect([update.code, update.out.includes('--changelog-file <path>')]).toEqual([0, true])
    expect((await sluice('--version')).out).toMatch(/^\d+\.\d+\.\d+$/)
    const wrong = await sluice('updaet')
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('Did you mean update?')])
    expect((await sluice('update', '--nonsense=1')).code).toBe(2)
    const misspelt = await sluice('update', '--passwrod=secret')
    expect([misspelt.code, misspelt.err]).toEqual([2, expect.stringContaining('Did you mean --password?')])
    expect(misspelt.err).not.toContain('secret')
    for (const flag of ['-passwrod=secret', '--passwrod:secret']) {
      const { err } = await sluice('update', flag)
      expect([err.includes('Did you mean --password?'), err.includes('secret')]).toEqual([true, false])
    }
    expect((await sluice('update')).err).toMatch(/--url is missing.*\n.*LIQUIBASE_COMMAND_URL/)
    expect((await sluice('rollback-count', '--count=0', '--url=jdbc:sqlite::memory:', '--changelog-file=x')).code).toBe(
      2,
    )
  })

  test('complete in bash', async () => {
    const { sluice } = place()
    const { code, out } = await sluice('completion')
    expect(code).toBe(0)
    const complete = (words: readonly string[]): readonly string[] => {
      const list = words.map((word) => `'${word}'`).join(' ')
      const script = `${out}\nCOMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _sluice; printf '%s\\n' "\${COMPREPLY[@]}"`
      return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n')
    }
    expect(complete(['sluice', 'update-t'])).toEqual(['update-to-tag', 'update-testing-rollback', 'update-to-tag-sql'])
    expect(complete(['sluice', 'update', '--changelog-f'])).toEqual(['--changelog-file'])
    expect((await sluice('completion', 'tcsh')).code).toBe(2)
  })

  test('run the shop from its folder', async () => {
    const { sluice, url, path } = place()
    cpSync('examples/shop', join(path, 'shop'), { recursive: true })
    const flags = [`--url=${url}`, '--changelog-file=changelog.yaml', '--search-path=shop', '--contexts=dev']
    expect((await sluice('update', ...flags)).code).toBe(0)
    expect((await sluice('status', ...flags)).out).toContain('is up to date')
  })
})

describe('bad input', () => {
  const withChangelog = (text: string, name = 'c.yaml') => {
    const here = place()
    here.write(name, text)
    return { ...here, update: async () => await here.sluice('update', `--url=${here.url}`, `--changelog-file=${name}`) }
  }
  /** Neither history nor lock table nor anything else. */
  const untouched = async (url: string): Promise<void> => {
    const { openDatabase } = await import('#database/open')
    const database = await openDatabase({ url, username: undefined, password: undefined })
    expect((await database.session.execute('select name from sqlite_master')).rows).toEqual([])
    await database.close()
  }

  test.each([
    [
      'xml',
      'c.xml',
      '<databaseChangeLog>\n  <changeSet id="1" author="a">\n</databaseChangeLog>',
      /c\.xml:\d+:\d+ error /,
    ],
    ['yaml', 'c.yaml', 'databaseChangeLog:\n  - changeSet:\n      id: "1\n      author: a\n', /c\.yaml:\d+:\d+ error /],
    [
      'json',
      'c.json',
      '{ "databaseChangeLog": [\n  { "changeSet": { "id": 1 "author": "a" } }\n] }',
      /c\.json:2:\d+ error /,
    ],
    ['formatted SQL', 'c.sql', '-- liquibase formatted sql\n\n-changeset a:1\nselect 1;\n', /c\.sql:3:\d+ error /],
    [
      'change type',
      'c.yaml',
      'databaseChangeLog:\n  - changeSet:\n      id: 1\n      author: a\n      changes:\n        - creatTable: { tableName: a }\n',
      /c\.yaml:6:\d+ error .*creatTable.*\n.*createTable/,
    ],
    [
      'attribute',
      'c.yaml',
      'databaseChangeLog:\n  - changeSet:\n      id: 1\n      author: a\n      changes:\n        - dropTable: { cascadeConstraints: true }\n',
      /c\.yaml:6:\d+ error .*tableName/,
    ],
    [
      'identity',
      'c.yaml',
      'databaseChangeLog:\n  - changeSet: { id: 1, author: a, changes: [] }\n  - changeSet: { id: 1, author: a, changes: [] }\n',
      /c\.yaml:3:\d+ error changelog\/duplicate-identity.*c\.yaml:2/,
    ],
    [
      'include',
      'c.yaml',
      'databaseChangeLog:\n  - include: { file: nowhere.xml }\n',
      /c\.yaml:2:\d+ error .*nowhere\.xml/,
    ],
    [
      'include cycle',
      'c.yaml',
      'databaseChangeLog:\n  - include: { file: c.yaml }\n',
      /c\.yaml:2:\d+ error .*\n?.*c\.yaml/,
    ],
    [
      'precondition',
      'c.yaml',
      'databaseChangeLog:\n  - changeSet:\n      id: 1\n      author: a\n      preConditions: [ { tabelExists: { tableName: a } } ]\n      changes: []\n',
      /c\.yaml:5:\d+ error .*tabelExists/,
    ],
  ])(
    'a wrong %s is shown with file, line, column and what to do, and leaves nothing',
    async (_what, name, text, message) => {
      const { update, url } = withChangelog(text, name)
      const said = await update()
      expect(said.err).toMatch(message)
      expect(said.err).toContain('fix: ')
      expect([said.code, said.out]).toEqual([2, ''])
      await untouched(url)
    },
  )

  test('a changelog that is not there, or outside of the search path', async () => {
    const { sluice, url } = place()
    const missing = await sluice('update', `--url=${url}`, '--changelog-file=none.xml')
    expect([missing.code, missing.err]).toEqual([2, expect.stringContaining('none.xml')])
    expect(missing.err).toContain('search path')
    const outside = await sluice('update', `--url=${url}`, '--changelog-file=/etc/passwd')
    expect([outside.code, outside.err]).toEqual([2, expect.stringContaining('outside of the search path')])
    expect((await sluice('update', `--url=${url}`, '--changelog-file=../x.xml')).code).toBe(2)
  })

  test('a changed checksum, a held lock and a failing statement end with their own codes', async () => {
    const { sluice, url, write } = place()
    const flags = [`--url=${url}`, '--changelog-file=c.yaml', '--lock-wait=0']
    const one = (type: string, more = ''): string =>
      `databaseChangeLog:\n  - changeSet:\n      id: 1\n      author: amy\n      changes:\n        - createTable: { tableName: a, columns: [ { column: { name: id, type: ${type} } } ] }\n${more}`
    write('c.yaml', one('int'))
    await sluice('update', ...flags)
    write('c.yaml', one('bigint'))
    const changed = await sluice('update', ...flags)
    expect(changed.code).toBe(5)
    expect(changed.err).toMatch(
      /c\.yaml:2:\d+ error engine\/checksum-changed: c\.yaml::1::amy was edited after it ran: was: 9:\w+ but is now: 9:\w+/,
    )
    write(
      'c.yaml',
      one(
        'int',
        '  - changeSet: { id: 2, author: amy, changes: [ { sql: { sql: "insert into nope values (1)" } } ] }\n',
      ),
    )
    const { openDatabase } = await import('#database/open')
    const database = await openDatabase({ url, username: undefined, password: undefined })
    await database.session.execute(
      "update DATABASECHANGELOGLOCK set LOCKED = 1, LOCKEDBY = 'ann (10.1.1.1)', LOCKGRANTED = '2026-01-02 03:04:05'",
    )
    const locked = await sluice('update', ...flags)
    expect([locked.code, locked.err]).toEqual([
      4,
      expect.stringContaining('locked by ann (10.1.1.1) since 2026-01-02 03:04:05'),
    ])
    expect((await sluice('list-locks', `--url=${url}`)).out).toContain(' - ann (10.1.1.1) at 2026-01-02 03:04:05')
    await sluice('release-locks', `--url=${url}`)
    const failed = await sluice('update', ...flags)
    expect(failed.code).toBe(1)
    expect(failed.err).toMatch(/error Change set c\.yaml::2::amy failed: .*nope/)
    expect(failed.err).toMatch(/c\.yaml:7:\d+ error engine\/statement-failed/)
    expect((await database.session.execute('select count(*) as n from DATABASECHANGELOG')).rows).toEqual([{ n: 1 }])
    expect((await database.session.execute('select LOCKED from DATABASECHANGELOGLOCK')).rows).toEqual([{ LOCKED: 0 }])
    await database.close()
  })

  test('a wrong URL, an unreachable host, and a server that is none', async () => {
    const { sluice, write } = place({ SLUICE_PASSWORD: 'top-secret' })
    write('c.yaml', changelog)
    const update = async (url: string): Promise<Said> =>
      await sluice('update', `--url=${url}`, '--username=me', '--changelog-file=c.yaml')
    expect((await update('postgres//nowhere')).code).toBe(2)
    expect((await update('jdbc:db2://h/x')).code).toBe(2)
    // A port that was free a moment ago.
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    await new Promise((resolve) => server.close(resolve))
    const refused = await update(`jdbc:postgresql://127.0.0.1:${port}/x`)
    expect([refused.code, refused.err]).toEqual([3, expect.stringContaining(`127.0.0.1:${port}`)])
    const unknown = await update('jdbc:postgresql://host.invalid/x')
    expect([unknown.code, unknown.err]).toEqual([3, expect.stringContaining('host.invalid')])
    const stranger = createServer((socket) => socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(
      0,
      '127.0.0.1',
    )
    await new Promise((resolve) => stranger.once('listening', resolve))
    const other = await update(`jdbc:postgresql://127.0.0.1:${(stranger.address() as { port: number }).port}/x`)
    expect(other.code).toBe(3)
    await new Promise((resolve) => stranger.close(resolve))
    expect([refused, unknown, other].some((said) => `${said.out}${said.err}`.includes('top-secret'))).toBe(false)
  })

  test('a password file and a defaults file that are not there', async () => {
    const { sluice, url } = place()
    expect((await sluice('history', `--url=${url}`, '--password-file=none')).err).toContain(
      'The password file none cannot be read',
    )
    expect((await sluice('history', `--url=${url}`, '--defaults-file=none')).err).toContain(
      'The defaults file none cannot be read',
    )
  })

  test('Ctrl-C before the first change set: nothing runs, the lock is free', async () => {
    const stop = new AbortController()
    const here = place({}, stop.signal)
    here.write('c.yaml', changelog)
    stop.abort()
    const said = await here.sluice('update', `--url=${here.url}`, '--changelog-file=c.yaml')
    expect([said.code, said.err]).toEqual([1, expect.stringContaining('cancelled')])
  })
})

if (serverUrl !== undefined) {
  describe('a PostgreSQL server', () => {
    const { username, password, host } = new URL(serverUrl ?? '')

    test('refuses a wrong password and a missing database, and no secret is shown', async () => {
      const here = place({ SLUICE_PASSWORD: 'not-this-one' })
      here.write('c.yaml', changelog)
      const missing = await here.sluice(
        'update',
        `--url=jdbc:postgresql://${host}/no_such_db`,
        `--username=${username}`,
        `--password=${decodeURIComponent(password)}`,
        '--changelog-file=c.yaml',
      )
      expect([missing.code, missing.err]).toEqual([3, expect.stringContaining('no_such_db')])
      const wrong = await here.sluice(
        'update',
        `--url=jdbc:postgresql://${host}/postgres`,
        '--username=nobody_here',
        '--changelog-file=c.yaml',
      )
      expect(wrong.code).toBe(3)
      expect(`${wrong.out}${wrong.err}${missing.err}`).not.toMatch(/not-this-one/)
      here.write('password', `${decodeURIComponent(password)}\n`)
      const fine = await here.sluice(
        'history',
        `--url=jdbc:postgresql://${host}/postgres`,
        `--username=${username}`,
        '--password-file=password',
      )
      expect(fine.code).toBe(0)
    })
  })
}

test('the table of commands loads each file only when it is called', () => {
  const text = readFileSync('src/cli/main.ts', 'utf8')
  expect([...text.matchAll(/^import .* from '(\.\/command\/[^']+)'/gm)]).toEqual([])
})

test('the built program ends as the command did, and tells what it is', () => {
  const program = (...args: readonly string[]) =>
    spawnSync(process.execPath, ['dist/cli/main.js', ...args], { encoding: 'utf8' })
  expect(program('--version')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+/), stderr: '' })
  expect(program('update').status).toBe(2)
})
