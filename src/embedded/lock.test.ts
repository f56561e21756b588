import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { lockFolder } from './lock.ts'

describe('lockFolder', () => {
  let root: string
  let folder: string
  let count = 0
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'sluice-lock-'))
  })
  beforeEach(() => {
    count += 1
    folder = join(root, `${count}`, 'data')
  })
  afterAll(() => rmSync(root, { recursive: true }))

  const lockFile = () => `${folder}.lock`
  const holderOf = () => JSON.parse(readFileSync(lockFile(), 'utf8')) as Record<string, unknown>
  /** A lock as another process left it. */
  const leave = (change: Record<string, unknown>) => {
    const lock = lockFolder(folder, 'store-in-use')
    const holder = holderOf()
    lock.release()
    writeFileSync(lockFile(), JSON.stringify({ ...holder, token: 'other', ...change }))
  }
  const taken = () => {
    const lock = lockFolder(folder, 'store-in-use')
    expect(holderOf()).toMatchObject({ pid: process.pid })
    lock.release()
    expect(readdirSync(join(folder, '..'))).toEqual([])
  }
  const refused = () => expect(() => lockFolder(folder, 'store-in-use'))

  test('is held by one, names it to the other, and leaves nothing behind', () => {
    const lock = lockFolder(folder, 'store-in-use')
    refused().toThrow(`open in process ${process.pid}`)
    expect(() => lockFolder(folder, 'database-in-use')).toThrow(expect.objectContaining({ code: 'database-in-use' }))
    lock.release()
    taken()
  })

  test('is the same lock however the folder is reached', () => {
    const lock = lockFolder(folder, 'store-in-use')
    symlinkSync(join(folder, '..'), join(root, `link-${count}`))
    expect(() => lockFolder(join(root, `link-${count}`, '.', 'data'), 'store-in-use')).toThrow('is open in process')
    lock.release()
  })

  test('of a process that is gone is taken over', () => {
    leave({ pid: 2 ** 22 - 3 })
    taken()
  })

  test('of a process whose pid now belongs to another is taken over', () => {
    leave({ started: '1' })
    taken()
  })

  test('of another container counts while its heart beats', () => {
    leave({ place: 'another boot pid:[1]' })
    refused().toThrow('in another container or host')
    const long = new Date(Date.now() - 60_000)
    utimesSync(lockFile(), long, long)
    taken()
  })

  test('that nobody can read is judged by its age', () => {
    lockFolder(folder, 'store-in-use').release()
    writeFileSync(lockFile(), '')
    refused().toThrow('is open in')
    const long = new Date(Date.now() - 60_000)
    utimesSync(lockFile(), long, long)
    taken()
  })

  test('a guard that was left by a crash in the middle of a take-over holds nobody up', () => {
    leave({ pid: 2 ** 22 - 3 })
    writeFileSync(`${lockFile()}.takeover`, readFileSync(lockFile()))
    taken()
  })

  test('releasing does not remove the lock of another', () => {
    const lock = lockFolder(folder, 'store-in-use')
    writeFileSync(lockFile(), JSON.stringify({ ...holderOf(), token: 'other' }))
    lock.release()
    expect(holderOf()).toMatchObject({ token: 'other' })
  })
})
