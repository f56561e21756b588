// Every command that a step can run by its name, on a real database.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { memorySource } from '#changelog/memory'
import { commandNames, type CommandName } from '#contract/delegate/command'
import { contextOf } from '#engine/open'
import { type CommandWork, runBareCommand, runCommand } from '#step/work/command'
import type { WorkContext } from '#step/work/context'
import { openTarget, type Target } from './target.ts'

const changelog = `databaseChangeLog:
  - changeSet: { id: 1, author: a, changes: [{ sql: { sql: create table one (id int) } }], rollback: [{ sql: { sql: drop table one } }] }
  - changeSet: { id: 2, author: a, changes: [{ tagDatabase: { tag: middle } }] }
  - changeSet: { id: 3, author: a, changes: [{ sql: { sql: create table two (id int) } }], rollback: [{ sql: { sql: drop table two } }] }
`
let target: Target
let folder = ''
beforeAll(async () => {
  target = await openTarget('sqlite')
  folder = mkdtempSync(join(tmpdir(), 'sluice-command-'))
})
afterAll(async () => {
  await target.remove()
  rmSync(folder, { recursive: true })
})

async function run(command: CommandName, given: Record<string, string> = {}, bare = false) {
  const written: string[] = []
  const open = { database: target.database, host: 'h', run: 'r', clock: () => 0, log: () => {} }
  const engine = await contextOf(open, { files: memorySource({ 'c.yaml': changelog }), changelogFile: 'c.yaml' })
  const payloads: unknown[] = []
  const context = {
    work: { type: 'LiquibaseCommand', command, arguments: given, withoutChangelog: bare } as unknown as CommandWork,
    engine,
    streams: { open: () => ({ write: (text: string) => void written.push(text) }) },
    outbox: { payload: (payload: unknown) => void payloads.push(payload) },
    masking: { value: <T>(value: T) => value, text: (text: string) => text },
    line: () => {},
    folder,
    signal: new AbortController().signal,
  } as unknown as WorkContext<CommandWork>
  const { output } = await (bare ? runBareCommand(context, engine) : runCommand(context))
  expect(written.join('')).toBe(`${String(output?.['result'])}\n`)
  return { text: String(output?.['result']), payloads: payloads.length }
}

test('commands do what they are called', async () => {
  expect((await run('validate')).text).toContain('No validation errors')
  expect((await run('status')).text).toBe('3 change sets have not run\nc.yaml::1::a\nc.yaml::2::a\nc.yaml::3::a')
  expect((await run('future-rollback-sql')).text).toMatch(/drop table two[\s\S]+drop table one/i)
  expect((await run('future-rollback-count-sql', { count: '1' })).text).not.toMatch(/drop table two/i)
  expect((await run('future-rollback-from-tag-sql', { tag: 'middle' })).text).toMatch(/drop table one/i)
  const { text: first, payloads } = await run('update-count-sql', { count: '1' })
  expect(payloads).toBe(1)
  expect(first).toMatch(/create table one/i)
  expect(first).not.toMatch(/create table two/i)
  expect((await run('update-to-tag-sql', { tag: 'middle' })).text).not.toMatch(/create table two/i)
  expect((await run('changelog-sync-sql')).text).toMatch(/insert into/i)
  expect((await run('changelog-sync-to-tag-sql', { tag: 'middle' })).text).toMatch(/insert into/i)
  expect((await run('mark-next-changeset-ran-sql')).text).toMatch(/insert into/i)
  expect((await run('calculate-checksum', { 'changeset-identifier': 'c.yaml::1::a' })).text).toMatch(/^9:[0-9a-f]{32}$/)
  // The state of the instance before and after.
  expect(await run('mark-next-changeset-ran')).toEqual({
    text: '1 change set was recorded as run\nc.yaml::1::a',
    payloads: 2,
  })
  expect((await run('changelog-sync-to-tag', { tag: 'middle' })).text).toContain('c.yaml::2::a')
  expect((await run('changelog-sync')).text).toBe('1 change set was recorded as run\nc.yaml::3::a')
  expect((await run('history', {}, true)).text).toContain('3 change sets were recorded')
  expect((await run('rollback-to-date-sql', { date: '2000-01-01' })).text).toMatch(/drop table two[^]*drop table one/)
  expect((await run('unexpected-changesets')).text).toContain('0 change sets')
  expect((await run('tag', { tag: 'v1' }, true)).text).toBe('Tagged as v1')
  expect((await run('tag-exists', { tag: 'v1' }, true)).text).toBe('The tag v1 exists')
  expect((await run('tag-exists', { tag: 'v2' }, true)).text).toBe('The tag v2 does not exist')
  expect((await run('clear-checksums', {}, true)).text).toBe('Cleared 3 checksums')
  expect((await run('list-locks', {}, true)).text).toBe('The lock is free')
  expect((await run('release-locks', {}, true)).text).toBe('The lock is free')
  expect((await run('execute-sql', { sql: 'create table t (id int); insert into t values (7)' }, true)).text).toContain(
    '1 rows affected',
  )
  expect((await run('execute-sql', { sql: 'select id from t' }, true)).text).toBe('select id from t\nid\n7')
  expect((await run('snapshot', { 'snapshot-format': 'json' }, true)).text).toContain('"t"')
  await run('snapshot', { 'snapshot-format': 'json', 'output-file': 'a/s.json' }, true)
  expect((await run('generate-changelog', { 'changelog-file': 'g.sql' }, true)).text).toMatch(/create table t/i)
  expect(readFileSync(join(folder, 'g.sql'), 'utf8')).toMatch(/create table t/i)
  await expect(run('generate-changelog', { 'changelog-file': 'g.sql' }, true)).rejects.toThrow('there already')
  await run('execute-sql', { sql: 'drop table t' }, true)
  const reference = { 'reference-url': 'offline:sqlite?snapshot=a/s.json' }
  expect((await run('diff', reference, true)).text).toMatch(/Missing Table\(s\)[^]*\bt\b/)
  expect((await run('diff-changelog', { ...reference, 'changelog-file': 'd.yaml' }, true)).text).toContain(
    '1 change sets',
  )
  expect(readFileSync(join(folder, 'd.yaml'), 'utf8')).toContain('CREATE TABLE t')
})

test('what drop-all-sql lists is what drop-all is bound to', async () => {
  await run('execute-sql', { sql: 'create table gone (id int)' }, true)
  const listed = await run('drop-all-sql', {}, true)
  expect(listed).toEqual({ text: expect.stringMatching(/objects? would be dropped\n(?:.*\n)*table gone/), payloads: 1 })
  await expect(run('drop-all', {}, true)).rejects.toThrow('was given no plan')
})

test('a command without what it needs is refused', async () => {
  await expect(run('tag', {}, true)).rejects.toThrow('tag has no `tag`')
  await expect(run('status', {}, true)).rejects.toThrow('status needs the changelog')
  await expect(run('update-count-sql', { count: 'x' })).rejects.toThrow('whole number')
  await expect(run('snapshot', { 'output-file': '../x' }, true)).rejects.toThrow('outside of the folder')
  await expect(run('diff', { 'reference-url': 'jdbc:sqlite:x' }, true)).rejects.toThrow('compares with a snapshot')
  expect(commandNames.length).toBe(29)
})
