// The folders that the steps of a group share where steps are processes: made with the first of them, gone when the run is over.
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '#contract/delegate/repeat'
import type { AskEnded } from './runner/port.ts'

/** Milliseconds after the time limit of the last step, should the manager not say that the run is over. */
const kept = 86_400_000
/** Beside the folder: its execution, and as its own time until when a step may use it. */
const mark = '.run'
/** Executions that the manager is asked about at a time. */
const mostAsked = 500

export interface Workspaces {
  /** Absolute path of the folder; a step may use it for so many seconds. Takes away those that nobody uses any more. */
  open(execution: string, group: string, seconds: number): Promise<string>
}

interface Found {
  readonly path: string
  readonly execution: string
  readonly until: number
}

/** `directory` must be private to the delegate. */
export function openWorkspaces(directory: string, clock: Clock, askEnded: AskEnded): Workspaces {
  const root = join(directory, 'workspaces')

  async function list(): Promise<readonly Found[]> {
    const marks = (await readdir(root)).filter((name) => name.endsWith(mark)).map((name) => join(root, name))
    return await Promise.all(
      marks.map(async (path) => ({
        path,
        execution: await readFile(path, 'utf8'),
        until: (await stat(path)).mtimeMs,
      })),
    )
  }

  async function sweep(current: string): Promise<void> {
    const others = (await list()).filter(({ execution }) => execution !== current)
    const asked = [...new Set(others.map(({ execution }) => execution))].slice(0, mostAsked)
    const ended = new Set(asked.length > 0 ? await askEnded(asked).catch(() => []) : [])
    for (const { path, execution, until } of others) {
      if (!ended.has(execution) && until + kept > clock.now()) continue
      // Scripts may have left what cannot be removed; the mark stays, and it is tried again.
      await rm(path.slice(0, -mark.length), { recursive: true, force: true, maxRetries: 3 }).then(
        () => rm(path, { force: true }),
        () => {},
      )
    }
  }

  return {
    async open(execution, group, seconds) {
      const name = createHash('sha256').update(`${execution}\n${group}`).digest('hex').slice(0, 40)
      const folder = join(root, name)
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const path = join(root, name + mark)
      const known = await stat(path).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      )
      await writeFile(path, execution, { mode: 0o600 })
      const until = Math.max(clock.now() + seconds * 1000, known) / 1000
      await utimes(path, until, until)
      // Nobody waits for it.
      void sweep(execution).catch(() => {})
      return folder
    },
  }
}
