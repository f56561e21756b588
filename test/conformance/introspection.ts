// The commands that read a live schema, as the suites use them.
import { Fault } from '#contract/fault'
import type { Database } from '#database/port'

/** `snapshot --snapshot-format=json`, parsed. */
export async function snapshotOf(_database: Database): Promise<unknown> {
  return await Promise.reject(new Fault('not-offered', 'Sluice has no command snapshot.'))
}

export type ChangelogFormat = 'xml' | 'yml' | 'json' | 'sql'

/** `generate-changelog`: the text of the file. `exclude` is the value of excludeObjects. */
export async function generatedChangelog(
  _database: Database,
  _format: ChangelogFormat,
  _exclude: string,
): Promise<string> {
  return await Promise.reject(new Fault('not-offered', 'Sluice has no command generate-changelog.'))
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
