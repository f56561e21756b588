// Opens an embedded PostgreSQL directory safely: one process, durable commits, small memory. The only file that loads PGlite.
import { fsyncSync } from 'node:fs'
import { resolve } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import type { ParserOptions, PGlite } from '@electric-sql/pglite'
import { ensureCreated } from './create.ts'
import { type InUseCode, lockFolder } from './lock.ts'

export interface EmbeddedOptions {
  /** The fault that a second process gets. */
  readonly inUse: InUseCode
  /** Text parsers by type oid, over the database's own. */
  readonly parsers?: ParserOptions
  readonly log?: (line: string) => void
}

/** The library turns each byte into a text of its own: 50 ms and 20 MB of garbage for 256 KiB, 1 ms here. */
const bytea = 17
const writeBytes = (value: unknown): string => {
  if (!(value instanceof Uint8Array)) throw new TypeError('A bytea parameter must be a Uint8Array.')
  return `\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`
}
const readBytes = (text: string): Uint8Array => {
  const bytes = Buffer.from(text.slice(2), 'hex')
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** An open directory. One session; whoever has it uses it alone. */
export interface EmbeddedDatabase {
  readonly session: PGlite
  /** Closes the session with a checkpoint and lets go of the directory. */
  close(): Promise<void>
}

/**
 * Opens `folder`, creating it from the seed when it does not exist. Raises `options.inUse` when another process has it open.
 * Commits are on disk when acknowledged (the fsync hook); statements cannot be cancelled, so run it in a thread or process
 * that can be ended.
 *
 * Meant for processes that end soon, such as a step: the WebAssembly is only compiled the quick way. Opening and applying 56 change
 * sets took 1.4 instead of 3.0 s of processor time and 180 instead of 280 MB so.
 */
export async function openEmbedded(folder: string, options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  setFlagsFromString('--liftoff-only')
  const lock = lockFolder(folder, options.inUse)
  try {
    const database = await openLocked(folder, options)
    return {
      session: database.session,
      close: async () => {
        try {
          await database.close()
        } finally {
          lock.release()
        }
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

/** As `openEmbedded`, for a caller that holds the lock of the folder itself, because it outlives the thread that calls this. */
export async function openLocked(folder: string, options: Omit<EmbeddedOptions, 'inUse'>): Promise<EmbeddedDatabase> {
  const log = options.log ?? (() => {})
  await ensureCreated(folder, { initialize: (target) => initialize(target), log })
  const session = await start(folder, options.parsers)
  return {
    session,
    close: () => session.close(),
  }
}

/** Makes a data directory by initdb and shuts it down cleanly. */
export async function initialize(folder: string): Promise<void> {
  const session = await start(folder, undefined)
  // Nobody can connect to another database than this one; without the templates a directory has a third of the files.
  for (const template of ['template0', 'template1']) {
    await session.query('update pg_database set datistemplate = false where datname = $1', [template])
    await session.query(`drop database ${template}`)
  }
  await session.exec('vacuum (freeze, analyze)')
  await session.exec('checkpoint')
  await session.close()
}

async function start(folder: string, parsers: ParserOptions | undefined): Promise<PGlite> {
  const [{ PGlite }, { NodeFS }] = await Promise.all([
    import('@electric-sql/pglite'),
    import('@electric-sql/pglite/nodefs'),
  ])

  // The wasm build calls `stream_ops.fsync` when a file system has one, and this one has none: without it nothing ever
  // reaches the disk. PostgreSQL syncs the directory of a new WAL file through the same call, with a directory's descriptor.
  class SynchronousFiles extends NodeFS {
    override async init(...[database, options]: Parameters<InstanceType<typeof NodeFS>['init']>) {
      const prepared = await super.init(database, options)
      const addFsync = (module: { readonly NODEFS: object }): void => {
        const files = module.NODEFS as { stream_ops: { fsync?: (stream: { readonly nfd?: number }) => number } }
        files.stream_ops.fsync = (stream) => {
          if (stream.nfd !== undefined) fsyncSync(stream.nfd)
          return 0
        }
      }
      prepared.emscriptenOpts.preRun = [...(prepared.emscriptenOpts.preRun ?? []), addFsync]
      return prepared
    }
  }

  return PGlite.create({
    fs: new SynchronousFiles(resolve(folder)),
    parsers: { ...parsers, [bytea]: readBytes },
    serializers: { [bytea]: writeBytes },
    // A quarter of the usual size: the first file of the log is most of a small directory.
    initDbStartParams: ['--wal-segsize=4'],
    startParams: [
      // `-F` would turn fsync off again.
      ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
      ...settings({ fsync: 'on', wal_sync_method: 'fsync' }),
      // Instead of 128 MB: resident memory 163 instead of 285 MB (measured), and a metadata store is small.
      ...settings({ shared_buffers: '16MB', max_wal_size: '64MB', min_wal_size: '32MB' }),
    ],
  })
}

function settings(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}
