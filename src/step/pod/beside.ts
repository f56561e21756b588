// The container beside the step, with an image of somebody else: told what to do by files in memory, heard through a pipe. What runs
// there is not ours and knows nothing of the manager: log, masks, lease, time-out and report stay here.
import { closeSync, constants, existsSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { besideFiles, podPaths } from '#contract/delegate/pod-folder'
import type { PodPorts } from './document.ts'

export interface ToolRun {
  /** Program and arguments, as the container sees them; absent: how its image is started. */
  readonly command?: readonly string[]
  /** Where it runs; absent: the folder that both see. */
  readonly cwd?: string
  /** Variables of the run, besides those of the container. May be secret: they are never in an object of Kubernetes. */
  readonly environment: Readonly<Record<string, string>>
  /** A piece of what it says; lines may go on in the next piece. */
  readonly write: (chunk: string) => void
}

export interface Tool {
  /** Folder that both see, where the tool leaves files. */
  readonly folder: string
  /** The same in memory, for what nobody else may read. A few mebibytes. */
  readonly memory: string
  /**
   * Starts the image once and waits for its end. Exit status as a shell has it (143: ended by SIGTERM); undefined when nobody can say.
   * Aborting `signal` asks it to end, and makes it after ten seconds. Never rejects for that.
   */
  run(run: ToolRun, signal: AbortSignal): Promise<number | undefined>
  /** Lets the container end. */
  end(): void
}

/** Milliseconds. */
const times = {
  look: 50,
  /** From the end of the output to the exit status. */
  lag: 5000,
  /** From the exit status to the end of the output: what a process that was left behind goes on to say. */
  rest: 2000,
  /** From the wish that it ends to giving up. */
  stop: 20_000,
} as const

/** Waits until the container is there. Raises the reason of the signal. */
export async function toolIsThere({ root, sleep, signal }: PodPorts): Promise<void> {
  while (!existsSync(join(root, podPaths.beside, besideFiles.ready))) await sleep(times.look, signal)
}

/** For a shell to read; what it sets is that of the shell which reads it. */
function script({ command, cwd, environment }: ToolRun): string {
  const lines = Object.entries(environment).map(([name, value]) => {
    if (!/^[A-Za-z_]\w*$/.test(name) || value.includes('\0')) throw new Error(`${name} cannot be a variable.`)
    return `export ${name}=${quoted(value)}\n`
  })
  if (cwd !== undefined) lines.unshift(`cd ${quoted(cwd)} || exit 1\n`)
  if (command !== undefined) lines.push(`set -- ${command.map(quoted).join(' ')}\n`)
  return lines.join('')
}
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

export function openTool({ root, sleep }: Pick<PodPorts, 'root' | 'sleep'>): Tool {
  const path = (name: string): string => join(root, podPaths.beside, name)
  const put = (name: string, text: string): void => {
    writeFileSync(path(`${name}.new`), text, { mode: 0o600 })
    renameSync(path(`${name}.new`), path(name))
  }
  let count = 0

  /** Waits for one of the files, or until `patience` says no. */
  async function first(names: readonly string[], patience: () => boolean): Promise<void> {
    while (!names.some((name) => existsSync(path(name))) && patience()) await sleep(times.look)
  }
  /** True for so many milliseconds from the first time that it is asked. */
  function within(milliseconds: number): () => boolean {
    const until = performance.now() + milliseconds
    return () => performance.now() < until
  }

  return {
    folder: join(root, podPaths.tool),
    memory: join(root, podPaths.beside),
    async run(asked, signal) {
      const run = ++count
      const files = {
        run: besideFiles.run(run),
        output: besideFiles.output(run),
        begun: besideFiles.begun(run),
        stop: besideFiles.stop(run),
        exit: besideFiles.exit(run),
      }
      await first([files.output], within(times.lag))
      if (!existsSync(path(files.output))) return undefined
      // Our own writer keeps the pipe from ending before the tool has opened it.
      const pipe = openPipe(path(files.output), asked.write)
      const onAbort = (): void => put(files.stop, '')
      signal.addEventListener('abort', onAbort, { once: true })
      try {
        put(files.run, script(asked))
        if (signal.aborted) onAbort()
        await first([files.begun, files.exit], () => !signal.aborted)
        pipe.begun()
        let patience: (() => boolean) | undefined
        const goesOn = (): boolean => {
          if (signal.aborted || pipe.ended()) patience ??= within(signal.aborted ? times.stop : times.lag)
          return patience?.() ?? true
        }
        await first([files.exit], goesOn)
        const more = within(times.rest)
        while (!pipe.ended() && existsSync(path(files.exit)) && more()) await sleep(times.look)
      } finally {
        signal.removeEventListener('abort', onAbort)
        pipe.close()
      }
      if (!existsSync(path(files.exit))) return undefined
      const status = Number(readFileSync(path(files.exit), 'utf8').trim())
      return Number.isSafeInteger(status) ? status : undefined
    },
    end: () => put(besideFiles.end, ''),
  }
}

interface Pipe {
  /** The tool has opened it: from now on its end is the tool's. */
  begun(): void
  ended(): boolean
  close(): void
}

function openPipe(path: string, write: (chunk: string) => void): Pipe {
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  let writer: number | undefined = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  const socket = new Socket({ fd: reader, readable: true, writable: false })
  const decoder = new StringDecoder('utf8')
  let ended = false
  socket.on('data', (chunk: Buffer) => write(decoder.write(chunk)))
  socket.once('close', () => {
    ended = true
    write(decoder.end())
  })
  socket.on('error', () => socket.destroy())
  const begun = (): void => {
    if (writer !== undefined) closeSync(writer)
    writer = undefined
  }
  return {
    begun,
    ended: () => ended,
    close() {
      begun()
      socket.destroy()
    },
  }
}
