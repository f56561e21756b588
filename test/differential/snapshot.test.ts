// A snapshot that the original engine has written stands for its database in an offline URL.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '#database/open'
import { answersOf } from '../database/question.ts'
import { makeSchema } from '../database/schema.ts'
import { shortLivedFolder } from './folder.ts'
import { type Liquibase, prepareLiquibase, startLiquibase } from './liquibase.ts'
import { servers } from './servers.ts'
import { runSluice } from './sluice.ts'

const prepared = prepareLiquibase()
const { present, missing } = servers()
for (const [name, needs] of missing) console.warn(`NOT RUN: "snapshots of the original" on ${name}: ${needs}.`)

/** On SQLite the original tells no names of constraints. */
const untold: Readonly<Record<string, Readonly<Record<string, boolean>>>> = {
  sqlite: { 'foreign key anywhere': false, unique: false },
}

const changelog = `databaseChangeLog:
${['customer', 'nope']
  .map(
    (name) => `- changeSet:
    id: ${name}
    author: amy
    preConditions: [ { onFail: MARK_RAN }, { onSqlOutput: TEST }, { tableExists: { tableName: ${name} } } ]
    changes: [ { sql: { sql: "delete from ${name}" } } ]
`,
  )
  .join('')}`

if ('missing' in prepared) {
  console.warn(`NOT RUN: "snapshots of the original": ${prepared.missing} is not there.`)
  test.skip(`snapshots of the original need ${prepared.missing}`, () => {})
} else {
  const { classPath } = prepared
  describe('a snapshot of the original engine', () => {
    let liquibase: Liquibase
    const folder = mkdtempSync(join(shortLivedFolder(), 'sluice-snapshot-'))
    beforeAll(() => {
      liquibase = startLiquibase(classPath)
    })
    afterAll(async () => {
      await liquibase.stop()
      rmSync(folder, { recursive: true })
    })

    test.for(present.map((server) => server.name))(
      'answers as its database on %s',
      { timeout: 120_000 },
      async (name) => {
        const server = present.find((one) => one.name === name)
        if (server === undefined) throw new Error(name)
        const here = join(folder, name)
        mkdirSync(here)
        const place = await server.open('snapshot')
        try {
          const { url, username, password, driver } = place
          const live = await openDatabase({ url, username, password })
          const account = {
            ...(username === undefined ? {} : { username }),
            ...(password === undefined ? {} : { password }),
            ...(driver === undefined ? {} : { driver }),
          }
          try {
            await makeSchema(live)
            const answers = await answersOf(live)
            const taken = await liquibase.run(here, 'snapshot', { url, ...account, snapshotFormat: 'json' })
            expect(taken).toMatchObject({ ok: true })
            writeFileSync(join(here, 'theirs.json'), taken.text)
            const offlineUrl = `offline:${name}?snapshot=theirs.json&changeLogFile=history.csv`
            const offline = await openDatabase({
              url: offlineUrl,
              username: undefined,
              password: undefined,
              folder: here,
            })
            expect(await answersOf(offline)).toEqual({ ...answers, ...untold[name] })

            writeFileSync(join(here, 'changelog.yaml'), changelog)
            const script = await runSluice(here, 'update-sql', { url: offlineUrl, 'changelog-file': 'changelog.yaml' })
            expect(script).toMatchObject({ ok: true })
            expect(script.text).toContain('delete from customer')
            expect(script.text).not.toContain('delete from nope')
          } finally {
            await live.close()
          }
        } finally {
          await place.close()
        }
      },
    )
  })
}
