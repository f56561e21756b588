// Compiles test/differential and what of src it needs into dist-differential/, a package of its own, so that Node can run it.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'

const compiler = ['node_modules/typescript/bin/tsc', '-p', 'test/differential/tsconfig.json']
const { status } = spawnSync(process.execPath, compiler, { stdio: 'inherit' })
mkdirSync('dist-differential', { recursive: true })
// `#room/…` is what was compiled beside it: the built product is one bundle that has only its command to offer.
const description = { type: 'module', version: '0.0.0', imports: { '#*': './src/*.js' } }
writeFileSync('dist-differential/package.json', `${JSON.stringify(description, null, 2)}\n`)
process.exitCode = status ?? 1
