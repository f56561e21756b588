// Where built files are, also when the sources themselves run (as in tests).
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const resolve = createRequire(import.meta.url).resolve

/** `dist/cli/main.js`: what a child process is started with. */
export const programFile = (): string => resolve('#cli/main')
/** `dist/web`: the built browser application. */
export const webDirectory = (): string => join(dirname(dirname(programFile())), 'web')
/** Root of the package, which holds `examples/`. */
export const packageRoot = (): string => dirname(dirname(dirname(programFile())))
