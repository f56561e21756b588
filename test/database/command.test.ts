// Each command of the engine as a Liquibase user calls it: what goes to standard output, what to standard error, and how it ends.
// Texts are those that Liquibase 4.33.0 prints for the same changelog.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { place, removePlaces } from './place.ts'

afterAll(removePlaces)

const changelog = `databaseChangeLog:
  - changeSet:
      id: 1
      author: amy
      comment: first table
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
      labels: big
      context: x
      changes:
        - createTable: { tableName: c, columns: [ { column: { name: id, type: int } } ] }
  - changeSet:
      id: 4
      author: amy
      dbms: oracle
      changes:
        - createTable: { tableName: d, columns: [ { column: { name: id, type: int } } ] }
  - changeSet:
      id: 5
      author: amy
      runAlways: true
      changes:
        - insert: { tableName: a, columns: [ { column: { name: id, valueNumeric: 1 } } ] }
      rollback: []
`

function shop(environment: Readonly<Record<string, string>> = {}) {
  const here = place(environment)
  here.write('c.yaml', changelog)
  const on = [`--url=${here.url}`, '--changelog-file=c.yaml']
  return { ...here, on, call: async (name: string, ...more: string[]) => await here.sluice(name, ...on, ...more) }
}

const header = (
  title: string,
  url: string,
): string => `-- *********************************************************************
-- ${title}
-- *********************************************************************
-- Change Log: c.yaml
-- Ran at: DATE
-- Against: @${url}
-- Liquibase version: VERSION
-- *********************************************************************

`
const createHistory = `-- Create Database Change Log Table
CREATE TABLE DATABASECHANGELOG (ID VARCHAR(255) NOT NULL, AUTHOR VARCHAR(255) NOT NULL, FILENAME VARCHAR(255) NOT NULL, DATEEXECUTED TEXT NOT NULL, ORDEREXECUTED INTEGER NOT NULL, EXECTYPE VARCHAR(10) NOT NULL, MD5SUM VARCHAR(35), DESCRIPTION VARCHAR(255), COMMENTS VARCHAR(255), TAG VARCHAR(255), LIQUIBASE VARCHAR(20), CONTEXTS VARCHAR(255), LABELS VARCHAR(255), DEPLOYMENT_ID VARCHAR(10));

`
const createLock = `-- Create Database Lock Table
CREATE TABLE DATABASECHANGELOGLOCK (ID INTEGER NOT NULL, LOCKED BOOLEAN NOT NULL, LOCKGRANTED TEXT, LOCKEDBY VARCHAR(255), CONSTRAINT PK_DATABASECHANGELOGLOCK PRIMARY KEY (ID));

-- Initialize Database Lock Table
DELETE FROM DATABASECHANGELOGLOCK;

INSERT INTO DATABASECHANGELOGLOCK (ID, LOCKED) VALUES (1, 0);

`
const lock = `-- Lock Database
UPDATE DATABASECHANGELOGLOCK SET LOCKED = 1, LOCKEDBY = 'HOST', LOCKGRANTED = CURRENT_TIMESTAMP WHERE ID = 1 AND LOCKED = 0;

`
const unlock = `-- Release Database Lock
UPDATE DATABASECHANGELOGLOCK SET LOCKED = 0, LOCKEDBY = NULL, LOCKGRANTED = NULL WHERE ID = 1;
`
const insertOne = `INSERT INTO DATABASECHANGELOG (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, DESCRIPTION, COMMENTS, EXECTYPE, CONTEXTS, LABELS, LIQUIBASE, DEPLOYMENT_ID) VALUES ('1', 'amy', 'c.yaml', CURRENT_TIMESTAMP, 1, '9:636bae2d3858aca467c19b1fd200f59a', 'createTable tableName=a', 'first table', 'EXECUTED', NULL, NULL, 'VERSION', 'DEPLOYMENT');

`
const insertTag = `INSERT INTO DATABASECHANGELOG (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, DESCRIPTION, COMMENTS, EXECTYPE, CONTEXTS, LABELS, LIQUIBASE, DEPLOYMENT_ID, TAG) VALUES ('2', 'amy', 'c.yaml', CURRENT_TIMESTAMP, 2, '9:635ff1e577e13420abaf0552fb77ab20', 'tagDatabase', '', 'EXECUTED', NULL, NULL, 'VERSION', 'DEPLOYMENT', 'v1');

`
const deleteRow = (id: string): string =>
  `DELETE FROM DATABASECHANGELOG WHERE ID = '${id}' AND AUTHOR = 'amy' AND FILENAME = 'c.yaml';\n\n`

/** What differs from run to run and from engine to engine. */
const masked = (text: string): string =>
  text
    .replaceAll(/LOCKEDBY = '[^']*'/g, "LOCKEDBY = 'HOST'")
    .replaceAll(/Ran at: .*/g, 'Ran at: DATE')
    .replaceAll(/sluice-[\d.]+/g, 'VERSION')
    .replaceAll(/'\d{10}'/g, "'DEPLOYMENT'")

describe('the -sql commands print what the original engine prints', () => {
  test('future-rollback-sql', async () => {
    const { call, url } = shop()
    const { code, out, err } = await call('future-rollback-sql', '--context-filter=x')
    expect([code, err]).toEqual([
      0,
      expect.stringMatching(/^There is no file .*shop\.db; an empty database stands for it\.$/),
    ])
    expect(masked(out)).toBe(
      createHistory +
        createLock +
        header('SQL to roll back currently unexecuted changes', url) +
        lock +
        `-- Rolling Back ChangeSet: c.yaml::5::amy\n${deleteRow('5')}` +
        `-- Rolling Back ChangeSet: c.yaml::3::amy\nDROP TABLE c;\n\n${deleteRow('3')}` +
        `-- Rolling Back ChangeSet: c.yaml::2::amy\n${deleteRow('2')}` +
        `-- Rolling Back ChangeSet: c.yaml::1::amy\nDROP TABLE a;\n\n${deleteRow('1')}` +
        unlock,
    )
    const names = (text: string): readonly (string | undefined)[] =>
      [...text.matchAll(/Rolling Back ChangeSet: c\.yaml::(\d)/g)].map(([, id]) => id)
    expect(names((await call('futureRollbackCountSQL', '1')).out)).toEqual(['1'])
    expect(names((await call('future-rollback-from-tag-sql', '--tag=v1')).out)).toEqual(['2', '1'])
  })

  test('changelog-sync-sql, changelog-sync-to-tag-sql and mark-next-changeset-ran-sql', async () => {
    const { call, url } = shop()
    const title = 'SQL to add all changesets to database history table'
    const toTag = createLock + lock + createHistory + header(title, url) + insertOne + insertTag + unlock
    expect(masked((await call('changelog-sync-to-tag-sql', '--tag=v1')).out)).toBe(toTag)
    const all = await call('changelogSyncSQL', '--contexts=y')
    expect(masked(all.out)).toContain("'v1');\n\nINSERT INTO DATABASECHANGELOG")
    expect(all.out).not.toContain('-- Changeset')
    expect([...all.out.matchAll(/VALUES \('(\d)', 'amy'/g)].map(([, id]) => id)).toEqual(['1', '2', '5'])
    expect(masked((await call('markNextChangeSetRanSQL')).out)).toBe(
      `${createHistory}${createLock}${header('SQL to add the next changeset to database history table', url)}${insertOne}`.replace(
        /\n$/,
        '',
      ),
    )
  })

  test('update-count-sql and update-to-tag-sql have their own titles; suppress-liquibase-sql leaves comments', async () => {
    const { call, url } = shop()
    expect(masked((await call('update-count-sql', '--count=2')).out)).toContain(
      header('Update 2 Changesets Database Script', url),
    )
    expect(masked((await call('update-to-tag-sql', 'v1')).out)).toContain(header("Update to 'v1' Database Script", url))
    const quiet = await call('update-sql', '--suppress-liquibase-sql')
    expect(masked(quiet.out)).toBe(
      '-- Create Database Lock Table\n-- Initialize Database Lock Table\n-- Lock Database\n-- Create Database Change Log Table\n' +
        header('Update Database Script', url) +
        '-- Changeset c.yaml::1::amy\n-- first table\nCREATE TABLE a (id INTEGER);\n\n-- Changeset c.yaml::2::amy\n' +
        '-- Changeset c.yaml::3::amy\nCREATE TABLE c (id INTEGER);\n\n-- Changeset c.yaml::5::amy\nINSERT INTO a (id) VALUES (1);\n\n' +
        '-- Release Database Lock',
    )
  })
})

describe('the way forward', () => {
  test('update-testing-rollback runs, undoes and runs again, and is refused when something cannot be undone', async () => {
    const { call, write, sluice, url } = shop()
    const { code, out, err } = await call('update-testing-rollback')
    expect(code).toBe(0)
    const apply = ['1', '2', '3', '5'].map((id) => `Running Changeset: c.yaml::${id}::amy`)
    const undo = ['5', '3', '2', '1'].map((id) => `Rolling Back Changeset: c.yaml::${id}::amy`)
    expect(err.split('\n').filter((line) => line.includes('Changeset:'))).toEqual([...apply, ...undo, ...apply])
    expect(out.match(/Run: +4\n/g)).toHaveLength(2)
    expect((await call('status')).out).toContain('1 changeset has not been applied')
    write(
      'stuck.yaml',
      'databaseChangeLog:\n  - changeSet: { id: 9, author: amy, changes: [ { sql: { sql: select 1 } } ] }\n',
    )
    const refused = await sluice('update-testing-rollback', `--url=${url}`, '--changelog-file=stuck.yaml')
    expect([refused.code, refused.err]).toEqual([5, expect.stringMatching(/nothing was run[\s\S]*stuck\.yaml:2:\d+/)])
    expect(refused.err).not.toContain('Running Changeset')
  })

  test('--plan: the digest on standard error, and only that plan runs', async () => {
    const { call, write } = shop()
    const seen = await call('update-sql', '--plan')
    const digest = /^plan ([0-9a-f]{64})$/m.exec(seen.err)?.[1] ?? ''
    expect([digest.length, seen.out.includes(digest)]).toEqual([64, false])
    write('c.yaml', changelog.replace('tableName: c', 'tableName: cc'))
    const changed = await call('update', `--plan=${digest}`)
    expect([changed.code, changed.err]).toEqual([5, expect.stringContaining('[plan-changed]')])
    expect((await call('status')).out).toContain('4 changesets')
    write('c.yaml', changelog)
    expect((await call('update', `--plan=${digest}`)).code).toBe(0)
    const back = /^plan (\w+)$/m.exec((await call('rollback-count-sql', '1', '--plan')).err)?.[1] ?? ''
    expect((await call('rollback-count', '2', `--plan=${back}`)).code).toBe(5)
    expect((await call('rollback-count', '1', `--plan=${back}`)).code).toBe(0)
  })

  test('mark-next-changeset-ran, unexpected-changesets and clear-checksums', async () => {
    const { call, write, sluice, url } = shop()
    expect((await call('mark-next-changeset-ran')).err).toContain('Recorded 1 changeset as ran.')
    expect((await call('status')).out).not.toContain('c.yaml::1::amy')
    write('other.yaml', 'databaseChangeLog:\n  - changeSet: { id: 9, author: amy, changes: [] }\n')
    const flags = [`--url=${url}`, '--changelog-file=other.yaml']
    expect((await sluice('unexpectedChangeSets', ...flags)).out).toBe(`1 unexpected change was found in @${url}`)
    expect((await sluice('unexpected-changesets', ...flags, '--verbose')).out).toContain('\n     c.yaml::1::amy')
    expect((await call('unexpected-changesets')).out).toBe(`@${url} contains no unexpected changes!`)
    const edited = changelog.replace('name: id, type: int', 'name: id, type: bigint')
    write('c.yaml', edited)
    expect((await call('validate')).code).toBe(5)
    expect((await sluice('clearCheckSums', `--url=${url}`)).code).toBe(0)
    expect((await call('validate')).err).toContain('No validation errors found.')
  })

  test('update tells its summary as asked', async () => {
    const { call } = shop()
    expect((await call('update', '--show-summary=some')).code).toBe(2)
    expect((await call('status')).out).toContain('4 changesets')
    const first = await call('update', '--show-summary=VERBOSE', '--contexts=y')
    expect(first.err).toContain('Sluice: Update has been successful. Rows affected: 1')
    expect(first.out).toContain('DBMS mismatch:                1\n\n+----------------+')
    expect(first.out).toContain("| c.yaml::4::amy | mismatched DBMS value of 'oracle' |")
    expect(first.out).toContain("| c.yaml::3::amy | Context does not match 'y'        |")
    expect((await call('update', '--show-summary=off')).out).toBe('')
    const logged = await call('update', '--show-summary-output=LOG')
    expect([logged.out, logged.err]).toEqual(['', expect.stringContaining('UPDATE SUMMARY')])
    const toTag = await call('update-to-tag', '--tag=v1', '--show-summary=verbose')
    expect(toTag.out).toContain('Previously run:               3\nFiltered out:                 3\n')
    expect(toTag.out).toContain("Changeset is after tag 'v1'")
  })
})

describe('the others', () => {
  test('history in both forms, by deployment', async () => {
    const { call, sluice, url } = shop()
    expect((await sluice('history', `--url=${url}`)).out).toBe(`Liquibase History for ${url}\n\nNo changesets deployed`)
    await call('update-count', '2')
    await new Promise((resolve) => setTimeout(resolve, 20))
    await call('update')
    const text = await sluice('history', `--url=${url}`, '--format=TEXT')
    expect(text.out).toMatch(
      /^Liquibase History for jdbc:sqlite:.*\n\n- Database updated at \d+\/\d+\/\d+, \d+:\d\d [AP]M\. Applied 2 changeset\(s\) in [\d.]+s, DeploymentId: \d{10}\n {2}c\.yaml::1::amy\n {2}c\.yaml::2::amy\n\n- Database updated at .* Applied 2 changeset\(s\) in [\d.]+s, DeploymentId: \d{10}\n {2}c\.yaml::3::amy\n {2}c\.yaml::5::amy\n$/,
    )
    const table = await sluice('history', `--url=${url}`)
    expect(table.out.match(/\| Deployment ID \| Update Date +\|/g)).toHaveLength(2)
    const tagged = await sluice('history', `--url=${url}`, '--show-tags')
    expect(tagged.out).toMatch(/amy +\| 2 +\| v1 +\|/)
    expect(tagged.out).not.toMatch(/amy +\| 3 +\|/)
  })

  test('execute-sql shows rows as the original engine does', async () => {
    const { sluice, url, write } = shop()
    const flags = [`--url=${url}`]
    const made = await sluice('execute-sql', ...flags, '--sql=create table a (id int); insert into a values (1)')
    expect(made).toMatchObject({
      code: 0,
      out: 'Successfully Executed: create table a (id int)\n\nSuccessfully Executed: insert into a values (1)\n',
    })
    write('q.sql', 'select id, null as x from a;\nselect * from a where id = 9')
    expect((await sluice('executeSql', ...flags, '--sql-file=q.sql')).out).toBe(
      'Output of select id, null as x from a:\nID | X |\n1 | null | \n\nOutput of select * from a where id = 9:\n-- Empty Resultset --\n',
    )
    const failed = await sluice('execute-sql', ...flags, '--sql=insert into a values (2); insert into nope values (1)')
    expect([failed.code, failed.err]).toEqual([1, expect.stringContaining('nope')])
    expect((await sluice('execute-sql', ...flags, '--sql=select count(*) as n from a')).out).toContain('\n1 | \n')
    expect((await sluice('execute-sql', ...flags)).code).toBe(2)
  })

  test('rollback takes the oldest of several tagged rows, and a script instead of what the change sets say', async () => {
    const { call, sluice, url, write } = shop()
    await call('update')
    await sluice('execute-sql', `--url=${url}`, "--sql=update DATABASECHANGELOG set TAG = 't' where ID in ('1', '3')")
    expect((await call('rollback-sql', '--tag=t')).out).toContain('Rolling Back ChangeSet: c.yaml::2::amy')
    expect((await call('rollback-sql', '--tag=t', '--tag-version=NEWEST')).out).not.toContain('c.yaml::2::amy')
    write('undo.sql', 'drop table c;\n-- and no more\ndelete from a')
    const back = await call('rollback', '--tag=t', '--rollback-script=undo.sql')
    expect([back.code, back.err]).toEqual([0, expect.stringContaining('3 changesets rolled back')])
    const tables = await sluice('execute-sql', `--url=${url}`, '--sql=select count(*) as n from a')
    expect(tables.out).toContain('\n0 | ')
    expect((await call('rollback-to-date', '--date=2999-01-01')).err).toContain('0 changesets rolled back')
  })

  test('init writes a project that works, and never over what is there', async () => {
    const here = place()
    const made = await here.sluice('init', 'project', '--project-dir=shop', '--format=xml', '--headless=true')
    expect(made.code).toBe(0)
    expect(existsSync(join(here.path, 'shop', 'example-changelog.xml'))).toBe(true)
    for (const form of ['sql', 'yaml', 'json', 'xml']) {
      await here.sluice('init', 'project', `--format=${form}`, `--project-defaults-file=${form}.properties`)
      const url = `--url=jdbc:sqlite:${join(here.path, `${form}.db`)}`
      const updated = await here.sluice('update', `--defaults-file=${form}.properties`, url)
      expect([form, updated.code, updated.out.includes('Run:                          2')]).toEqual([form, 0, true])
      expect((await here.sluice('rollback-count', '2', `--defaults-file=${form}.properties`, url)).code).toBe(0)
    }
    const h2 = await here.sluice('init', 'start-h2')
    expect([h2.code, h2.err]).toEqual([2, expect.stringContaining('jdbc:sqlite:')])
    here.write('shop/example-changelog.xml', 'mine')
    await here.sluice('init', 'project', '--project-dir=shop', '--format=xml')
    expect(here.read('shop/example-changelog.xml')).toBe('mine')
    mkdirSync(join(here.path, 'shop', 'sub'))
    writeFileSync(join(here.path, 'shop', 'sub', 'x'), '')
    await here.sluice('init', 'copy', '--source=shop', '--target=copy')
    expect([
      existsSync(join(here.path, 'copy', 'liquibase.properties')),
      existsSync(join(here.path, 'copy/sub')),
    ]).toEqual([true, false])
    await here.sluice('init', 'copy', '--source=shop', '--target=copy2', '--recursive')
    expect(existsSync(join(here.path, 'copy2', 'sub', 'x'))).toBe(true)
  })

  test.each(['rollback-one-changeset', 'rollbackOneUpdate', 'checks', 'flow', 'set-labels'])(
    '%s is named as one of the commercial engine, with what to do instead',
    async (name) => {
      const { sluice } = place()
      const { code, err } = await sluice(name, '--url=x')
      expect([code, err]).toEqual([2, expect.stringMatching(/command of the commercial engine[\s\S]*\n {2}\S+ /)])
    },
  )

  test('--output-file takes what would go to standard output, of any command', async () => {
    const { call, read } = shop()
    const printed = await call('update-sql')
    const saved = await call('update-sql', '--output-file=x.sql')
    expect([saved.out, saved.err]).toEqual(['', expect.stringMatching(/\nOutput saved to x\.sql$/)])
    expect(masked(read('x.sql'))).toBe(`${masked(printed.out)}\n`)
    await call('status', '--output-file=s.txt', '--output-line-separator=CRLF')
    expect(read('s.txt')).toMatch(/^4 changesets have not been applied to .*\r\n {5}c\.yaml::1::amy\r\n/)
    expect((await call('status', '--output-file=no/such/folder/x')).code).toBe(2)
  })
})
