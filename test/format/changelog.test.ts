// What a changelog says about all its change sets is the same in every format, attribute by attribute.
import { expect, test } from 'vitest'
import type { Part } from './contract.ts'
import { misspelt, read, setOf, summary } from './read.ts'
import { formats } from './write.ts'

const more = { 'k.sql': '--liquibase formatted sql\n--changeset a:k\nselect 1 -- one\n' }

interface Told {
  readonly text: string
  readonly meant: string
}

/** The change sets, which are the same in every format; or what is told about one line. */
async function readAll(parts: readonly Part[], own: Readonly<Record<string, string>> = {}, told?: Told) {
  const results: unknown[] = []
  for (const format of ['xml', 'yaml', 'json'] as const) {
    const written = formats[format](parts, own)
    const { changelog, diagnostics } = await read(`f.${format}`, written, more)
    if (told !== undefined) {
      const line = written.split('\n').findIndex((text) => text.includes(told.text)) + 1
      const found = diagnostics.filter(({ message, span }) => message.includes(told.text) && span?.line === line)
      expect(found, `${format}: ${JSON.stringify(diagnostics)}`).toHaveLength(1)
      expect(found[0]?.fix).toContain(`Did you mean "${told.meant}"?`)
    } else expect(diagnostics, format).toEqual([])
    results.push(await Promise.all((changelog?.changeSets ?? []).map(summary)))
  }
  if (told !== undefined) return undefined
  expect(results[1], 'yaml').toEqual(results[0])
  expect(results[2], 'json').toEqual(results[0])
  return results[0]
}

const own: Readonly<Record<string, string>> = {
  logicalFilePath: 'x/y.xml',
  context: 'a',
  contextFilter: 'a or b',
  objectQuotingStrategy: 'QUOTE_ALL_OBJECTS',
  changeLogId: 'c-1',
}

test.each(Object.entries(own))('databaseChangeLog %s is the same in XML, YAML and JSON', async (name, value) => {
  const set = setOf({ name: 'empty' })
  const plain = await readAll([set])
  const given = await readAll([set], { [name]: value })
  // An identifier of a service that is no more.
  if (name === 'changeLogId') expect(given).toEqual(plain)
  else expect(given).not.toEqual(plain)
  await readAll([set], { [misspelt(name)]: value }, { text: misspelt(name), meant: name })
})

const addColumn: Part = {
  name: 'addColumn',
  attributes: { tableName: 't' },
  parts: [
    {
      name: 'column',
      attributes: { name: 'a', type: 'int', afterColumn: 'b', beforeColumn: 'c', position: '1' },
    },
  ],
}

test.each(['afterColumn', 'beforeColumn', 'position'])(
  'removeChangeSetProperty of %s is the same in XML, YAML and JSON',
  async (remove) => {
    const set = setOf(addColumn)
    const removal = (dbms: string): Part => ({
      name: 'removeChangeSetProperty',
      attributes: { change: 'addColumn', dbms, remove },
    })
    const plain = await readAll([set])
    const removed = await readAll([removal('postgresql, h2'), set])
    const { parts: [column] = [] } = addColumn
    const { [remove]: _, ...others } = column?.attributes ?? {}
    expect(removed).not.toEqual(plain)
    expect(removed).toEqual(await readAll([setOf({ ...addColumn, parts: [{ name: 'column', attributes: others }] })]))
    expect(await readAll([removal('oracle'), set])).toEqual(plain)
    expect(await readAll([removal('all'), set])).toEqual(removed)
  },
)

test.each(['change', 'dbms', 'remove'])('a misspelt %s of removeChangeSetProperty is told', async (attribute) => {
  const all = { change: 'addColumn', dbms: 'all', remove: 'position' }
  const attributes = Object.fromEntries(
    Object.entries(all).map(([name, value]) => [name === attribute ? misspelt(name) : name, value]),
  )
  const told = { text: misspelt(attribute), meant: attribute }
  await readAll([{ name: 'removeChangeSetProperty', attributes }, setOf({ name: 'empty' })], {}, told)
})

const including = (attributes: Readonly<Record<string, string>>): Part => ({
  name: 'modifyChangeSets',
  attributes,
  parts: [{ name: 'include', attributes: { file: 'k.sql' } }],
})

test.each([
  ['runWith', 'psql'],
  ['runWithSpoolFile', 'out.log'],
  ['stripComments', 'false'],
] as const)('modifyChangeSets %s is the same in XML, YAML and JSON', async (name, value) => {
  const plain = await readAll([including({})])
  const given = await readAll([including({ [name]: value })])
  expect(given).not.toEqual(plain)
  await readAll([including({ [misspelt(name)]: value })], {}, { text: misspelt(name), meant: name })
})

test('endDelimiter of modifyChangeSets has no effect in the open-source edition, which is told', async () => {
  for (const format of ['xml', 'yaml', 'json'] as const) {
    const { diagnostics } = await read(`f.${format}`, formats[format]([including({ endDelimiter: 'GO' })]), more)
    expect(diagnostics.map(({ code }) => code)).toEqual(['changelog/no-effect'])
  }
})
