import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { pack, unpack } from './archive.ts'
import { databaseMajor, ensureCreated } from './create.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-create-'))
})
afterEach(() => rmSync(root, { recursive: true }))

describe('archive', () => {
  test('gives back files of any size, empty directories and names that are not ASCII', () => {
    const from = join(root, 'from')
    mkdirSync(join(from, 'a', 'empty'), { recursive: true })
    const files = { 'a/é.bin': Buffer.from([0, 255, 10]), 'a/512': Buffer.alloc(512, 'x'), none: Buffer.alloc(0) }
    for (const [name, data] of Object.entries(files)) writeFileSync(join(from, name), data)
    unpack(pack(from), join(root, 'to'))
    expect(readdirSync(join(root, 'to'), { recursive: true, encoding: 'utf8' }).toSorted()).toEqual(
      readdirSync(from, { recursive: true, encoding: 'utf8' }).toSorted(),
    )
    for (const [name, data] of Object.entries(files)) expect(readFileSync(join(root, 'to', name))).toEqual(data)
  })

  test('refuses names that lead out of the folder, and names that do not fit', () => {
    const evil = Buffer.alloc(1536)
    evil.write('../evil')
    evil.write('00000000000\0', 124)
    evil.write('0', 156)
    expect(() => unpack(gzipSync(evil), join(root, 'to'))).toThrow('outside of it')
    expect(existsSync(join(root, 'evil'))).toBe(false)
    mkdirSync(join(root, 'from'))
    writeFileSync(join(root, 'from', 'n'.repeat(101)), '')
    expect(() => pack(join(root, 'from'))).toThrow('too long')
  })
})

describe('ensureCreated', () => {
  const options = { initialize: () => Promise.reject(new Error('initdb was not needed')), log: () => {} }

  test('makes the directory whole from the seed, and clears what a crash has left', async () => {
    const folder = join(root, 'data')
    mkdirSync(`${folder}.creating/half`, { recursive: true })
    await ensureCreated(folder, options)
    expect(readFileSync(join(folder, 'PG_VERSION'), 'utf8').trim()).toBe(databaseMajor)
    expect(readdirSync(root)).toEqual(['data'])
    await ensureCreated(folder, options)
  })

  test('an empty directory is used, one with other files is not', async () => {
    mkdirSync(join(root, 'empty'))
    await ensureCreated(join(root, 'empty'), options)
    mkdirSync(join(root, 'full'))
    writeFileSync(join(root, 'full', 'letter.txt'), 'dear')
    await expect(ensureCreated(join(root, 'full'), options)).rejects.toMatchObject({ code: 'invalid-input' })
    expect(readdirSync(join(root, 'full'))).toEqual(['letter.txt'])
  })

  test('a directory of another version is refused by name', async () => {
    mkdirSync(join(root, 'old'))
    writeFileSync(join(root, 'old', 'PG_VERSION'), '17\n')
    await expect(ensureCreated(join(root, 'old'), options)).rejects.toThrow('version 17')
  })
})
