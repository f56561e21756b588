// include, includeAll and property are the same in every format, attribute by attribute.
import { expect, test } from 'vitest'
import type { Part } from './contract.ts'
import { misspelt, read, setOf, summary } from './read.ts'
import { formats } from './write.ts'

const child = 'databaseChangeLog:\n- changeSet: { id: c, author: a, labels: own, comment: "${v}" }\n'
const more = { 'd/c.yaml': child, 'd/e/late.yaml': child.replace('id: c', 'id: l'), 'p.properties': 'v=filed\n' }

/** Top-level elements in every format: the same change sets, or the same findings at the line of `told`. */
async function readAll(parts: readonly Part[], told?: string): Promise<unknown> {
  const results: unknown[] = []
  for (const format of ['xml', 'yaml', 'json'] as const) {
    const written = formats[format](parts)
    const { changelog, diagnostics } = await read(`f.${format}`, written, more)
    const line = written.split('\n').findIndex((text) => told !== undefined && text.includes(told)) + 1
    expect(
      diagnostics.map(({ span }) => span?.line),
      `${format}: ${JSON.stringify(diagnostics)}`,
    ).toEqual(told === undefined ? [] : [line])
    if (told !== undefined) expect(diagnostics[0]?.message).toContain(told)
    results.push(await Promise.all((changelog?.changeSets ?? []).map(summary)))
  }
  // In XML it is an error, elsewhere a warning, as with the original.
  if (told !== undefined) return undefined
  expect(results[1], 'yaml').toEqual(results[0])
  expect(results[2], 'json').toEqual(results[0])
  return results[0]
}

const including = {
  include: {
    file: 'd/c.yaml',
    relativeToChangelogFile: 'true',
    errorIfMissing: 'false',
    context: 'a',
    contextFilter: 'b or c',
    labels: 'L1,l2',
    ignore: 'true',
    logicalFilePath: 'x/y',
    id: '9',
    author: 'z',
    created: 'then',
  },
  includeAll: {
    path: 'd',
    relativeToChangelogFile: 'true',
    errorIfMissingOrEmpty: 'false',
    context: 'a',
    contextFilter: 'b or c',
    labels: 'L1,l2',
    ignore: 'true',
    logicalFilePath: 'x/y',
    minDepth: '2',
    maxDepth: '1',
    endsWithFilter: 'E.YAML',
  },
} as const
/** They only matter where something is missing, or not at all. */
const silent = ['relativeToChangelogFile', 'errorIfMissing', 'errorIfMissingOrEmpty', 'id', 'author', 'created']

test.each(
  Object.entries(including).flatMap(([name, all]) => Object.keys(all).map((attribute) => [name, attribute] as const)),
)('%s %s is the same in XML, YAML and JSON, and a misspelt one is told', async (name, attribute) => {
  const all: Readonly<Record<string, string>> = including[name as keyof typeof including]
  const [place = ''] = Object.keys(all)
  const base = { [place]: all[place] ?? '' }
  const plain = await readAll([{ name, attributes: base }])
  if (attribute === place) return
  const one = await readAll([{ name, attributes: { ...base, [attribute]: all[attribute] ?? '' } }])
  if (silent.includes(attribute)) expect(one).toEqual(plain)
  else expect(one).not.toEqual(plain)
  const wrong = { ...base, [misspelt(attribute)]: all[attribute] ?? '' }
  await readAll([{ name, attributes: wrong }], misspelt(attribute))
})

test.each([
  ['name and value', { name: 'v', value: "it's <it>" }, "it's <it>"],
  ['another name', { name: 'w', value: '1' }, '${v}'],
  ['dbms', { name: 'v', value: '1', dbms: 'oracle' }, '${v}'],
  ['context', { name: 'v', value: '1', context: 'x' }, '1'],
  ['labels', { name: 'v', value: '1', labels: 'x' }, '1'],
  ['global', { name: 'v', value: '1', global: 'false' }, '1'],
  ['file', { file: 'p.properties' }, 'filed'],
  ['relativeToChangelogFile', { file: 'p.properties', relativeToChangelogFile: 'true' }, 'filed'],
  ['errorIfMissing', { file: 'none.properties', errorIfMissing: 'false' }, '${v}'],
] as readonly (readonly [string, Record<string, string>, string])[])(
  'property with %s is the same in XML, YAML and JSON, and a misspelt one is told',
  async (_what, attributes, comment) => {
    const property: Part = { name: 'property', attributes }
    const set = setOf({ name: 'comment', text: ['', '${v}'] }, { name: 'empty' })
    expect(await readAll([property, set])).toMatchObject([{ comment }])
    const last = Object.keys(attributes).at(-1) ?? ''
    if (last === 'value' || last === 'file') return
    const { [last]: value = '', ...others } = attributes
    if (last === 'errorIfMissing') return
    await readAll([{ name: 'property', attributes: { ...others, [misspelt(last)]: value } }, set], misspelt(last))
  },
)
