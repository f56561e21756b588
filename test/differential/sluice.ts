// Sluice as a peer: its command line, in this process.
import { run } from '#cli/main'
import type { Answer } from './liquibase.ts'

/** `folder` is the working directory, and with it the search path. */
export async function runSluice(
  folder: string,
  command: string,
  flags: Readonly<Record<string, string>>,
): Promise<Answer> {
  const out: string[] = []
  const err: string[] = []
  const args = [command, ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`)]
  const code = await run(args, {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    live: undefined,
    color: false,
    environment: {},
    folder,
    signal: new AbortController().signal,
    clock: Date.now,
  })
  return { ok: code === 0, text: code === 0 ? out.join('\n') : err.join('\n') }
}
