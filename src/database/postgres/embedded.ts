// The embedded PostgreSQL as a connection: one data directory, one session, inside this process.
import { openEmbedded } from '#embedded/open'
import type { PGlite } from '@electric-sql/pglite'
import type { OpenOptions } from '../port.ts'
import type { FileUrl } from '../url.ts'
import { type Connection, type Reply, parsers, textTypes } from './connection.ts'

/** Fault `database-in-use` when another process has the folder open. Statements cannot be cancelled here. */
export async function connectEmbedded(url: FileUrl, options: OpenOptions): Promise<Connection> {
  const texts = Object.fromEntries(textTypes.map((oid) => [oid, (text: string): string => text]))
  const database = await openEmbedded(url.path, { inUse: 'database-in-use', parsers: { ...texts, ...parsers } })
  return new EmbeddedConnection(database.session, () => database.close(), options.notice)
}

class EmbeddedConnection implements Connection {
  readonly lost = false
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

  destroy(): void {
    // Nothing runs beside us that could be dropped.
  }

  async close(): Promise<void> {
    await this.end()
  }
}
