// The stores that suites run on: embedded always, real PostgreSQL when SLUICE_TEST_POSTGRES_URL names a server.
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { openStore, type StoreLocation } from '#manager/store/open'
import type { Store } from '#manager/store/port'
import { migrateByFile } from './migrate.ts'

export interface TestPlace {
  readonly location: StoreLocation
  remove(): Promise<void>
}

/** URL of a PostgreSQL server on which databases may be created. */
export const postgresUrl = process.env['SLUICE_TEST_POSTGRES_URL']

/** Kinds of stores to run a suite on. Says by name what is left out. */
export const storeKinds: readonly ('embedded' | 'postgresql')[] =
  postgresUrl === undefined ? ['embedded'] : ['embedded', 'postgresql']

export function sayWhatIsMissing(suite: string): void {
  if (postgresUrl === undefined) {
    console.warn(`NOT RUN: "${suite}" on PostgreSQL. Set SLUICE_TEST_POSTGRES_URL to a server to run it.`)
  }
}

export async function newPlace(kind: 'embedded' | 'postgresql'): Promise<TestPlace> {
  if (kind === 'embedded') {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-store-'))
    return {
      location: { kind, directory: join(folder, 'store') },
      remove: async () => rmSync(folder, { recursive: true }),
    }
  }
  if (postgresUrl === undefined) throw new Error('SLUICE_TEST_POSTGRES_URL is not set')
  const name = `sluice_${randomUUID().replaceAll('-', '')}`
  await administer(postgresUrl, `create database ${name}`)
  const url = new URL(postgresUrl)
  url.pathname = `/${name}`
  return {
    location: { kind, url: url.href },
    remove: () => administer(postgresUrl, `drop database ${name} with (force)`),
  }
}

async function administer(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

export function openPlace(place: TestPlace, log: (line: string) => void = () => {}): Promise<Store> {
  return openStore({ location: place.location, migrate: migrateByFile, log }, AbortSignal.timeout(60_000))
}
