// The embedded PostgreSQL as a connection: one data directory, one session, inside this process.
import { openEmbedded } from '#embedded/open'
import type { PGlite } from '@electric-sql/pglite'
import { Fault } from '#contract/fault'
import type { OpenOptions } from '../port.ts'
import type { FileUrl } from '../url.ts'
import { type Connection, type Progress, type Reply, parsers, textTypes } from './connection.ts'

/** Fault `database-in-use` when another process has the folder open. Statements cannot be cancelled here. */
export async function connectEmbedded(url: FileUrl, options: OpenOptions): Promise<Connection> {
  const texts = Object.fromEntries(textTypes.map((oid) => [oid, (text: string): string => text]))
  try {
    const database = await openEmbedded(url.path, { inUse: 'database-in-use', parsers: { ...texts, ...parsers } })
    return new EmbeddedConnection(database.session, () => database.close(), options.notice)
  } catch (error) {
    throw isSystemError(error) ? folderFault(url.path, error) : error
  }
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error && 'code' in error

function folderFault(path: string, error: NodeJS.ErrnoException): Fault {
  return new Fault('database-unreachable', `the folder ${path} cannot be opened (${error.code})`, {
    cause: error,
    hint: 'Check that its parent folder exists and that the process may read and write there.',
  })
}

class EmbeddedConnection implements Connection {
  readonly lost = false
  readonly announced = undefined
  readonly canCopy = false
  private readonly session: PGlite
  private readonly end: () => Promise<void>
  private readonly notice: OpenOptions['notice']

  constructor(session: PGlite, end: () => Promise<void>, notice: OpenOptions['notice']) {
    this.session = session
    this.end = end
    this.notice = notice
  }

  async send(sql: string, parameters: readonly unknown[] | undefined): Promise<readonly Reply[]> {
    const onNotice = (notice: { readonly message?: string | undefined }): void => this.notice?.(notice.message ?? '')
    const results = parameters
      ? [await this.session.query<Record<string, unknown>>(sql, [...parameters], { onNotice })]
      : await this.session.exec(sql, { onNotice })
    return results.map(({ rows, rowCount, command = '' }) => ({ rows, count: rowCount, command }))
  }

  async run(sql: string): Promise<Progress> {
    const onNotice = (notice: { readonly message?: string | undefined }): void => this.notice?.(notice.message ?? '')
    // Its own `exec` forgets what completed when something fails.
    const { messages } = await this.session.runExclusive(
      async () => await this.session.execProtocol(queryMessage(sql), { throwOnError: false, onNotice }),
    )
    const tags = messages.flatMap((message) => (isCompletion(message) ? [message.text] : []))
    const error = messages.find((message) => message.name === 'error')
    return error === undefined ? { tags } : { tags, error }
  }

  copy(): Promise<Progress> {
    return Promise.resolve({ tags: [], error: new Error('the embedded database does not copy') })
  }

  destroy(): void {
    // Nothing runs beside us that could be dropped.
  }

  async close(): Promise<void> {
    await this.end()
  }
}

const isCompletion = <M extends { readonly name: string }>(message: M): message is M & { readonly text: string } =>
  message.name === 'commandComplete'

/** Protocol 3.0, Query: `Q`, the length with itself but without the letter, the text, a zero. */
function queryMessage(sql: string): Uint8Array {
  const text = Buffer.from(sql, 'utf8')
  const message = Buffer.alloc(text.length + 6)
  message.write('Q')
  message.writeInt32BE(text.length + 5, 1)
  text.copy(message, 5)
  return message
}
