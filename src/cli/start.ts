#!/usr/bin/env node
// What Node is given to run: sets up the process and loads the command line from its bundled parts. Built to dist/cli/main.js.
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { partsOf, readCode } from './process/compiled.ts'
import { tuneForShort } from './process/tune.ts'

/** File name of the part with `main`, put here by scripts/bundle.mjs. */
declare const sluiceEntry: string

const args = process.argv.slice(2)
tuneForShort(args, setFlagsFromString)
const folder = join(import.meta.dirname, '../chunk')
const program = partsOf(readCode(folder)).load(join(folder, sluiceEntry)) as {
  readonly main: (args: readonly string[]) => Promise<void>
}
let ended = false
// Nothing is left to wait for and yet the command has not ended: that must never look like success.
process.on('beforeExit', () => {
  if (!ended) process.exitCode ||= 13
})
void program.main(args).finally(() => {
  ended = true
})
