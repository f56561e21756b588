// `generate-changelog`: the change sets that make again what is in a database.
import { dialectFor } from '#database/dialect'
import { definerFor } from '#database/snapshot/define'
import type { Snapshot } from '#database/snapshot/model'
import type { Attributes, Change, ChangeSetToWrite } from './change.ts'
import { type ChangelogFormat, formatChangelog } from './format.ts'
import { type SchemaOptions, schemaChanges } from './schema.ts'

export interface ChangeSetOptions {
  readonly author: string
  /** Epoch milliseconds; part of every id. */
  readonly clock: () => number
  /** Names of changes whose change sets run again when they are edited, lower case. */
  readonly runOnChangeTypes: readonly string[]
  /** Further attributes of every change set: `context`, `labels`. */
  readonly attributes?: Attributes
}

/** Numbers them from 1: `1700000000000-1`. */
export function changeSetsOf(
  changes: readonly (readonly Change[])[],
  { author, clock, runOnChangeTypes, attributes }: ChangeSetOptions,
): readonly ChangeSetToWrite[] {
  const stamp = clock()
  return changes.map((list, index) => ({
    id: `${stamp}-${index + 1}`,
    author,
    attributes: {
      ...attributes,
      ...(list.some(({ name }) => runOnChangeTypes.includes(name.toLowerCase())) ? { runOnChange: 'true' } : {}),
    },
    changes: list,
  }))
}

export interface GenerateOptions extends SchemaOptions, ChangeSetOptions {
  readonly format: ChangelogFormat
}

export interface Generated {
  readonly text: string
  readonly changeSets: readonly ChangeSetToWrite[]
}

/** `snapshot` without the history tables; `rows` are change sets that fill its tables. */
export async function generateChangelog(
  snapshot: Snapshot,
  options: GenerateOptions,
  rows: readonly (readonly Change[])[] = [],
): Promise<Generated> {
  const { shortName } = snapshot.database
  const dialect = dialectFor(shortName)
  const changeSets = changeSetsOf(schemaChanges(snapshot, dialect, options, rows), options)
  const { quoting } = definerFor(shortName)
  return { changeSets, text: await formatChangelog(changeSets, { format: options.format, dialect, quoting }) }
}
