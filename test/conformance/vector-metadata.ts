// Suite `vectors metadata`: every change type with its attributes: known, required and supported where they were there.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { canonicalForm } from '#change/checksum'
import { changeTypes, parseChange } from '#change/registry'
import type { ChangelogNode } from '#changelog/node'
import { memorySource } from '#changelog/memory'
import type { Diagnostic } from '#contract/diagnostic'
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
    ...databaseNames.map((database) => ({
      suite: 'vectors metadata',
      column: database,
      name: change.name,
      run: () => Promise.resolve(understood(change, database)),
    })),
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
  return leaf(name, `${name.toLowerCase()}${round}`)
}

function parseWith(change: Recorded, attributes: readonly Attribute[], database: DatabaseName): readonly Diagnostic[] {
  const children = attributes.map((attribute) => sampleOf(attribute))
  return parseChange({ name: change.name, value: undefined, children, span }, database).diagnostics
}

/** Are all attributes known, is what is required missed, is what the database does not support refused? */
function understood(change: Recorded, database: DatabaseName): string | undefined {
  const findings: (string | undefined)[] = []
  const unknown = parseWith(change, change.attributes, database).filter(
    ({ code }) => code === 'change/unknown-attribute' || code === 'change/unknown-type',
  )
  findings.push(...unknown.map(({ message }) => message))
  const isRefused = parseWith(change, change.attributes, database).some(({ code }) => code === 'change/not-supported')
  for (const attribute of isRefused ? [] : change.attributes) {
    const rest = change.attributes.filter((one) => one !== attribute && holds(one.supported, database))
    const missing = parseWith(change, rest, database).some(
      ({ code, severity, message }) =>
        code === 'change/missing-attribute' && severity === 'error' && message.includes(`"${attribute.name}"`),
    )
    if (holds(attribute.required, database) !== missing && !isAlternative(change, attribute)) {
      findings.push(`${attribute.name}: ${missing ? 'is required, but need not be' : 'is not required'} on ${database}`)
    }
    const refused = parseWith(change, [...rest, attribute], database).some(
      ({ code, message }) => code === 'change/attribute-not-supported' && message.includes(`"${attribute.name}"`),
    )
    if (holds(attribute.supported, database) === refused) {
      findings.push(`${attribute.name}: ${refused ? 'is refused' : 'is not refused'} on ${database}`)
    }
  }
  return allOf(...findings)
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
    files: memorySource({ path0: 'one', path1: 'two', file0: 'a\n1', file1: 'b\n2' }),
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
  if (ownChecksum.has(change.name) || attribute.kind === 'NESTED_OBJECT') return undefined
  return !change.notHashed[version].includes(attribute.name)
}
