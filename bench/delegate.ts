// A delegate with nothing to do, as it is installed, with steps as processes: what its process needs. (The suite of the cluster prints
// the same of one whose steps are pods.)
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { printFigure } from './figure.ts'
import { main, residentMegabytes, stop } from './process.ts'
import { openQueue, type Queue } from './queue.ts'

/** Seconds after it has connected: more than one poll, and long enough for the collector to give back what the start needed. */
const idleSeconds = 20

async function connected({ store }: Queue): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    const row = await store.db.selectFrom('delegate').where('connected', '=', true).select('id').executeTakeFirst()
    if (row) return
    await sleep(100)
  }
  throw new Error('The delegate did not connect in a minute.')
}

const queue = await openQueue('delegate')
if (queue) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  const args = ['delegate', '--manager', queue.url, '--allow-plain-http', '--name', 'idle', '--directory', folder]
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, SLUICE_DELEGATE_TOKEN: queue.joinToken },
    stdio: 'ignore',
  })
  try {
    await connected(queue)
    await sleep(idleSeconds * 1000)
    printFigure({
      name: 'idle delegate',
      value: residentMegabytes(child.pid ?? 0),
      unit: 'MB',
      bound: { value: 120, at: 'most', source: 'requirement' },
      note: `resident memory ${idleSeconds} s after it has connected`,
    })
  } finally {
    await stop(child)
    rmSync(folder, { recursive: true, force: true })
    await queue.close()
  }
}
