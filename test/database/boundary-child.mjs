// Runs an update and kills itself, as the kernel would, after so many statements of its change sets. A program of its own, because
// only a process can be killed, and a plain script, because it runs the built product.
import { createInterface } from 'node:readline'
import { folderSource } from '../../dist/changelog/folder.js'
import { openDatabase } from '../../dist/database/open.js'
import { contextOf } from '../../dist/engine/open.js'
import { update } from '../../dist/engine/update.js'

/** One line of JSON: `url`, `folder`, `file`, `after` (statements, counted from the first change set; 0: live on), `sent` (do not wait for the answer). */
const line = await new Promise((resolve) => createInterface({ input: process.stdin }).once('line', resolve))
const { url, folder, file, after, sent } = JSON.parse(line)
let counting = false
let left = after

const die = () => process.kill(process.pid, 'SIGKILL')

/** Every way to the server counts. */
function dyingSession(session) {
  return new Proxy(session, {
    get(target, name) {
      const value = target[name]
      if (typeof value !== 'function') return value
      if (!['execute', 'begin', 'commit', 'rollback', 'transaction', 'commitTogether'].includes(name))
        return value.bind(target)
      return async (...args) => {
        const last = counting && after > 0 && --left === 0
        const answer = value.apply(target, args)
        // What is written now leaves with the next turn of the loop.
        if (last && sent) setImmediate(die)
        const result = await answer
        if (last) die()
        return result
      }
    },
  })
}

const database = await openDatabase({ url, username: undefined, password: undefined })
const context = await contextOf(
  {
    database: { ...database, session: dyingSession(database.session) },
    host: 'boundary (127.0.0.1)',
    run: `run-${process.pid}`,
    clock: Date.now,
    log: () => {},
    lockWait: { patience: 20_000, interval: 20 },
  },
  { files: folderSource([folder]), changelogFile: file },
)
const listener = {
  changeSetStarted: async () => {
    counting = true
  },
  changeSetFinished: async () => {},
  line: () => {},
  mayContinue: async () => {},
}
const { ran } = await update(context, {}, listener)
await database.close()
process.stdin.destroy()
console.log(ran)
