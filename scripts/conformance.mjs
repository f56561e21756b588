// `npm run conformance [-- FOLDER --filter TEXT --verbose --complete]`: builds, compiles test/conformance and runs it.
import { spawnSync } from 'node:child_process'

await import('./prepare.mjs')

const compiled = spawnSync(
  process.execPath,
  ['node_modules/typescript/bin/tsc', '-p', 'test/conformance/tsconfig.json'],
  {
    stdio: 'inherit',
  },
)
if (compiled.status !== 0) process.exit(1)
const run = spawnSync(process.execPath, ['dist-conformance/test/conformance/main.js', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, TZ: 'UTC' },
})
process.exitCode = run.status ?? 1
