// The commands that read a live schema, as the suites use them.
import type { Database } from '#database/port'
import { generateChangelog } from '#engine/generate/generate'
import { withoutHistory } from '#engine/snapshot/history-table'
import { selectionOf } from '#engine/snapshot/select'
import { formatSnapshot, snapshot } from '#engine/snapshot/snapshot'

export const names = { schemaName: undefined, changelogTable: 'DATABASECHANGELOG', lockTable: 'DATABASECHANGELOGLOCK' }

/** `snapshot --snapshot-format=json`, parsed; the part that Liquibase has, too. */
export async function snapshotOf(database: Database): Promise<unknown> {
  const selection = selectionOf({})
  const text = formatSnapshot(await snapshot({ database }, { selection }), selection, 'json', 0)
  return { snapshot: (JSON.parse(text) as { readonly snapshot: unknown }).snapshot }
}

export const plain = {
  author: 'conformance',
  clock: Date.now,
  runOnChangeTypes: [],
  includeSchema: false,
  includeCatalog: false,
  includeTablespace: false,
  replaceViews: false,
  skipSorting: false,
}

export type ChangelogFormat = 'xml' | 'yml' | 'json' | 'sql'

/** `generate-changelog`: the text of the file. `exclude` is the value of excludeObjects. */
export async function generatedChangelog(
  database: Database,
  format: ChangelogFormat,
  exclude: string,
): Promise<string> {
  const selection = selectionOf(exclude === '' ? {} : { excludeObjects: exclude })
  const { text } = await generateChangelog(withoutHistory(await snapshot({ database }, { selection }), names), {
    ...plain,
    format: format === 'yml' ? 'yaml' : format,
  })
  return text
}

/** A snapshot without what differs from one snapshot to the next of the same schema. */
export function withoutIdentities(snapshot: unknown): unknown {
  if (Array.isArray(snapshot)) {
    return snapshot.map(withoutIdentities).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  }
  if (typeof snapshot !== 'object' || snapshot === null) {
    return typeof snapshot === 'string' ? snapshot.replace(/#[\w-]+$/, '#') : snapshot
  }
  const entries = Object.entries(snapshot).filter(([key]) => !/^(?:snapshotId|created|order)$/.test(key))
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutIdentities(value)]))
}
