// Suite `vectors metadata`: every change type with its attributes: known, required and supported where they were there.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { canonicalForm } from '#change/checksum'
import { changeTypes, parseChange } from '#change/registry'
import type { ChangelogNode } from '#changelog/node'
import { memorySource } from '#changelog/memory'
import type { Diagnostic } from '#contract/diagnostic'
import { dialectFor } from '#database/dialect'
import { type Check, databaseNames, type DatabaseName } from './check.ts'
import { allOf } from './difference.ts'

interface Attribute {
  readonly name: string
  readonly type: string
  readonly kind: string
  readonly required: readonly string[]
  readonly supported: readonly string[]
}

interface Recorded {
  readonly name: string
  readonly notHashed: Readonly<Record<8 | 9, readonly string[]>>
  readonly attributes: readonly Attribute[]
}

const files = memorySource({ path0: 'one', path1: 'two', file0: 'a\n1', file1: 'b\n2' })
const span = { file: 'change.yaml', line: 1, column: 1 } as const
const words = (text: string): readonly string[] =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')

export function metadataVectors(vectors: string): readonly Check[] {
  const text = readFileSync(join(vectors, 'metadata', 'change-metadata-4.33.0.txt'), 'utf8')
  const blocks = text
    .split('## V8 PARAM DIFF')[0]!
    .split(/^CHANGE /m)
    .slice(1)
    .map(readBlock)
  return blocks.flatMap((change) => [
    { suite: 'vectors metadata', column: 'any', name: change.name, run: async () => await hashedAs(change) } as const,
    ...databaseNames.flatMap((database) =>
      change.attributes.map((attribute) => ({
        suite: 'vectors metadata',
        column: database,
        name: `${change.name}.${attribute.name}`,
        run: async () => await understood(change, attribute, database),
      })),
    ),
  ])
}

function readBlock(block: string): Recorded {
  const [head = '', ...lines] = block.split('\n')
  const [, name = '', ex9 = '', ex8 = ''] = /^(\S+) .*ex9=\[(.*?)\] ex8=\[(.*?)\]/.exec(head) ?? []
  const attributes = lines.flatMap((line) => {
    const match = /^ {3}(\S+) : (.+?) ([A-Z]+_[A-Z]+) req=\[(.*?)\] sup=\[(.*?)\]/.exec(line)
    if (!match) return []
    const [, attribute = '', type = '', kind = '', required = '', supported = ''] = match
    return { name: attribute, type, kind, required: words(required), supported: words(supported) }
  })
  return { name, notHashed: { 9: words(ex9), 8: words(ex8) }, attributes }
}

const holds = (list: readonly string[], database: string): boolean => list.includes('all') || list.includes(database)

function leaf(name: string, value: string): ChangelogNode {
  return { name, value, children: [], span }
}

function sampleOf({ name, type }: Attribute, round = 0): ChangelogNode {
  if (type.startsWith('list of')) {
    const column = [leaf('name', `c${round}`), leaf('type', 'int')]
    return { name, value: undefined, children: [{ name: 'column', value: undefined, children: column, span }], span }
  }
  if (type === 'boolean') return leaf(name, 'true')
  if (type === 'bigInteger' || type === 'integer') return leaf(name, String(round + 5))
  if (name === 'encoding') return leaf(name, round === 0 ? 'UTF-8' : 'ISO-8859-1')
  return leaf(name, `${name.toLowerCase()}${round}`)
}

function parseWith(change: Recorded, attributes: readonly Attribute[], database: DatabaseName): readonly Diagnostic[] {
  const children = attributes.map((attribute) => sampleOf(attribute))
  return parseChange({ name: change.name, value: undefined, children, span }, database).diagnostics
}

/** Is the attribute known, missed where it is required, refused where the database does not support it? */
async function understood(change: Recorded, attribute: Attribute, database: DatabaseName): Promise<string | undefined> {
  const others = change.attributes.filter((one) => one !== attribute && holds(one.supported, database))
  const found = parseWith(change, [...others, attribute], database)
  const unknown = found.find(
    ({ code, message }) =>
      code === 'change/unknown-type' ||
      (code === 'change/unknown-attribute' && message.includes(`"${attribute.name}"`)),
  )
  if (unknown) return unknown.message
  if (found.some(({ code }) => code === 'change/not-supported')) return undefined
  const missing = parseWith(change, others, database).some(
    ({ code, severity, message }) =>
      code === 'change/missing-attribute' && severity === 'error' && message.includes(`"${attribute.name}"`),
  )
  const refused = found.some(
    ({ code, message }) => code === 'change/attribute-not-supported' && message.includes(`"${attribute.name}"`),
  )
  const required = holds(attribute.required, database)
  const supported = holds(attribute.supported, database)
  return allOf(
    required === missing || isAlternative(change, attribute)
      ? undefined
      : `${missing ? 'is required, but need not be' : 'is not required'} on ${database}`,
    supported !== refused || (!supported && (await isLeftOut(change, others, database)))
      ? undefined
      : `${refused ? 'is refused' : 'is not refused'} on ${database}`,
  )
}

/** A change that does nothing on the database is not validated there. */
async function isLeftOut(change: Recorded, attributes: readonly Attribute[], database: DatabaseName): Promise<boolean> {
  const children = attributes.map((attribute) => sampleOf(attribute))
  const { change: parsed } = parseChange({ name: change.name, value: undefined, children, span }, database)
  if (parsed === undefined) return false
  const context = { dbms: database, files, changelogPath: 'change.yaml', expand: (text: string) => text }
  const statements = await parsed.type.statements(parsed.attributes, context, span).catch(() => undefined)
  if (statements === undefined) return false
  return statements.flatMap((statement) => dialectFor(database).write(statement, 'LEGACY')).length === 0
}

/** Of a text and a path either will do, which the list cannot say. */
function isAlternative(change: Recorded, { name }: Attribute): boolean {
  return change.name === 'createProcedure' && (name === 'path' || name === 'procedureText')
}

/** Does each attribute count for the checksum of either version exactly where it did? */
async function hashedAs(change: Recorded): Promise<string | undefined> {
  const type = changeTypes.get(change.name)
  if (type === undefined) return `there is no change type ${change.name}`
  const context = {
    dbms: 'postgresql',
    files,
    changelogPath: 'change.yaml',
    expand: (text: string) => text,
  }
  const findings: string[] = []
  const hash = async (round: (one: Attribute) => number, version: 8 | 9): Promise<string> => {
    const children = change.attributes
      .filter((one) => !isAlternative(change, one) || one.name === 'procedureText')
      .map((one) => sampleOf(one, round(one)))
      .map((node) =>
        node.value === 'true' && round({ name: node.name } as Attribute) === 1 ? leaf(node.name, 'false') : node,
      )
    const { change: parsed } = parseChange({ name: change.name, value: undefined, children, span }, 'postgresql')
    return parsed === undefined ? '' : await type.checksum(parsed.attributes, { ...canonicalForm, version }, context)
  }
  for (const version of [9, 8] as const) {
    const before = await hash(() => 0, version)
    for (const attribute of change.attributes) {
      const after = await hash(({ name }) => (name === attribute.name ? 1 : 0), version)
      const counts = isHashed(change, attribute, version)
      if (counts !== undefined && counts !== (before !== after)) {
        findings.push(
          `${attribute.name} ${counts ? 'does not count' : 'counts'} for the checksum of version ${version}`,
        )
      }
    }
  }
  return allOf(...findings)
}

/** Types with a checksum of their own; what counts there the vectors of checksums tell. */
const ownChecksum = new Set([
  'sql',
  'sqlFile',
  'loadData',
  'loadUpdateData',
  'createView',
  'createProcedure',
  'executeCommand',
])

function isHashed(change: Recorded, attribute: Attribute, version: 8 | 9): boolean | undefined {
  if (isFolded(change, attribute) || ownChecksum.has(change.name) || attribute.kind === 'NESTED_OBJECT')
    return undefined
  return !change.notHashed[version].includes(attribute.name)
}

/** The old `deleteCascade` is hashed as `onDelete`; which of the two counts depends on the other (see the golden checksums). */
function isFolded(change: Recorded, { name }: Attribute): boolean {
  return (
    change.name === 'addForeignKeyConstraint' && ['deleteCascade', 'onDelete', 'referencesUniqueColumn'].includes(name)
  )
}
