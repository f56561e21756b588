// `npm run test:cluster [-- --filter TEXT]`: builds, compiles test/cluster and runs it on a Kubernetes of its own. As root, on Debian 12.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'

await import('./prepare.mjs')

// What the tests share with the program is compiled beside them: the built program is a few files without modules to import.
mkdirSync('dist-cluster', { recursive: true })
writeFileSync('dist-cluster/package.json', JSON.stringify({ type: 'module', imports: { '#*': './src/*.js' } }))
const compiled = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'test/cluster/tsconfig.json'], {
  stdio: 'inherit',
})
if (compiled.status !== 0) process.exit(1)
const run = spawnSync(process.execPath, ['dist-cluster/test/cluster/main.js', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, TZ: 'UTC' },
})
process.exitCode = run.status ?? 1
