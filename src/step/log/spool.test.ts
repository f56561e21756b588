import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSpool } from './spool.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-spool-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (data: Uint8Array): string => new TextDecoder().decode(data)

describe('spool', () => {
  test('gives back what was appended, from any offset, and its digest', () => {
    const spool = openSpool(folder, { capacity: 1000, segment: 10 })
    for (const part of ['one ', 'two ', 'three ', 'four ', 'five ']) expect(spool.append(bytes(part))).toBe(true)
    let all = ''
    while (all.length < spool.end) all += text(spool.read(all.length, 7))
    expect(all).toBe('one two three four five ')
    expect(text(spool.read(10, 3))).toBe('ree')
    expect(spool.read(spool.end, 5).length).toBe(0)
    expect(spool.digest()).toBe(createHash('sha256').update(all).digest('hex'))
    spool.close()
  })

  test('says no when it is full, and has room again after a commit', () => {
    const spool = openSpool(folder, { capacity: 24, segment: 8 })
    for (let n = 0; n < 3; n++) expect(spool.append(bytes('12345678'))).toBe(true)
    expect(spool.append(bytes('x'))).toBe(false)
    spool.commit(8)
    expect(spool.append(bytes('x'))).toBe(true)
    expect([spool.begin, spool.end]).toEqual([8, 25])
    spool.close()
  })

  test('what was appended is in files that a stranger can put together', () => {
    const spool = openSpool(folder, { capacity: 1000, segment: 6 })
    for (const part of ['alpha ', 'beta ', 'gamma']) spool.append(bytes(part))
    const files = readdirSync(folder).toSorted()
    expect(files).toEqual(['log-000000000000000', 'log-000000000000006'])
    expect(files.map((name) => readFileSync(join(folder, name), 'utf8')).join('')).toBe('alpha beta gamma')
    spool.close()
  })
})
