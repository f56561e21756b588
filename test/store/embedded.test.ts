// What the embedded database must survive: second processes, kill -9 while writing, kill -9 while it is being created.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openEmbedded } from '#embedded/open'
import { openPlace } from './store.ts'

interface Said {
  readonly type: 'open' | 'written' | 'counted' | 'refused'
  readonly pid: number
  readonly n: number
  readonly single: number
  readonly together: number
  readonly code: string
  readonly message: string
}

const file = fileURLToPath(new URL('embedded-process.mjs', import.meta.url))
const long = process.env['SLUICE_LONG'] !== undefined
const rounds = long ? 30 : 3

describe('embedded directory', () => {
  let root: string
  let folder: string
  const children: ChildProcess[] = []
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'sluice-embedded-'))
    folder = join(root, 'data')
  })
  afterEach(async () => {
    for (const child of children.splice(0)) await kill(child)
    rmSync(root, { recursive: true })
  })

  const run = (task: 'hold' | 'write' | 'count') => {
    const child = fork(file, [task, folder], { execArgv: [] })
    children.push(child)
    return child
  }
  const hear = async (child: ChildProcess) => (await once(child, 'message'))[0] as Said
  async function kill(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  test('a second process gets a clear error that names the first, as does the same process', async () => {
    const holder = run('hold')
    const { pid } = await hear(holder)
    expect(await hear(run('hold'))).toMatchObject({
      type: 'refused',
      code: 'database-in-use',
      message: expect.stringContaining(`process ${pid}`),
    })
    await expect(
      openPlace({ location: { kind: 'embedded', directory: folder }, remove: async () => {} }),
    ).rejects.toMatchObject({ code: 'store-in-use', message: expect.stringContaining(`process ${pid}`) })
    holder.send('close')
    await once(holder, 'exit')
    const opened = await openEmbedded(folder, { inUse: 'database-in-use' })
    await expect(openEmbedded(folder, { inUse: 'database-in-use' })).rejects.toMatchObject({ code: 'database-in-use' })
    await opened.close()
    expect(readdirSync(root)).toEqual(['data'])
  })

  test('of many that find the lock of a dead process, one gets the directory', async () => {
    const holder = run('hold')
    await hear(holder)
    await kill(holder)
    expect(existsSync(`${folder}.lock`)).toBe(true)
    const heard = await Promise.all(Array.from({ length: 4 }, () => hear(run('hold'))))
    expect(heard.map(({ type }) => type).toSorted()).toEqual(['open', 'refused', 'refused', 'refused'])
  }, 60_000)

  test(`kill -9 while writing, ${rounds} rounds: every acknowledged row is there`, async () => {
    let acknowledged = 0
    for (let round = 0; round < rounds; round += 1) {
      const writer = run('write')
      writer.on('message', ({ type, n }: Said) => {
        if (type === 'written') acknowledged = n
      })
      await hear(writer)
      await sleep(50 + Math.random() * 600)
      await kill(writer)
      const opened = await openEmbedded(folder, { inUse: 'database-in-use' })
      const { rows } = await opened.session.query<{ most: number; many: number }>(
        'select coalesce(max(n), 0)::int as most, count(*)::int as many from t',
      )
      const { most, many } = rows[0] ?? { most: 0, many: 0 }
      // One more may have been written whose acknowledgement was lost with the process; no row is missing in between.
      expect(most).toBeGreaterThanOrEqual(acknowledged)
      expect(many).toBe(most)
      acknowledged = most
      await opened.close()
    }
    console.log(`kill -9 while writing: ${rounds} rounds, ${acknowledged} rows acknowledged, none lost`)
    expect(acknowledged).toBeGreaterThan(0)
  }, 300_000)

  test(`kill -9 while it is created, ${rounds} rounds: it is there whole or not at all`, async () => {
    for (let round = 0; round < rounds; round += 1) {
      const child = run('hold')
      await sleep(100 + Math.random() * 500)
      await kill(child)
      if (existsSync(folder)) expect(readdirSync(folder)).toContain('PG_VERSION')
      const opened = await openEmbedded(folder, { inUse: 'database-in-use' })
      expect((await opened.session.query<{ one: number }>('select 1 as one')).rows).toEqual([{ one: 1 }])
      await opened.close()
      expect(readdirSync(root)).toEqual(['data'])
      rmSync(folder, { recursive: true })
    }
  }, 300_000)

  test('each commit reaches the disk', async () => {
    const child = run('count')
    await hear(child)
    const { single, together } = await hear(child)
    expect(single).toBeGreaterThanOrEqual(100)
    expect(together).toBeLessThan(20)
    expect(together).toBeGreaterThan(0)
  })
})
