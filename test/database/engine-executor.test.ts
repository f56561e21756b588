// runWith names a program of the original engine's extensions: what is written for it is not run as something else.
import { afterAll, describe, expect, test } from 'vitest'
import { place, removePlaces } from './place.ts'

afterAll(removePlaces)

const changeSet = (id: string, more: string) =>
  `  - changeSet: { id: ${id}, author: amy${more}, changes: [ { sql: { sql: "create table t${id} (id int)" } } ] }\n`

describe('runWith', () => {
  test('another program than the engine itself is an error at its place, before anything runs', async () => {
    const here = place()
    const flags = [`--url=${here.url}`, '--changelog-file=c.yaml']
    here.write('c.yaml', `databaseChangeLog:\n${changeSet('1', ', runWith: jdbc')}${changeSet('2', ', runWith: psql')}`)
    for (const command of ['update', 'update-sql', 'validate']) {
      const said = await here.sluice(command, ...flags)
      expect({ command, code: said.code }).toEqual({ command, code: 2 })
      expect(said.err).toContain('c.yaml:3:5')
      expect(said.err).toContain('runWith is "psql"')
    }
    expect((await here.sluice('status', ...flags)).out).toContain('2 changesets have not been applied')
  })

  test('what ran elsewhere is marked, and does not stand in the way', async () => {
    const here = place()
    const flags = [`--url=${here.url}`, '--changelog-file=c.yaml']
    here.write('c.yaml', `databaseChangeLog:\n${changeSet('1', ', runWith: psql')}`)
    expect((await here.sluice('changelog-sync', ...flags)).code).toBe(0)
    here.write('c.yaml', `databaseChangeLog:\n${changeSet('1', ', runWith: psql')}${changeSet('2', '')}`)
    expect((await here.sluice('update', ...flags)).code).toBe(0)
  })
})

test('database.* properties name the tables of the history as they are', async () => {
  const here = place()
  here.write(
    'c.yaml',
    'databaseChangeLog:\n  - changeSet: { id: 1, author: amy, changes: [ { sql: { sql: "select \'${database.databaseChangeLogTableName} ${database.databaseChangeLogLockTableName}\'" } } ] }\n',
  )
  const { out } = await here.sluice(
    'update-sql',
    `--url=${here.url}`,
    '--changelog-file=c.yaml',
    '--database-changelog-table-name=MYLOG',
  )
  expect(out).toContain("select 'MYLOG DATABASECHANGELOGLOCK'")
})
