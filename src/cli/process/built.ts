// Where built files are, also when the sources themselves run (as in tests).
import { fileURLToPath } from 'node:url'

/** From `src/cli/process` and from `dist/cli/process` alike. */
const fromRoot = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url))

/** What a child process is started with. */
export const programFile = (): string => fromRoot('dist/cli/main.js')
/** The built browser application. */
export const webDirectory = (): string => fromRoot('dist/web')
/** Changelogs and pipelines that demo, tests and documentation share. */
export const examplesDirectory = (): string => fromRoot('examples')
