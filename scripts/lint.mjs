// Everything that can be found without running the product: types, lint rules, format.
import { spawnSync } from 'node:child_process'

const checks = [
  { name: 'types of the tests', args: ['node_modules/typescript/bin/tsc', '-p', 'test/tsconfig.json'] },
  { name: 'types of the benches', args: ['node_modules/typescript/bin/tsc', '-p', 'bench/tsconfig.json', '--noEmit'] },
  { name: 'types of the web', args: ['node_modules/typescript/bin/tsc', '-p', 'src/web/tsconfig.json', '--noEmit'] },
  { name: 'lint', args: ['node_modules/oxlint/bin/oxlint', '--type-aware', '--quiet'] },
  { name: 'format', args: ['node_modules/@biomejs/biome/bin/biome', 'format', '--max-diagnostics=5', '.'] },
]
let failed = 0
for (const { name, args } of checks) {
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
