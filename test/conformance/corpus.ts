// The recorded cases: index.json with all its keys, and the variant of a case for a version of its database.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseName } from './check.ts'

export interface RecordedChecksum {
  /** `path::id::author` */
  readonly changeSet: string
  readonly v8?: string
  readonly v9: string
  readonly description: string
  readonly v9WithoutRawDate?: string
  readonly v9Stored?: string
}

export interface Case {
  readonly id: string
  readonly suite: string
  readonly db: DatabaseName | 'any'
  readonly name: string
  readonly dbVersions?: readonly string[]
  readonly otherVersions?: readonly (Partial<Case> & { readonly dbVersions: readonly string[] })[]
  readonly notForVersions?: readonly string[]
  readonly searchPath: string | null
  readonly changelog: string | null
  readonly changelogs?: readonly string[]
  readonly change?: string
  readonly parameters?: Readonly<Record<string, unknown>>
  readonly expectedSql?: string | null
  readonly expectedSnapshot?: string | null
  readonly checkingSql?: string
  readonly checkingSqls?: readonly string[]
  readonly expectedResultSet?: string
  readonly resultKey?: string
  readonly expectedHistory?: readonly Readonly<Record<string, string | null>>[]
  readonly expectedError?: string
  readonly recordedWith?: { readonly engine: string; readonly url: string }
  readonly initSql?: string
  readonly secondaryInitSql?: string
  readonly expectedGenerateChangelogSql?: string
  readonly expectedDiffChangelogSql?: string
  readonly expectedDiff?: string
  readonly expectedEmptyDiff?: string
  readonly excludeObjects?: string
  readonly checksums?: readonly RecordedChecksum[]
  readonly notes?: readonly string[]
}

export interface DatabaseEntry {
  readonly referenceVersion: string
  readonly catalog: string | null
  readonly schema: string | null
  readonly user: string | null
  readonly init: readonly string[]
}

export interface Corpus {
  readonly folder: string
  readonly databases: Readonly<Record<DatabaseName, DatabaseEntry>>
  readonly cases: readonly Case[]
  /** A file of the corpus as text, by its path in index.json. */
  text(path: string): string
}

export function readCorpus(folder: string): Corpus {
  const text = (path: string): string => readFileSync(join(folder, path), 'utf8')
  const index = JSON.parse(text('index.json')) as Pick<Corpus, 'databases' | 'cases'>
  return { folder, databases: index.databases, cases: index.cases, text }
}

/** The case as it holds for a version such as `15`, `10.11`; undefined when it does not hold there at all. */
export function variantOf(one: Case, version: string): Case | undefined {
  if (one.notForVersions?.includes(version)) return undefined
  const other = one.otherVersions?.find(({ dbVersions }) => dbVersions.includes(version))
  return other ? { ...one, ...other } : one
}
