// Builds the seed: an empty data directory as an archive. Run at build time as `node dist/embedded/make-seed.js <file>`.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pack } from './archive.ts'
import { initialize } from './open.ts'

const file = process.argv[2]
if (file === undefined) throw new Error('usage: node make-seed.js <file>')
const folder = mkdtempSync(join(tmpdir(), 'sluice-seed-'))
try {
  await initialize(join(folder, 'data'))
  writeFileSync(file, pack(join(folder, 'data')))
} finally {
  rmSync(folder, { recursive: true })
}
