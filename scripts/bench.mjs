// `npm run bench [name …]`: builds, compiles bench/ and runs one file after the other. Figures inform; a figure outside its
// bound is printed as such and does not fail the run, a bench that breaks does.
import { spawnSync } from 'node:child_process'
import { cpus, loadavg } from 'node:os'
import { readdirSync } from 'node:fs'

await import('./prepare.mjs')

const wanted = process.argv.slice(2)
// Who asks for a bench by name has time for its long form.
const env = { ...process.env, ...(wanted.length === 0 ? {} : { SLUICE_BENCH_LONG: '1' }) }
const shared = new Set(['figure', 'process', 'queue', 'control-seed'])
const names = readdirSync('bench')
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3))
  .filter((name) => !shared.has(name) && (wanted.length === 0 || wanted.includes(name)))
const compiled = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'bench/tsconfig.json'], {
  stdio: 'inherit',
})
if (compiled.status !== 0) process.exit(1)

console.log(`${cpus().length} cores, load ${loadavg()[0].toFixed(1)}, Node ${process.versions.node}`)
let broken = 0
for (const name of names) {
  const run = spawnSync(process.execPath, [`dist-bench/bench/${name}.js`], { stdio: 'inherit', env })
  if (run.status !== 0) {
    broken += 1
    console.log(`BROKEN   ${name}`)
  }
}
process.exitCode = broken === 0 ? 0 : 1
