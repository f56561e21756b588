// `npm run differential [-- --seed N --count N --database NAME --keep --no-shrink]`: builds, compiles test/differential/ and
// compares Sluice with the original engine. Needs a JDK 17; fetches the original engine by npm, once, outside of the repository.
import { spawnSync } from 'node:child_process'

await import('./prepare.mjs')

const compiled = spawnSync(process.execPath, ['scripts/compile-differential.mjs'], { stdio: 'inherit' })
if (compiled.status !== 0) process.exit(1)
const run = spawnSync(process.execPath, ['dist-differential/test/differential/main.js', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, TZ: 'UTC' },
})
process.exitCode = run.status ?? 1
