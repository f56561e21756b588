// Commands of the engine that read or write files: they lie in the folder that the steps of the group share.
import { access, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { Fault } from '#contract/fault'
import { dialectFor } from '#database/dialect'
import { definerFor } from '#database/snapshot/define'
import { readSnapshotFile } from '#database/snapshot/file'
import type { Snapshot } from '#database/snapshot/model'
import type { TargetContext } from '#engine/context'
import { diffChanges } from '#engine/diff/change'
import { diffOf } from '#engine/diff/diff'
import { diffText } from '#engine/diff/text'
import { formatChangelog, formatOfFile } from '#engine/generate/format'
import { changeSetsOf, generateChangelog } from '#engine/generate/generate'
import type { SchemaOptions } from '#engine/generate/schema'
import { withoutHistory } from '#engine/snapshot/history-table'
import { objectTypesOf } from '#engine/snapshot/object-type'
import { type Selection, selectionOf } from '#engine/snapshot/select'
import { snapshot } from '#engine/snapshot/snapshot'
import { pathInGroup } from '#contract/group-folder'
import { refuseLeaving } from '../own-folder.ts'

type Settings = Readonly<Record<string, string>>

/** A path within the folder. Raises `invalid-input` for one that leads out of it, `forbidden` where a link does. */
export async function fileIn(folder: string, path: string): Promise<string> {
  const inside = pathInGroup(normalize(path))
  if (inside !== undefined) {
    const file = join(folder, inside)
    await refuseLeaving(folder, file)
    return file
  }
  throw new Fault('invalid-input', `The file ${path.slice(0, 256)} is outside of the folder of the step group.`, {
    hint: 'Write a path without a slash at its beginning.',
  })
}

export async function writeIn(folder: string, path: string, text: string): Promise<void> {
  const file = await fileIn(folder, path)
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await writeFile(file, text)
}

function selectionFrom(settings: Settings): Selection {
  const types = objectTypesOf(settings['diff-types'], 'diff-types')
  return selectionOf({
    types,
    includeObjects: settings['include-objects'],
    excludeObjects: settings['exclude-objects'],
  })
}

const optionsFrom = (target: TargetContext, settings: Settings) => ({
  author: settings['author'] ?? settings['changeset-author'] ?? 'sluice (generated)',
  clock: () => target.clock(),
  runOnChangeTypes: [],
  attributes: { contextFilter: settings['contexts'], labels: settings['label-filter'] },
  ...plainSchemas,
})
const plainSchemas: SchemaOptions = {
  includeSchema: false,
  includeCatalog: false,
  includeTablespace: false,
  replaceViews: false,
  skipSorting: false,
}

const readTarget = async (target: TargetContext, selection: Selection, signal: AbortSignal): Promise<Snapshot> =>
  withoutHistory(await snapshot(target, { selection }, signal), target.names)

/** The changelog that makes again what is in the database; gives what to say. */
export async function generate(
  target: TargetContext,
  settings: Settings,
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  const path = settings['changelog-file'] ?? 'generated.yml'
  const file = await fileIn(folder, path)
  if (settings['overwrite-output-file'] !== 'true' && (await isThere(file)))
    throw new Fault('already-exists', `The file ${path} is there already; it was left as it is.`, {
      hint: 'Name another file, or set overwrite-output-file to true.',
    })
  const found = await readTarget(target, selectionFrom(settings), signal)
  const options = { ...optionsFrom(target, settings), format: formatOfFile(file) }
  const { text, changeSets } = await generateChangelog(found, options)
  await writeIn(folder, path, text)
  return [`${changeSets.length} change sets written to ${path}`, text].join('\n')
}

/** What has to change in the database so that it is as the snapshot; in a file, when one is named. */
export async function diffChangelog(
  target: TargetContext,
  settings: Settings,
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  const { reference, comparison, selection } = await sides(target, settings, folder, signal)
  const { shortName } = comparison.database
  const dialect = dialectFor(shortName)
  const options = optionsFrom(target, settings)
  const { changes, notes } = diffChanges(diffOf(reference, comparison, selection), dialect, options)
  const changeSets = changeSetsOf(changes, shortName, options)
  const path = settings['changelog-file']
  const file = path === undefined ? undefined : await fileIn(folder, path)
  const overwrite = settings['overwrite-output-file'] === 'true'
  // A changelog that is there is continued.
  const existing = file !== undefined && !overwrite && (await isThere(file)) ? await readFile(file, 'utf8') : undefined
  const format = formatOfFile(file)
  const text = await formatChangelog(changeSets, { format, dialect, quoting: definerFor(shortName).quoting, existing })
  if (path !== undefined) await writeIn(folder, path, text)
  const where = path === undefined ? '' : ` ${existing === undefined ? 'written to' : 'added to'} ${path}`
  return [`${changeSets.length} change sets${where}`, ...notes.map((note) => `note: ${note}`), text].join('\n')
}

export async function difference(
  target: TargetContext,
  settings: Settings,
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  const { reference, comparison, selection } = await sides(target, settings, folder, signal)
  return diffText(diffOf(reference, comparison, selection), selection.types)
}

async function sides(target: TargetContext, settings: Settings, folder: string, signal: AbortSignal) {
  const reference = withoutHistory(await readReference(settings['reference-url'] ?? '', folder), target.names)
  const selection = selectionFrom(settings)
  const comparison = await readTarget(target, selection, signal)
  const [one, other] = [reference.database, comparison.database]
  if (one.shortName !== other.shortName)
    throw new Fault('not-offered', `${one.productName} cannot be compared with ${other.productName}.`, {
      hint: 'Compare two databases of the same kind.',
    })
  return { reference, comparison, selection }
}

/** `offline:postgresql?snapshot=shop.json`: a step names no second database, whose credentials would stand in its settings. */
async function readReference(url: string, folder: string): Promise<Snapshot> {
  const path = /^offline:[a-z0-9]+\?(?:[^#]*&)?snapshot=([^&#]+)/i.exec(url)?.[1]
  if (path === undefined)
    throw new Fault(
      'not-offered',
      'A step compares with a snapshot: reference-url is offline:<database>?snapshot=<file>.',
      {
        hint: 'Take the snapshot of the other instance in a step before, with output-file; or use sluice instance diff.',
      },
    )
  const file = await fileIn(folder, path)
  if (!(await isThere(file)))
    throw new Fault('not-found', `There is no file ${path} in the folder of the step group.`, {
      hint: 'Take the snapshot in a step of the same group, with output-file.',
    })
  return await readSnapshotFile(file)
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  )
