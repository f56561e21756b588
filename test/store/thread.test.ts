// The thread of the embedded store: what happens when it has to be replaced, and when several callers want it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LinkSource } from '#manager/store/dialect'
import { openEmbeddedLinks } from '#manager/store/embedded'

describe('thread of the embedded store', () => {
  let root: string
  let links: LinkSource
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'sluice-thread-'))
    links = await openEmbeddedLinks({ directory: join(root, 'store'), log: () => {} })
    const link = await links.acquire()
    await link.query('create table t (n int)', [])
    link.release(false)
  })
  afterAll(async () => {
    await links.close()
    rmSync(root, { recursive: true })
  })

  test('a session in an unknown state is replaced; what was not committed is gone, what was is there', async () => {
    const broken = await links.acquire()
    await broken.query('insert into t values (1)', [])
    await broken.query('begin', [])
    await broken.query('insert into t values (2)', [])
    const next = links.acquire()
    broken.release(true)
    const link = await next
    expect((await link.query('select n from t', [])).rows).toEqual([{ n: 1 }])
    await expect(broken.query('select 1', [])).rejects.toMatchObject({ code: 'store-unavailable' })
    link.release(false)
  })

  test('callers wait in line, and an error of one does not reach the next', async () => {
    const order: number[] = []
    const work = async (n: number): Promise<void> => {
      const link = await links.acquire()
      order.push(n)
      try {
        await link.query(n === 1 ? 'select 1 / 0' : 'select 1', [])
      } finally {
        link.release(false)
      }
    }
    const results = await Promise.allSettled([0, 1, 2].map(work))
    expect(order).toEqual([0, 1, 2])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(results[1]).toMatchObject({ reason: { code: '22012' } })
  })

  test('is closed once and for all', async () => {
    const other = await openEmbeddedLinks({ directory: join(root, 'other'), log: () => {} })
    await Promise.all([other.close(), other.close()])
    await expect(other.acquire()).rejects.toMatchObject({ code: 'store-unavailable' })
    await (await openEmbeddedLinks({ directory: join(root, 'other'), log: () => {} })).close()
  })
})
