// SQL of the change types for MySQL and MariaDB, against what Liquibase 4.33.0 printed for the same changes (our own changes, recorded
// offline as MySQL 8.0.36 and MariaDB 10.11.6). What differs on purpose is not in the list; docs/decisions/0007 names it.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseChange } from '#change/registry'
import { hasErrors } from '#contract/diagnostic'
import { dialectFor } from '#database/dialect'
import { contextOf, nodeOf } from '../database/change-set.ts'

type Recorded = readonly string[] | 'refused'
interface Entry {
  readonly change: Readonly<Record<string, unknown>>
  readonly mysql?: Recorded
  readonly mariadb?: Recorded
}

const entries = JSON.parse(readFileSync(new URL('mysql-recorded.json', import.meta.url), 'utf8')) as readonly Entry[]

async function written(dbms: string, change: Entry['change']): Promise<Recorded> {
  const [[name, value] = ['', undefined]] = Object.entries(change)
  const parsed = parseChange(nodeOf(name, value), dbms)
  if (!parsed.change || hasErrors(parsed.diagnostics)) return 'refused'
  const { type, attributes, span } = parsed.change
  const statements = await type.statements(attributes, contextOf(dbms), span)
  return statements.flatMap((statement) =>
    dialectFor(dbms)
      .write(statement, 'LEGACY')
      .map(({ sql }) => sql),
  )
}

test.each(['mysql', 'mariadb'] as const)('%s', async (dbms) => {
  const recorded = entries.filter((entry) => entry[dbms] !== undefined)
  expect(recorded.length).toBeGreaterThan(200)
  for (const entry of recorded) {
    expect([entry.change, await written(dbms, entry.change)]).toEqual([entry.change, entry[dbms]])
  }
})
