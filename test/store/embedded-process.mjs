// A process that opens an embedded directory, for tests that end it. Uses the built files.
// node embedded-process.mjs hold|write|count <folder>
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const [task, folder] = process.argv.slice(2)
let syncs = 0
const { fsyncSync } = fs
fs.fsyncSync = (descriptor) => {
  syncs += 1
  fsyncSync(descriptor)
}
syncBuiltinESMExports()
const { openEmbedded } = await import('#embedded/open')

try {
  const { session, close } = await openEmbedded(folder, { inUse: 'database-in-use' })
  await session.exec('create table if not exists t (n int primary key, filler text)')
  const insert = (n) => session.query('insert into t values ($1, $2)', [n, 'x'.repeat(200)])
  process.send({ type: 'open', pid: process.pid })
  if (task === 'write') {
    const { rows } = await session.query('select coalesce(max(n), 0) as last from t')
    for (let n = rows[0].last + 1; ; n += 1) {
      await insert(n)
      process.send({ type: 'written', n })
      // A checkpoint now and then, because it is what a crash may hit worst.
      if (n % 97 === 0) await session.exec('checkpoint')
    }
  } else if (task === 'count') {
    await session.exec('truncate t')
    syncs = 0
    for (let n = 0; n < 100; n += 1) await insert(n)
    const single = syncs
    syncs = 0
    await session.exec('begin')
    for (let n = 100; n < 200; n += 1) await insert(n)
    await session.exec('commit')
    process.send({ type: 'counted', single, together: syncs })
    await close()
    process.exit(0)
  } else {
    process.on('message', () => void close().then(() => process.exit(0)))
  }
} catch (error) {
  process.send({ type: 'refused', code: error.code, message: error.message })
  process.exit(1)
}
