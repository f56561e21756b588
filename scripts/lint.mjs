// Everything that can be found without running the product: types, lint rules, format.
import { spawnSync } from 'node:child_process'

const checks = [
  ['types of tests and benches', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.test.json']],
  ['types of the web', ['node_modules/typescript/bin/tsc', '-p', 'src/web/tsconfig.json', '--noEmit']],
  ['lint', ['node_modules/oxlint/bin/oxlint', '--type-aware', '--quiet']],
  ['format', ['node_modules/@biomejs/biome/bin/biome', 'format', '--max-diagnostics=5', '.']],
]
let failed = 0
for (const [name, args] of checks) {
  const started = Date.now()
  const result = spawnSync(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' })
  if (result.status === 0) {
    console.log(`ok    ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`)
  } else {
    failed += 1
    console.log(`FAIL  ${name}\n${result.stdout}${result.stderr}`)
  }
}
process.exitCode = failed === 0 ? 0 : 1
