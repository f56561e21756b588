// `npm test`: installs what it needs, builds, lints and runs every test. `--long` runs those that have a longer form (more
// rounds, more seeds) in that form. There, and where SLUICE_SKIP_NOTHING is set as in .ci/run, a suite that cannot run (no server, no
// browser) is a failure instead of a loud notice.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

await import('./prepare.mjs')

const args = process.argv.slice(2)
const long = args.includes('--long')
const strict = long || Boolean(process.env.SLUICE_SKIP_NOTHING)
const named = args.filter((argument) => !argument.startsWith('--'))
const filters = long && named.length === 0 ? withLongForm() : named
const results = join('node_modules', '.sluice-build', long ? 'results-long.json' : 'results.json')
rmSync(results, { force: true })

/** The test files that ask for SLUICE_LONG. */
function withLongForm() {
  return ['src', 'test']
    .flatMap((folder) => readdirSync(folder, { recursive: true }).map((name) => join(folder, name)))
    .filter((file) => file.endsWith('.test.ts') && readFileSync(file, 'utf8').includes('SLUICE_LONG'))
}

// The long form comes after the short one, which has looked at the same files.
const lint = long ? { status: 0 } : spawnSync(process.execPath, ['scripts/lint.mjs'], { stdio: 'inherit' })
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
for (const name of notRun) console.log(`${strict ? 'SKIPPED, which counts as failed here' : 'NOT RUN'}: ${name}`)
// A file that could not be loaded has no assertions of its own, so it is counted as one failure.
const broken = report.testResults.filter(
  (file) => file.status === 'failed' && file.assertionResults.every((one) => one.status !== 'failed'),
).length
const failed = report.numFailedTests + broken + (strict ? notRun.length : 0) + (lint.status === 0 ? 0 : 1)
console.log(`${report.numPassedTests} passed, ${failed} failed`)
process.exitCode = failed === 0 && run.status === 0 ? 0 : 1
