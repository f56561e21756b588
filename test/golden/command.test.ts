// The JSON of every command of the engine, recorded: programs read it, so its shape stays. docs/reference/commands.md shows it.
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { place, removePlaces } from '../database/place.ts'

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
      context: prod
      changes:
        - sql: { sql: insert into a values (1) }
  - changeSet:
      id: 4
      author: amy
      runInTransaction: false
      changes:
        - createTable: { tableName: b, columns: [ { column: { name: id, type: int } } ] }
`

/** What was printed by which call; the first word is the command. */
const calls: readonly (readonly string[])[] = [
  ['validate', '--changelog-file=c.yaml'],
  ['status', '--changelog-file=c.yaml', '--contexts=dev'],
  ['update-sql', '--changelog-file=c.yaml', '--contexts=dev'],
  ['update-count-sql', '1', '--changelog-file=c.yaml'],
  ['update-to-tag-sql', 'v1', '--changelog-file=c.yaml'],
  ['future-rollback-sql', '--changelog-file=c.yaml', '--contexts=dev'],
  ['future-rollback-count-sql', '1', '--changelog-file=c.yaml'],
  ['future-rollback-from-tag-sql', 'v1', '--changelog-file=c.yaml'],
  ['changelog-sync-sql', '--changelog-file=c.yaml', '--contexts=dev'],
  ['changelog-sync-to-tag-sql', 'v1', '--changelog-file=c.yaml'],
  ['mark-next-changeset-ran-sql', '--changelog-file=c.yaml'],
  ['calculate-checksum', 'c.yaml::1::amy', '--changelog-file=c.yaml'],
  ['update-count', '1', '--changelog-file=c.yaml'],
  ['update-to-tag', 'v1', '--changelog-file=c.yaml'],
  ['rollback-count-sql', '1', '--changelog-file=c.yaml'],
  ['rollback-count', '1', '--changelog-file=c.yaml'],
  ['mark-next-changeset-ran', '--changelog-file=c.yaml'],
  ['update', '--changelog-file=c.yaml', '--contexts=dev'],
  ['rollback-sql', 'v1', '--changelog-file=c.yaml'],
  ['rollback-to-date-sql', '2999-01-01', '--changelog-file=c.yaml'],
  ['rollback-to-date', '2999-01-01', '--changelog-file=c.yaml'],
  ['tag', 'v2'],
  ['tag-exists', 'v2'],
  ['history'],
  ['execute-sql', "--sql=update a set id = 2; select 'x' as letter, null as gap"],
  ['unexpected-changesets', '--changelog-file=other.yaml'],
  ['list-locks'],
  ['release-locks'],
  ['journal'],
  ['clear-checksums'],
  ['rollback', 'v2', '--changelog-file=c.yaml'],
  ['execute-sql', '--sql=delete from DATABASECHANGELOG; drop table a; drop table b'],
  ['update-testing-rollback', '--changelog-file=c.yaml', '--contexts=dev'],
  ['execute-sql', '--sql=delete from DATABASECHANGELOG'],
  ['changelog-sync-to-tag', 'v1', '--changelog-file=c.yaml'],
  ['changelog-sync', '--changelog-file=c.yaml', '--contexts=dev'],
]

/** What no two runs have in common. */
function masked(text: string, path: string): string {
  return text
    .replaceAll(path, '/work')
    .replaceAll(/LOCKEDBY = '[^']*'/g, "LOCKEDBY = 'host (10.0.0.5)'")
    .replaceAll(/"(dateExecuted)":"[^"]*"/g, '"$1":"2026-11-25 20:15:30"')
    .replaceAll(/"(executedAt)":\d+/g, '"$1":1795637730000')
    .replaceAll(/sluice-[\d.]+/g, 'sluice-0.1.0')
}

test('the JSON of every command', async () => {
  const here = place({}, undefined, () => 1_795_637_730_000)
  here.write('c.yaml', changelog)
  here.write('other.yaml', 'databaseChangeLog:\n  - changeSet: { id: 9, author: amy, changes: [] }\n')
  const recorded: Record<string, unknown> = {}
  for (const [name = '', ...flags] of calls) {
    const { code, out, err } = await here.sluice(name, ...flags, `--url=${here.url}`, '--format=json')
    expect([name, code, code === 0 ? '' : err]).toEqual([name, 0, ''])
    recorded[name] ??= JSON.parse(masked(out, here.path))
  }
  const failed = await here.sluice('rollback', 'nope', '--changelog-file=c.yaml', `--url=${here.url}`, '--format=json')
  expect([failed.code, JSON.parse(failed.out)]).toEqual([
    5,
    {
      fault: {
        code: 'tag-not-found',
        message: "Could not find the tag 'nope' in the database.",
        hint: 'Check the tag with `sluice history`.',
      },
    },
  ])
  const file = 'test/golden/command.json'
  const text = `${JSON.stringify(recorded, null, 2)}\n`
  if (process.env['SLUICE_RECORD_GOLDEN']) writeFileSync(file, text)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(recorded)
})
