// Builds everything that a fresh clone needs to run: the server (tsc, rolldown), the web (vite) and the seed of the embedded store.
// Each part is skipped when its inputs have not changed since the last build.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
process.chdir(root)

function files(path) {
  if (!existsSync(path)) return []
  if (statSync(path).isFile()) return [path]
  return readdirSync(path)
    .toSorted()
    .flatMap((name) => files(join(path, name)))
}

function digestOf(paths) {
  const hash = createHash('sha256')
  for (const file of paths.flatMap(files)) hash.update(file).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex')
}

function run(command, args) {
  const result = spawnSync(process.execPath, [command, ...args], { stdio: 'inherit' })
  if (result.status !== 0) process.exit(result.status ?? 1)
}

/** Runs `make` unless the stamp says that the same inputs were built before and the output is there. */
function part(name, inputs, output, make) {
  const digest = digestOf(['package-lock.json', 'scripts/build.mjs', ...inputs])
  const stamp = join('node_modules', '.sluice-build', name)
  if (existsSync(output) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return
  // A build that breaks leaves half of its output: going back to what was built before must build it again.
  rmSync(stamp, { force: true })
  const started = Date.now()
  make()
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, digest)
  console.log(`built ${name} in ${((Date.now() - started) / 1000).toFixed(1)} s`)
}

part(
  'server',
  ['src', 'tsconfig.json', 'scripts/bundle.mjs', 'scripts/warm.mjs', 'scripts/warm-server.mjs'],
  'dist/cli/main.js',
  () => {
    // The web and the seed live beside the compiled server and are kept.
    for (const name of existsSync('dist') ? readdirSync('dist') : [])
      if (name !== 'web' && name !== 'seed') rmSync(join('dist', name), { recursive: true })
    run('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.json'])
    for (const file of files('src').filter((name) => /\.(sql|yaml)$/.test(name)))
      cpSync(file, file.replace(/^src/, 'dist'))
    run('scripts/bundle.mjs', [])
    chmodSync('dist/cli/main.js', 0o755)
  },
)
part('seed', ['node_modules/@electric-sql/pglite/package.json', 'src/embedded'], 'dist/seed/pgdata.tgz', () => {
  mkdirSync('dist/seed', { recursive: true })
  run('dist/embedded/make-seed.js', ['dist/seed/pgdata.tgz'])
})
part('web', ['src/web', 'src/contract', 'vite.config.ts'], 'dist/web/index.html', () => {
  run('node_modules/vite/bin/vite.js', ['build', '--logLevel', 'warn'])
})
