// Reads what was written, in a form that can be compared from format to format: without places, changes with their checksums.
import { expect } from 'vitest'
import { canonicalForm } from '#change/checksum'
import { changeTypeNames, parseChange } from '#change/registry'
import { memorySource } from '#changelog/memory'
import type { ChangeSet } from '#changelog/model'
import { readChangelog } from '#changelog/read'
import type { Part } from './contract.ts'
import { formats } from './write.ts'

export async function read(file: string, text: string, more: Readonly<Record<string, string>> = {}) {
  const database = { shortName: 'postgresql', properties: {} }
  return await readChangelog({
    files: memorySource({ [file]: text, ...more }),
    file,
    database,
    knownChangeTypes: changeTypeNames,
  })
}

/** Places and the shape of the tree belong to the format. */
function withoutPlaces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPlaces)
  if (typeof value !== 'object' || value === null) return value
  // `namedBody` remembers for old checksums how the text of a procedure was given.
  const places = ['span', 'valueSpan', 'valueIndent', 'format', 'physicalPath', 'place', 'namedBody']
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]) => (places.includes(key) ? [] : [[key, withoutPlaces(one)]])),
  )
}

export async function summary(changeSet: ChangeSet): Promise<unknown> {
  const { changes: nodes, rollback, path, ...rest } = changeSet
  const files = memorySource({ 'it\'s <file> & "more"': 'a;b\n1;2\n', 'it\'s <path> & "more"': 'select 1;\n' })
  const typed = async (list: readonly ChangeSet['changes'][number][]): Promise<unknown> =>
    await Promise.all(
      list.map(async (node) => {
        const { change, diagnostics } = parseChange(node, 'postgresql')
        const context = { dbms: 'postgresql', files, changelogPath: 'x', expand: (text: string) => text }
        const sums = await Promise.all(
          ([8, 9] as const).map(async (version) =>
            change?.type.checksum(change.attributes, { ...canonicalForm, version }, context),
          ),
        )
        const unknown = diagnostics.filter(({ code }) => code === 'change/unknown-attribute')
        return {
          name: node.name,
          attributes: withoutPlaces(change?.attributes),
          sums,
          unknown: unknown.map(({ message }) => message),
        }
      }),
    )
  return {
    ...(withoutPlaces(rest) as object),
    path: path.replace(/^f\.\w+$/, 'f'),
    changes: await typed(nodes),
    rollback: rollback && { ...(withoutPlaces(rollback) as object), changes: await typed(rollback.changes) },
  }
}

export async function compare(changeSets: readonly Part[]): Promise<readonly unknown[]> {
  const summaries: unknown[][] = []
  for (const format of ['xml', 'yaml', 'json'] as const) {
    const { changelog, diagnostics } = await read(`f.${format}`, formats[format](changeSets))
    expect(diagnostics, format).toEqual([])
    summaries.push(await Promise.all((changelog?.changeSets ?? []).map(summary)))
  }
  expect(summaries[1], 'yaml').toEqual(summaries[0])
  expect(summaries[2], 'json').toEqual(summaries[0])
  return summaries[0] ?? []
}

export const setOf = (...parts: readonly Part[]): Part => ({
  name: 'changeSet',
  attributes: { id: '1', author: 'a' },
  parts,
})

/** The last letter twice, which no other attribute is called. */
export const misspelt = (name: string): string => `${name}${name.at(-1)}`
