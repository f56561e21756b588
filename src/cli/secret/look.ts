// Looks for a secret, in every form that it can be written in, in texts, files, and the processes of this machine.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { secretForms } from '#step/log/encoding'

export interface Needle {
  /** Is it in there, in any form? */
  isIn(haystack: string | Uint8Array): boolean
}

export function createNeedle(secret: string): Needle {
  const forms = [...secretForms([secret])].map((form) => Buffer.from(form, 'utf8'))
  return {
    isIn(haystack) {
      const bytes =
        typeof haystack === 'string'
          ? Buffer.from(haystack, 'utf8')
          : Buffer.from(haystack.buffer, haystack.byteOffset, haystack.length)
      return forms.some((form) => bytes.includes(form))
    },
  }
}

/** Paths of the files below a folder that hold it, and how many were read. What vanishes meanwhile is left out. */
export function lookInFiles(
  needle: Needle,
  folder: string,
): { readonly read: number; readonly found: readonly string[] } {
  const found: string[] = []
  let read = 0
  let names: string[] = []
  try {
    names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  } catch {
    return { read, found }
  }
  for (const name of names) {
    try {
      const path = join(folder, name)
      if (!statSync(path).isFile()) continue
      const bytes = readFileSync(path)
      read += 1
      if (needle.isIn(bytes)) found.push(name)
    } catch {
      // Gone between two looks.
    }
  }
  return { read, found }
}

export interface ProcessWatch {
  /** Command lines of the processes that were seen, each once, for the proof that something was looked at. */
  readonly seen: ReadonlySet<string>
  readonly arguments: ReadonlySet<string>
  readonly environments: ReadonlySet<string>
  readonly looks: number
  stop(): Promise<void>
}

/** Reads arguments and environment of every process again and again, from /proc. Undefined where there is none. */
export function watchProcesses(needle: Needle): ProcessWatch | undefined {
  try {
    readFileSync('/proc/self/cmdline')
  } catch {
    return undefined
  }
  const seen = new Set<string>()
  const inArguments = new Set<string>()
  const inEnvironments = new Set<string>()
  const stopping = new AbortController()
  let looks = 0
  const read = (path: string): Buffer => {
    try {
      return readFileSync(path)
    } catch {
      return Buffer.alloc(0)
    }
  }
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      for (const id of readdirSync('/proc')) {
        if (!/^\d+$/.test(id)) continue
        const line = read(`/proc/${id}/cmdline`)
        const shown = line.toString('utf8').split('\0').slice(0, 4).join(' ').trim()
        if (shown === '') continue
        seen.add(shown)
        if (needle.isIn(line)) inArguments.add(shown.slice(0, 60))
        if (needle.isIn(read(`/proc/${id}/environ`))) inEnvironments.add(shown.slice(0, 60))
      }
      looks += 1
      await sleep(10, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }
  const running = loop()
  return {
    seen,
    arguments: inArguments,
    environments: inEnvironments,
    get looks() {
      return looks
    },
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}
