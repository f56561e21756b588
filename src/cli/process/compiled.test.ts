import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { codeFile, partsOf, readCode } from './compiled.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-parts-'))
  mkdirSync(join(folder, 'part'))
  writeFileSync(
    join(folder, 'main.js'),
    `const other = require('./part/other.js')
     exports.sum = (a, b) => other.add(a, b)
     exports.places = [__filename, __dirname, require('node:path').sep]
     exports.later = async () => (await importPackage('node:path')).sep
     exports.strict = (function () { return this === undefined })()`,
  )
  writeFileSync(join(folder, 'part/other.js'), `exports.main = require('../main.js')\nexports.add = (a, b) => a + b`)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Main {
  readonly sum: (a: number, b: number) => number
  readonly places: readonly string[]
  readonly later: () => Promise<string>
  readonly strict: boolean
}

test('parts load one another, packages and what Node brings', async () => {
  const parts = partsOf(undefined)
  const main = parts.load(join(folder, 'main.js')) as Main
  expect(main.sum(1, 2)).toBe(3)
  expect(main.places).toEqual([join(folder, 'main.js'), folder, '/'])
  expect(main.strict).toBe(true)
  expect(parts.load(join(folder, 'main.js'))).toBe(main)
  expect((parts.load(join(folder, 'part/other.js')) as { main: unknown }).main).toBe(main)
})

test('with the code that was kept they are the same, and with that of another text too', () => {
  const first = partsOf(undefined)
  expect((first.load(join(folder, 'main.js')) as Main).sum(2, 3)).toBe(5)
  const code = first.code()
  expect(code.byteLength).toBeGreaterThan(100)
  expect((partsOf(code).load(join(folder, 'main.js')) as Main).sum(2, 3)).toBe(5)
  const changed = mkdtempSync(join(folder, 'changed-'))
  writeFileSync(join(changed, 'main.js'), 'exports.sum = (a, b) => a * b')
  expect((partsOf(code).load(join(changed, 'main.js')) as Main).sum(2, 3)).toBe(6)
})

test('the code is looked for under the name of the V8 that runs', () => {
  expect(readCode(folder)).toBeUndefined()
  const code = partsOf(undefined).code()
  writeFileSync(codeFile(folder), code)
  expect(Buffer.from(readCode(folder) ?? []).equals(Buffer.from(code))).toBe(true)
})
