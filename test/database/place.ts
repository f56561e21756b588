// A working directory with a database in it, and the command line run inside of it.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '#cli/main'

export interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface Place {
  /** A SQLite file in the directory. */
  readonly url: string
  readonly path: string
  readonly sluice: (...args: readonly string[]) => Promise<Said>
  readonly write: (name: string, text: string) => void
  readonly read: (name: string) => string
}

const places: string[] = []

export function removePlaces(): void {
  for (const path of places.splice(0)) rmSync(path, { recursive: true, force: true })
}

export function place(
  environment: Readonly<Record<string, string>> = {},
  signal = new AbortController().signal,
  clock: () => number = Date.now,
): Place {
  const path = mkdtempSync(join(tmpdir(), 'sluice-cli-'))
  places.push(path)
  mkdirSync(path, { recursive: true })
  return {
    url: `jdbc:sqlite:${join(path, 'shop.db')}`,
    path,
    write: (name, text) => writeFileSync(join(path, name), text),
    read: (name) => readFileSync(join(path, name), 'utf8'),
    async sluice(...args) {
      const out: string[] = []
      const err: string[] = []
      const code = await run(args, {
        out: (text) => void out.push(text),
        err: (text) => void err.push(text),
        live: undefined,
        color: false,
        environment,
        folder: path,
        signal,
        clock,
      })
      return { code, out: out.join('\n'), err: err.join('\n') }
    },
  }
}
