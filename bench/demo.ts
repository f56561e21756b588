// The first figure of the README: how long a newcomer waits, from a fresh clone to a finished demo, and with all installed.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median, printFigure } from './figure.ts'
import { main, timeCommand } from './process.ts'

const work = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
try {
  const clone = join(work, 'clone')
  await timeCommand('git', ['clone', '--quiet', process.cwd(), clone])
  const fresh = await timeCommand(
    'npm',
    ['run', '--silent', 'demo', '--', '--once', '--port', '0', '--data', join(work, 'fresh')],
    { cwd: clone },
  )
  printFigure({
    name: 'fresh clone to finished demo, install included',
    value: fresh,
    unit: 's',
    bound: { value: 150, at: 'most', source: 'requirement' },
  })

  const runs: number[] = []
  for (const round of [1, 2, 3]) {
    runs.push(
      await timeCommand(process.execPath, [
        main,
        'demo',
        '--once',
        '--port',
        '0',
        '--data',
        join(work, `built-${round}`),
      ]),
    )
  }
  printFigure({
    name: 'demo with dependencies installed and built',
    value: median(runs),
    unit: 's',
    bound: { value: 25, at: 'most', source: 'requirement' },
  })
} finally {
  rmSync(work, { recursive: true, force: true })
}
