// Scripts and history files of offline URLs, against what Liquibase 4.33.0 wrote for the same changelogs (own changelogs, recorded
// with the same URLs). Times, deployment ids and versions are masked.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { folderSource } from '#changelog/folder'
import { changelogSync } from '#engine/changelog-sync'
import { clearChecksums } from '#engine/clear-checksums'
import type { EngineContext } from '#engine/context'
import { openContext } from '#engine/open'
import { changelogSyncSql, futureRollbackSql, rollbackSql, updateSql } from '#engine/sql'
import { tag } from '#engine/tag'
import { engineVersion } from '#engine/version'

const recordings = fileURLToPath(new URL('offline', import.meta.url))
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'offline-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

interface Place {
  readonly file: string
  readonly url: string
}

const place = (database: string, file: string, more = ''): Place => {
  const path = join(folder, `${database}-${file}`)
  return { file: path, url: `offline:${database}?changeLogFile=${path}${more}` }
}

async function withContext<T>(
  url: string,
  changelogFile: string,
  work: (context: EngineContext) => Promise<T>,
): Promise<T> {
  const context = await openContext({
    connection: { url, username: undefined, password: undefined },
    files: folderSource([recordings]),
    changelogFile,
    host: 'test',
    run: 'test',
    clock: () => Date.UTC(2026, 10, 25, 21, 7, 32, 180),
    log: () => {},
  })
  try {
    return await work(context)
  } finally {
    await context.close()
  }
}

const maskScript = (text: string): string =>
  text
    .replaceAll(/'\d{10}'/g, "'DEPLOYMENT'")
    .replaceAll(/Ran at: .*/g, 'Ran at: TIME')
    .replaceAll(engineVersion, 'VERSION')
    .replaceAll(/changeLogFile=\S*?-(\w+\.csv)/g, 'changeLogFile=$1')
const maskFile = (text: string): string =>
  text
    .replaceAll(/"\d{4}-\d\d-\d\dT[^"]*"/g, '"TIME"')
    .replaceAll(/"\d{10}"$/gm, '"DEPLOYMENT"')
    .replaceAll(engineVersion, 'VERSION')
const recorded = (name: string): string => readFileSync(join(recordings, name), 'utf8')
const written = (file: string): string => maskFile(readFileSync(file, 'utf8'))

const more: Readonly<Record<string, string>> = { mssql: '&catalog=shop', oracle: '&version=19.3' }

describe.each(['mssql', 'oracle', 'postgresql', 'mysql', 'mariadb'])('%s', (database) => {
  test('update and rollback, with statements for the history', async () => {
    const { file, url } = place(database, 'h.csv', `&outputLiquibaseSql=all${more[database] ?? ''}`)
    const update = await withContext(url, 'changelog.yaml', updateSql)
    expect(maskScript(update.sql)).toBe(recorded(`${database}-update.sql`))
    expect(written(file)).toBe(recorded(`${database}-update.csv`))
    const back = await withContext(url, 'changelog.yaml', async (context) => await rollbackSql(context, { count: 4 }))
    expect(maskScript(back.sql)).toBe(recorded(`${database}-rollback.sql`))
    expect(written(file)).toBe(recorded(`${database}-rollback.csv`))
  })

  test('formatted SQL, without statements for the history', async () => {
    const { file, url } = place(database, 'n.csv')
    const { sql } = await withContext(url, 'formatted.sql', updateSql)
    expect(maskScript(sql)).toBe(recorded(`${database}-formatted.sql`))
    expect(written(file)).toBe(recorded(`${database}-formatted.csv`))
  })
})

describe('the history file', () => {
  test('is what later commands go by', async () => {
    const { file, url } = place('sqlite', 'again.csv')
    const first = await withContext(url, 'formatted.sql', async (context) => await updateSql(context, { count: 2 }))
    expect(first.plan.steps).toHaveLength(2)
    const future = await withContext(url, 'formatted.sql', futureRollbackSql)
    expect(future.plan.steps).toHaveLength(2)
    expect(written(file).split('\n')).toHaveLength(4)
    const sync = await withContext(url, 'formatted.sql', changelogSyncSql)
    expect(sync.plan.steps.map((step) => step.changeSet.id)).toEqual(['3', '4'])
    await withContext(url, 'formatted.sql', async (context) => await tag(context, 'v1'))
    expect(written(file)).toContain('"sql","","v1",')
    expect(await withContext(url, 'formatted.sql', clearChecksums)).toBe(4)
    const none = await withContext(url, 'formatted.sql', updateSql)
    expect(none.plan.steps).toEqual([])
    expect(none.plan.checksumUpgrades).toHaveLength(4)
    expect(written(file)).toContain('"9:')
  })

  test('that another engine wrote is read', async () => {
    const { file, url } = place('postgresql', 'other.csv')
    const row =
      '"1","bob","formatted.sql","2026-11-25T21:07:32.18","2","EXECUTED",,"sql","","","4.33.0","()","","5640851315"'
    const head = recorded('mssql-update.csv').split('\n')[0] ?? ''
    const { writeFileSync } = await import('node:fs')
    // The original engine's clear-checksums empties the name of the column, too.
    writeFileSync(file, `${head.replace('"MD5SUM"', '')}\n${row}\n`)
    const { plan } = await withContext(url, 'formatted.sql', updateSql)
    expect(plan.steps.map((step) => step.changeSet.id)).toEqual(['2', '3', '4'])
  })

  test('that is another file is not touched', async () => {
    const { file, url } = place('postgresql', 'wrong.csv')
    const { writeFileSync } = await import('node:fs')
    writeFileSync(file, 'name,age\nBob,3\n')
    await expect(withContext(url, 'formatted.sql', updateSql)).rejects.toMatchObject({ code: 'database-url-invalid' })
    expect(readFileSync(file, 'utf8')).toBe('name,age\nBob,3\n')
  })
})

test('nothing runs on a database that is not there', async () => {
  const { url } = place('postgresql', 'never.csv')
  await expect(withContext(url, 'formatted.sql', changelogSync)).rejects.toMatchObject({ code: 'not-offered' })
})
