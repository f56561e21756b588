// `sluice up` on an existing store: first HTTP 200, and the memory of that process when it has nothing to do.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { median, printFigure } from './figure.ts'
import { firstAnswer, freePort, main, residentMegabytes, stop } from './process.ts'

const data = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
const port = await freePort()
const start = async (): Promise<{ seconds: number; memory: number }> => {
  const begun = performance.now()
  const child = spawn(process.execPath, [main, 'up', '--data', data, '--port', String(port)], { stdio: 'ignore' })
  try {
    const answered = await firstAnswer(`http://127.0.0.1:${port}/v1/health`)
    // Long enough for the collector to give back what the start needed.
    await sleep(8000)
    return { seconds: (answered - begun) / 1000, memory: residentMegabytes(child.pid ?? 0) }
  } finally {
    await stop(child)
  }
}
try {
  await start()
  const runs = [await start(), await start(), await start()]
  printFigure({
    name: '`sluice up` ready on an existing store',
    value: median(runs.map((run) => run.seconds)),
    unit: 's',
    bound: { value: 3, at: 'most', source: 'requirement' },
  })
  printFigure({
    name: 'idle memory of that process',
    value: median(runs.map((run) => run.memory)),
    unit: 'MB',
    bound: { value: 350, at: 'most', source: 'requirement' },
  })
} finally {
  rmSync(data, { recursive: true, force: true })
}
