// Every attribute of every change type is the same in every format, and one that is misspelt is told with its place.
import { expect, test } from 'vitest'
import { changeTypeNames, parseChange } from '#change/registry'
import { changeOf, changes, valueOf } from './contract.ts'
import { compare, misspelt, read, setOf } from './read.ts'
import { formats } from './write.ts'

test('the table has every change type', () => {
  expect(Object.keys(changes).toSorted()).toEqual([...changeTypeNames].toSorted())
})

test.each(Object.keys(changes))('%s with all that it can have is the same in XML, YAML and JSON', async (name) => {
  const [one] = (await compare([setOf(changeOf(name))])) as [{ changes: { sums: unknown[]; unknown: unknown[] }[] }]
  expect(one.changes).toHaveLength(1)
  expect(one.changes[0]?.unknown).toEqual([])
  expect(one.changes[0]?.sums).toEqual([expect.stringMatching(/^8:/), expect.stringMatching(/^9:/)])
})

test.each(Object.entries(changes).filter(([, text]) => !/^(?:\||$)/.test(text)))(
  'every attribute of %s that is misspelt is told with its place',
  async (name, text) => {
    const own = (text.split('|')[0] ?? '').trim().split(' ')
    for (const attribute of own) {
      const wrong = { ...changeOf(name), attributes: { [misspelt(attribute)]: valueOf(name, attribute) } }
      for (const format of ['xml', 'yaml', 'json'] as const) {
        const written = formats[format]([setOf(wrong)])
        const { changelog, diagnostics } = await read(`f.${format}`, written)
        const nodes = changelog?.changeSets[0]?.changes ?? []
        const found = [...diagnostics, ...nodes.flatMap((node) => parseChange(node, 'postgresql').diagnostics)]
        const line = written.split('\n').findIndex((one) => one.includes(misspelt(attribute))) + 1
        const told = found.filter(({ message, span }) => message.includes(misspelt(attribute)) && span?.line === line)
        expect(
          told.map(({ severity }) => severity),
          `${attribute} in ${format}: ${JSON.stringify(found)}`,
        ).toHaveLength(1)
      }
    }
  },
)
