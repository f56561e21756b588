// `generate-changelog`: the change sets that make again what is in a database.
import { describeChanges } from '#change/describe'
import { parseChange } from '#change/registry'
import { dialectFor } from '#database/dialect'
import { definerFor } from '#database/snapshot/define'
import type { Snapshot } from '#database/snapshot/model'
import { type Attributes, type Change, type ChangeSetToWrite, nodeOf } from './change.ts'
import { type ChangelogFormat, formatChangelog } from './format.ts'
import { type SchemaOptions, schemaChanges } from './schema.ts'

export interface ChangeSetOptions {
  readonly author: string
  /** Epoch milliseconds; part of every id. */
  readonly clock: () => number
  /** Names of changes whose change sets run again when they are edited, lower case. */
  readonly runOnChangeTypes: readonly string[]
  /** Ids say what the change set does. */
  readonly describedIds?: boolean
  /** Change sets say when they were generated. */
  readonly created?: boolean
  /** Further attributes of every change set: `context`, `labels`. */
  readonly attributes?: Attributes
}

/** Numbers them from 1: `1700000000000-1`, with `describedIds` also ` (createTable tableName=t)`. */
export function changeSetsOf(
  changes: readonly (readonly Change[])[],
  shortName: string,
  { author, clock, runOnChangeTypes, attributes, describedIds = false, created = false }: ChangeSetOptions,
): readonly ChangeSetToWrite[] {
  const stamp = clock()
  return changes.map((list, index) => ({
    id: `${stamp}-${index + 1}${describedIds ? descriptionOf(list, shortName) : ''}`,
    author,
    attributes: {
      ...attributes,
      ...(created ? { created: createdText(stamp) } : {}),
      ...(list.some(({ name }) => runOnChangeTypes.includes(name.toLowerCase())) ? { runOnChange: 'true' } : {}),
    },
    changes: list,
  }))
}

/** At most 150 characters, as the original engine cuts it. */
function descriptionOf(changes: readonly Change[], shortName: string): string {
  const parsed = changes.flatMap((change) => parseChange(nodeOf(change), shortName).change ?? [])
  const text = ` (${describeChanges(parsed)})`
  return text.length > 150 ? `${text.slice(0, 146)}...)` : text
}

/** `2023-11-14 22:13+0000`. */
const createdText = (time: number): string => `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')}+0000`

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
  const changeSets = changeSetsOf(schemaChanges(snapshot, dialect, options, rows), shortName, options)
  const { quoting } = definerFor(shortName)
  return { changeSets, text: await formatChangelog(changeSets, { format: options.format, dialect, quoting }) }
}
