// What stands inside a change, a precondition or a modifySql: an attribute that is misspelt there is told with its place, too.
import { expect, test } from 'vitest'
import { parseChange } from '#change/registry'
import { attributesOf, preconditionAttributes, visitorAttributes } from '#changelog/vocabulary'
import { changeOf, changes, type Part } from './contract.ts'
import { misspelt, read, setOf } from './read.ts'
import { formats } from './write.ts'

/** Every place below a part: the part around it, and the name of the attribute. */
function* places(part: Part): Generator<readonly [path: readonly number[], attribute: string]> {
  for (const [index, one] of (part.parts ?? []).entries()) {
    for (const attribute of Object.keys(one.attributes ?? {})) yield [[index], attribute]
    for (const [path, attribute] of places(one)) yield [[index, ...path], attribute]
  }
}

function spoil(part: Part, [index, ...path]: readonly number[], attribute: string): Part {
  if (index === undefined) {
    const entries = Object.entries(part.attributes ?? {})
    return {
      ...part,
      attributes: Object.fromEntries(
        entries.map(([name, value]) => [name === attribute ? misspelt(name) : name, value]),
      ),
    }
  }
  return { ...part, parts: (part.parts ?? []).map((one, at) => (at === index ? spoil(one, path, attribute) : one)) }
}

/** Once in each format, at its line, with the name that was meant. */
async function expectTold(set: Part, attribute: string): Promise<void> {
  for (const format of ['xml', 'yaml', 'json'] as const) {
    const written = formats[format]([set])
    const { changelog, diagnostics } = await read(`f.${format}`, written)
    const nodes = changelog?.changeSets[0]?.changes ?? []
    const found = [...diagnostics, ...nodes.flatMap((node) => parseChange(node, 'postgresql').diagnostics)]
    const line = written.split('\n').findIndex((one) => one.includes(misspelt(attribute))) + 1
    const told = found.filter(({ message, span }) => message.includes(misspelt(attribute)) && span?.line === line)
    expect(told, `${attribute} in ${format}: ${JSON.stringify(found)}`).toHaveLength(1)
    expect(told[0]?.fix, `${attribute} in ${format}`).toContain(`Did you mean "${attribute}"?`)
  }
}

test.each(Object.keys(changes).filter((name) => (changeOf(name).parts?.length ?? 0) > 0))(
  'every attribute inside %s that is misspelt is told with its place and what was meant',
  async (name) => {
    const change = changeOf(name)
    const all = [...places(change)]
    expect(all.length).toBeGreaterThan(0)
    for (const [path, attribute] of all) await expectTold(setOf(spoil(change, path, attribute)), attribute)
  },
)

test.each(Object.entries(preconditionAttributes))(
  'every attribute of the precondition %s that is misspelt is told',
  async (name, { required, optional }) => {
    const known = [...required, ...optional].filter((one) => one !== 'sql')
    const all = Object.fromEntries(known.map((one) => [one, 'a']))
    for (const attribute of known) {
      const check = spoil({ name, attributes: all }, [], attribute)
      await expectTold(setOf({ name: 'preConditions', parts: [check] }, { name: 'empty' }), attribute)
      const nested = { name: 'not', parts: [check] }
      await expectTold(setOf({ name: 'preConditions', parts: [nested] }, { name: 'empty' }), attribute)
    }
  },
)

test.each([
  ['preConditions', attributesOf.preConditions],
  ['modifySql', attributesOf.modifySql],
  ['rollback', attributesOf.rollback],
] as const)('every attribute of %s that is misspelt is told', async (name, known) => {
  const parts = name === 'preConditions' ? [{ name: 'dbms', attributes: { type: 'h2' } }] : []
  for (const attribute of known) {
    const wrong: Part = { name, attributes: { [misspelt(attribute)]: 'a' }, parts }
    await expectTold(
      name === 'modifySql' ? setOf({ name: 'empty' }, wrong) : setOf(wrong, { name: 'empty' }),
      attribute,
    )
  }
})

test.each(Object.entries(visitorAttributes))(
  'every attribute of %s in modifySql that is misspelt is told',
  async (name, known) => {
    for (const attribute of known) {
      const all = Object.fromEntries(known.map((one) => [one, 'a']))
      const part = { name: 'modifySql', parts: [spoil({ name, attributes: all }, [], attribute)] }
      await expectTold(setOf({ name: 'empty' }, part), attribute)
    }
  },
)
