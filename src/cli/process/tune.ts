// How the engine of Node is set for commands that are over soon. It can only be said after the start, so it is said first of all.
import type { FileSource } from '#changelog/source'

/** Run on for days, or start processes that do. */
const lasting: ReadonlySet<string> = new Set(['up', 'demo', 'connect', 'manager', 'delegate', 'step', 'store'])

const flags = [
  // The young generation stays at its first size: 28 MB of 103 less, the same processor time (update-sql of 1,000 change sets).
  '--semi-space-growth-factor=1',
  // Functions are optimised nine times later: a command of half a second spent a quarter of its processor time on optimising what
  // it was about to stop using (update-sql of 1,000: 0.56 to 0.41 s, XML 0.97 to 0.75 s). Loops of seconds still are.
  '--interrupt-budget=600000',
]

export function tuneForShort(args: readonly string[], set: (flag: string) => void): void {
  if (args.some((argument) => lasting.has(argument))) return
  for (const flag of flags) set(flag)
}

/** Bytes of changelogs from which on a command is not over soon. */
const large = 4_194_304

/**
 * Each collection of a young generation of 1 MB also looks at every page of the old one: with 50,000 change sets in memory that
 * took two thirds of the processor time. Once much has been read the young generation may grow as it usually does.
 */
export function tunedForSize(files: FileSource, set: (flag: string) => void): FileSource {
  let bytes = 0
  return {
    ...files,
    async read(path) {
      const content = await files.read(path)
      const before = bytes
      bytes += content?.byteLength ?? 0
      if (before < large && bytes >= large) set('--semi-space-growth-factor=2')
      return content
    },
  }
}
