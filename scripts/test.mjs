// `npm test`: installs what it needs, builds, lints and runs every test. `--long` is CI's form: many rounds, and a suite that
// should run but cannot (no server, no browser) is a failure instead of a loud notice.
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

await import('./prepare.mjs')

const args = process.argv.slice(2)
const long = args.includes('--long')
const filters = args.filter((argument) => !argument.startsWith('--'))
const results = join('node_modules', '.sluice-build', long ? 'results-long.json' : 'results.json')
rmSync(results, { force: true })

const lint = spawnSync(process.execPath, ['scripts/lint.mjs'], { stdio: 'inherit' })
const run = spawnSync(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${results}`,
    ...filters,
  ],
  { stdio: 'inherit', env: { ...process.env, ...(long ? { SLUICE_LONG: '1' } : {}) } },
)

let report
try {
  report = JSON.parse(readFileSync(results, 'utf8'))
} catch {
  console.error('The test run ended without a report.')
  process.exit(1)
}
const notRun = report.testResults.flatMap((file) =>
  file.assertionResults.filter((one) => one.status !== 'passed' && one.status !== 'failed').map((one) => one.fullName),
)
for (const name of notRun) console.log(`${long ? 'SKIPPED, which counts as failed here' : 'NOT RUN'}: ${name}`)
// A file that could not be loaded has no assertions of its own, so it is counted as one failure.
const broken = report.testResults.filter(
  (file) => file.status === 'failed' && file.assertionResults.every((one) => one.status !== 'failed'),
).length
const failed = report.numFailedTests + broken + (long ? notRun.length : 0) + (lint.status === 0 ? 0 : 1)
console.log(`${report.numPassedTests} passed, ${failed} failed`)
process.exitCode = failed === 0 && run.status === 0 ? 0 : 1
