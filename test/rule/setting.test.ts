// The table of settings says what the code does: what is said to work is read somewhere, and nothing else is.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { settingTable } from '#cli/target/setting-table'

const sources = readdirSync('src/cli', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /(?<!\.test)\.ts$/.test(entry.name) && entry.name !== 'setting-table.ts')
  .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
  .join('\n')

/** `get('name')`, `isOn('name', …)` and the like. */
const read = new Set(
  [
    ...sources.matchAll(
      /(?<!(?:parameters|searchParams)\.)\b(?:get|require|isOn|choose|number|selectionFrom|textFlag)\(\s*(?:\w+,\s*)?'([a-z][a-z-]*)'/g,
    ),
  ].map(([, name]) => name ?? ''),
)

describe('the table of settings', () => {
  test('names each once', () => {
    const names = settingTable.map(({ name }) => name)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })

  test('says that those work which the code reads', () => {
    const working = settingTable.filter(({ effect }) => effect === 'works').map(({ name }) => name)
    expect(working.filter((name) => !read.has(name) && !sources.includes(`'${name}'`))).toEqual([])
  })

  test('has every setting that the code reads', () => {
    const known = new Set(settingTable.map(({ name }) => name))
    expect([...read].filter((name) => !known.has(name))).toEqual([])
  })
})
