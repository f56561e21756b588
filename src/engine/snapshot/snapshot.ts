// `snapshot`: what is in a database, as text, JSON or YAML. JSON and YAML are in the shape of Liquibase, and hold beside it
// everything that Liquibase leaves out, so that a later diff loses nothing.
import { stringify } from 'yaml'
import { formatVersion } from '#database/snapshot/file'
import { readSnapshot } from '#database/snapshot/read'
import type { Snapshot } from '#database/snapshot/model'
import type { TargetContext } from '../context.ts'
import { type DocumentOptions, snapshotDocument } from './document.ts'
import { snapshotJson } from './json.ts'
import { type Selection, selected } from './select.ts'
import { snapshotText } from './text.ts'

export type SnapshotFormat = 'txt' | 'json' | 'yaml'

export interface SnapshotOptions {
  readonly schemaNames?: readonly string[] | undefined
  readonly selection: Selection
}

/** Reads the catalog; changes nothing, needs no lock. Faults: `not-offered`, `database-not-found` for a schema. */
export async function snapshot(
  target: Pick<TargetContext, 'database'>,
  { schemaNames, selection }: SnapshotOptions,
  signal?: AbortSignal,
): Promise<Snapshot> {
  return selected(await readSnapshot(target.database, schemaNames, signal), selection)
}

/** `created`: epoch milliseconds. */
export function formatSnapshot(...input: Parameters<typeof snapshotPieces>): string {
  return [...snapshotPieces(...input)].join('\n')
}

/** The same in pieces of whole lines, without the line end between them. */
export function* snapshotPieces(
  snapshot: Snapshot,
  selection: Selection,
  format: SnapshotFormat,
  created: number,
  options?: DocumentOptions,
): Generator<string> {
  const document = snapshotDocument(snapshot, selection.types, created, options)
  const own = { version: formatVersion, ...snapshot }
  switch (format) {
    case 'txt':
      yield snapshotText(document)
      break
    case 'yaml':
      yield stringify({ ...document, sluice: own }, { aliasDuplicateObjects: false })
      break
    case 'json':
      yield* snapshotJson(document)
      // Our own part is for programs: on one line it is half as long.
      yield `  "sluice": ${JSON.stringify(own)}\n}`
  }
}
