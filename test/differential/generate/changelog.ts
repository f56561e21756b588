// A whole changelog: one world, cut into files of several formats that the root includes.
import { posix } from 'node:path'
import { Dice } from '../dice.ts'
import type { DatabaseName } from '../peer/place.ts'
import { editOf, scriptChangeSet, structuredChangeSet, twice } from './change-set.ts'
import { grounds } from './ground.ts'
import type { Attributes, Change, ChangelogFile, ChangeSet, Entry, Format, Generated } from './model.ts'
import { guardOfChangelog } from './precondition.ts'
import { createTable } from './table.ts'
import type { World } from './world.ts'

const structured: readonly Format[] = ['xml', 'yaml', 'json']
const authors = ['amy', 'bob', "o'neil", 'Ünï Cødé', 'a.b@c', '']

export function generate(seed: number, database: DatabaseName): Generated {
  const dice = new Dice(seed)
  const world: World = {
    dice,
    ground: grounds[database],
    taken: new Set(),
    tables: [],
    views: [],
    sequences: [],
    files: {},
    properties: [],
    counter: 0,
    format: 'xml',
  }
  const quoting: Attributes = dice.chance(0.2)
    ? { objectQuotingStrategy: dice.pick(['QUOTE_ALL_OBJECTS', 'QUOTE_ONLY_RESERVED_WORDS', 'LEGACY']) }
    : {}
  const author = dice.pick(authors.slice(0, 5))
  const rootFormat = dice.pick(structured)
  const entries: Entry[] = [
    { kind: 'changeSet', changeSet: { id: 'first', author, attributes: {}, changes: createTable(world).changes } },
  ]
  const files: ChangelogFile[] = []
  for (let segment = dice.from(1, 4); segment > 0; segment -= 1) {
    const kind = dice.from(0, 9)
    if (kind < 4)
      entries.push(
        ...changeSets(world, rootFormat, author).map((changeSet) => ({ kind: 'changeSet', changeSet }) as const),
      )
    else if (kind < 8) {
      const file = included(world, `db/part${segment}`, quoting, author)
      files.push(file)
      entries.push({ kind: 'include', attributes: { ...reference(dice, file.path), ...inherited(world, file) } })
    } else {
      const folder = `db/all${segment}`
      for (let count = dice.from(1, 3); count > 0; count -= 1)
        files.push(included(world, `${folder}/${9 - count}`, quoting, author))
      entries.push({ kind: 'includeAll', attributes: reference(dice, `${folder}/`, 'path') })
    }
  }
  const root: ChangelogFile = {
    path: `db/root.${rootFormat}`,
    format: rootFormat,
    attributes: {
      ...quoting,
      ...(files.length === 0 && dice.chance(0.3) ? { logicalFilePath: 'logical/root.any' } : {}),
    },
    properties: dice.chance(0.2)
      ? [
          { name: 'colour', value: 'red' },
          { name: 'colour', value: 'blue' },
          { name: 'shape', value: '${colour} box', dbms: database },
        ]
      : [],
    entries,
    crlf: dice.chance(0.1),
    byteOrderMark: dice.chance(0.05),
    ...(dice.chance(0.15) ? { preconditions: guardOfChangelog(world) } : {}),
  }
  const all = [root, ...files].map((file) => relativePaths(file, dice))
  const edits: Record<string, ChangeSet> = {}
  for (const file of all) {
    for (const entry of file.entries) {
      const edit = entry.kind === 'changeSet' ? editOf(entry.changeSet) : undefined
      if (edit && entry.kind === 'changeSet') edits[`${file.path}::${entry.changeSet.id}`] = edit
    }
  }
  return {
    seed,
    root: root.path,
    files: all,
    extras: world.files,
    contexts: dice.pick(['', '', 'one', 'two', 'one,two', 'three']),
    labelFilter: dice.pick(['', '', '', 'alpha', '!beta', 'alpha or v1.0', 'alpha and beta']),
    ages: seed % 3 === 0,
    edits,
  }
}

function changeSets(world: World, format: Format, author: string): readonly ChangeSet[] {
  const list: ChangeSet[] = []
  world.format = format
  for (let count = world.dice.from(1, 5); count > 0; count -= 1) {
    list.push(format === 'sql' ? scriptChangeSet(world, author || 'amy') : structuredChangeSet(world, author))
  }
  return twice(world, list)
}

function included(world: World, name: string, quoting: Attributes, author: string): ChangelogFile {
  const { dice } = world
  const format = dice.pick<Format>(['xml', 'yaml', 'json', 'sql', 'sql'])
  const list = changeSets(world, format, dice.chance(0.3) ? dice.pick(authors.slice(0, 5)) : author)
  // The same id in another file is another change set.
  const renumbered = dice.chance(0.2) ? list.map((changeSet, index) => ({ ...changeSet, id: String(index + 1) })) : list
  return {
    path: `${name}.${format === 'yaml' && dice.chance(0.3) ? 'yml' : format}`,
    format,
    attributes: {
      ...(format === 'sql' ? {} : quoting),
      ...(dice.chance(0.1) ? { logicalFilePath: `logical/${posix.basename(name)}` } : {}),
    },
    properties: [],
    entries: renumbered.map((changeSet) => ({ kind: 'changeSet', changeSet })),
    crlf: dice.chance(0.15),
    byteOrderMark: dice.chance(0.05),
  }
}

/** The root lies in `db/`. */
function reference(dice: Dice, path: string, key = 'file'): Attributes {
  const relative = dice.chance(0.5)
  return relative ? { [key]: path.slice('db/'.length), relativeToChangelogFile: true } : { [key]: path }
}

/** Contexts and labels of the include hold for what is included; only where nothing later depends on it. */
function inherited({ dice }: World, file: ChangelogFile): Attributes {
  return dice.chance(0.1) && file.format !== 'sql' ? { context: '!never' } : {}
}

/** Some changes say where their file lies from where they stand. */
function relativePaths(file: ChangelogFile, dice: Dice): ChangelogFile {
  const folder = posix.dirname(file.path)
  const change = (one: Change): Change => {
    const key = one.type.startsWith('load') ? 'file' : 'path'
    const path = one.attributes[key]
    if (typeof path !== 'string' || !dice.chance(0.4)) return one
    return {
      ...one,
      attributes: { ...one.attributes, [key]: posix.relative(folder, path), relativeToChangelogFile: true },
    }
  }
  return {
    ...file,
    entries: file.entries.map((entry) =>
      entry.kind === 'changeSet'
        ? { kind: 'changeSet', changeSet: { ...entry.changeSet, changes: entry.changeSet.changes.map(change) } }
        : entry,
    ),
  }
}
