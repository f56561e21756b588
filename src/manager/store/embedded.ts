// The embedded store: one database in a worker thread, one caller at a time.
import { Worker } from 'node:worker_threads'
import { Fault, type FaultCode, faultKinds } from '#contract/fault'
import { lockFolder } from '#embedded/lock'
import type { Link, LinkResult, LinkSource } from './dialect.ts'
import { StoreError } from './error.ts'
import type { ThreadData, ThreadReply, ThreadRequest } from './thread.ts'

export interface EmbeddedLinkOptions {
  readonly directory: string
  readonly log: (line: string) => void
}

interface Waiting {
  resolve(result: LinkResult): void
  reject(error: unknown): void
}

/**
 * The database has no background processes: nobody writes checkpoints (the log would grow for ever and a start after a crash
 * would replay all of it: 0.2 s for each 16 MB) and nobody vacuums. Both are done here, between other queries.
 */
const checkpointMilliseconds = 60_000
const checkpointsPerVacuum = 60

/** What the thread allocates is short-lived text; a small nursery keeps 20 MB of it from staying resident (measured). */
const youngMegabytes = 6
/** Always the built file, also when this one runs from its source: a thread cannot load TypeScript. */
const workerFile = new URL('../../../dist/manager/store/worker.js', import.meta.url)

/** Takes the directory, starts the thread and waits until the database answers. Raises `store-in-use`. */
export async function openEmbeddedLinks(options: EmbeddedLinkOptions): Promise<LinkSource> {
  const lock = lockFolder(options.directory, 'store-in-use')
  const links = new EmbeddedLinks(options, () => lock.release())
  try {
    await links.start()
    return links
  } catch (error) {
    lock.release()
    throw error
  }
}

class EmbeddedLinks implements LinkSource {
  readonly #options: EmbeddedLinkOptions
  readonly #releaseLock: () => void
  readonly #waiting = new Map<number, Waiting>()
  readonly #queue: (() => void)[] = []
  #worker: Worker | undefined
  #taken = false
  #lastId = 0
  #queriesSinceCheckpoint = 0
  #checkpoints = 0
  #timer: NodeJS.Timeout | undefined
  #closing = false
  #closed: Promise<void> | undefined

  constructor(options: EmbeddedLinkOptions, releaseLock: () => void) {
    this.#options = options
    this.#releaseLock = releaseLock
  }

  async start(): Promise<void> {
    await this.#spawn()
    this.#timer = setInterval(() => void this.#maintain(), checkpointMilliseconds)
    this.#timer.unref()
  }

  /** One connection exists; whoever asks while it is taken waits in line. */
  async acquire(): Promise<Link> {
    if (this.#taken) await new Promise<void>((resolve) => this.#queue.push(resolve))
    this.#taken = true
    try {
      if (this.#worker === undefined) await this.#spawn()
    } catch (error) {
      this.#free()
      throw error
    }
    const worker = this.#worker
    let released = false
    const query = (sql: string, parameters: readonly unknown[]): Promise<LinkResult> => {
      this.#queriesSinceCheckpoint += 1
      // A thread that was replaced has rolled back what this caller had begun.
      if (worker === undefined || worker !== this.#worker) return Promise.reject(lost())
      return this.#send(worker, { sql, parameters })
    }
    return {
      query,
      begin: async (sql, parameters) => (await Promise.all([query('begin', []), query(sql, parameters)]))[1],
      release: (broken) => {
        if (released) return
        released = true
        if (broken && worker !== undefined) this.#drop(worker)
        this.#free()
      },
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#end()
    return this.#closed
  }

  async #end(): Promise<void> {
    clearInterval(this.#timer)
    const link = await this.acquire()
    this.#closing = true
    const worker = this.#worker
    try {
      if (worker !== undefined) await this.#send(worker, {})
    } finally {
      await worker?.terminate()
      this.#releaseLock()
      link.release(false)
    }
  }

  #free(): void {
    const next = this.#queue.shift()
    // Handed over without a gap, so that nobody can step in between.
    if (next) next()
    else this.#taken = false
  }

  #send(worker: Worker, request: Omit<ThreadRequest, 'id'>): Promise<LinkResult> {
    this.#lastId += 1
    const id = this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      worker.postMessage({ id, ...request } satisfies ThreadRequest)
    })
  }

  async #spawn(): Promise<void> {
    if (this.#closing) throw new Fault('store-unavailable', 'The metadata store is closed.')
    const { directory } = this.#options
    const worker = new Worker(workerFile, {
      workerData: { folder: directory } satisfies ThreadData,
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: youngMegabytes },
    })
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (reply: ThreadReply) => {
        if (reply.type === 'ready') resolve()
        else if (reply.type === 'failed') reject(toError(reply.error))
        else this.#receive(reply)
      })
      worker.on('error', reject)
      worker.on('error', (error) => this.#options.log(`The thread of the embedded store failed: ${error.message}`))
      worker.on('exit', () => {
        reject(lost())
        this.#gone(worker)
      })
    })
    this.#worker = worker
  }

  #receive(reply: Exclude<ThreadReply, { type: 'ready' | 'failed' }>): void {
    switch (reply.type) {
      case 'log':
        this.#options.log(reply.line)
        return
      case 'result':
        this.#take(reply.id)?.resolve(reply)
        return
      case 'error':
        this.#take(reply.id)?.reject(new StoreError(reply.error))
    }
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    return waiting
  }

  /** A session in an unknown state is ended; the next caller starts another. */
  #drop(worker: Worker): void {
    this.#gone(worker)
    void worker.terminate()
  }

  /** The thread ended by itself: what waits fails, and the next caller starts another that recovers the directory. */
  #gone(worker: Worker): void {
    if (this.#worker === worker) this.#worker = undefined
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const one of waiting) one.reject(lost())
  }

  async #maintain(): Promise<void> {
    if (this.#queriesSinceCheckpoint === 0) return
    const link = await this.acquire()
    try {
      await link.query('checkpoint', [])
      this.#checkpoints += 1
      if (this.#checkpoints % checkpointsPerVacuum === 0) await link.query('vacuum (analyze)', [])
      this.#queriesSinceCheckpoint = 0
    } catch (error) {
      this.#options.log(`The embedded store could not be maintained: ${(error as Error).message}`)
    } finally {
      link.release(false)
    }
  }
}

function lost(): Fault {
  return new Fault('store-unavailable', 'The embedded store ended in the middle of its work; it is being opened again.')
}

function toError(error: { message: string; code?: string | undefined; hint?: string }): Error {
  return error.code !== undefined && error.code in faultKinds
    ? new Fault(error.code as FaultCode, error.message, { hint: error.hint })
    : new StoreError(error)
}
