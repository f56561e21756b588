// Logs for the clients of the platform services. They fetch the text without credentials from an address that they are given, so the
// address itself carries the right: it is signed, and good for ten minutes.
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { Fault } from '#contract/fault'
import { requireAt } from '../access/permit.ts'
import { findProjectOfRun, missing } from '../entity/scope.ts'
import type { ApiHandlers } from '../http/handler.ts'
import type { RootKeys } from '../secret/envelope.ts'
import type { Executor, Store } from '../store/port.ts'
import { type LogPlace, readLogPrefix } from './prefix.ts'
import { readLog } from './read.ts'

const lifeMilliseconds = 600_000
/** Of one answer, and of one node in the log of a whole run. */
const mostBytes = 4_194_304
const mostOfNode = 1_048_576

export interface DownloadDependencies {
  readonly store: Store
  readonly rootKeys: RootKeys
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Where clients reach the manager; absent: where the call came in. */
  readonly publicUrl?: string | undefined
}

export function downloadHandlers(
  dependencies: DownloadDependencies,
): ApiHandlers<'platformDownloadLog' | 'platformReadLog'> {
  const { store, rootKeys, now, publicUrl } = dependencies
  return {
    platformDownloadLog: async ({ query, caller, request }) => {
      const place = readLogPrefix(query.prefix)
      if (!place)
        throw new Fault('invalid-input', 'The prefix names no log.', {
          hint: 'Use logBaseKey of a node, or <account>/pipeline/<pipeline>/<number>/-<execution>.',
        })
      requireAt(caller, 'pipeline.view', await findProjectOfRun(store.db, place.execution))
      const expires = now() + lifeMilliseconds
      const base = publicUrl ?? new URL(request.url).origin
      const token = writeToken(rootKeys.current, { ...place, expires })
      const link = `${base}/log-service/blob/content?token=${token}`
      return { status: 'success' as const, link, expires: new Date(expires).toISOString() }
    },
    platformReadLog: async ({ query }) => {
      const place = readToken([rootKeys.current, ...rootKeys.older], query.token)
      if (!place || place.expires < now())
        throw new Fault('forbidden', 'The address of the log is not good any more.', { hint: 'Ask for a new one.' })
      const out = await readText(store.db, place)
      return { level: 'info' as const, time: new Date(now()).toISOString(), out }
    },
  }
}

/** The log of one node; of a run those of its steps one after the other. */
async function readText(db: Executor, { execution, node }: LogPlace): Promise<string> {
  const rows = await db
    .selectFrom('execution_node')
    .where('execution_id', '=', execution)
    .where('attempt_id', 'is not', null)
    .$if(node !== undefined, (nodes) => nodes.where('node_id', '=', node ?? ''))
    .select(['node_id', 'attempt_id', 'status'])
    .orderBy('position')
    .execute()
  if (node !== undefined && rows.length === 0) throw missing('The log of', node)
  const texts: string[] = []
  let left = mostBytes
  for (const row of rows) {
    const text = await readEnd(db, row.attempt_id ?? '', Math.min(left, node === undefined ? mostOfNode : mostBytes))
    texts.push(node === undefined ? `== ${row.node_id} (${row.status})\n${text}` : text)
    left -= text.length
    if (left <= 0) break
  }
  return texts.join('\n')
}

async function readEnd(db: Executor, attempt: string, limit: number): Promise<string> {
  const { committed } = await readLog(db, attempt, Number.MAX_SAFE_INTEGER, 0)
  const { text } = await readLog(db, attempt, Math.max(0, committed - limit), limit)
  // The first character may be cut.
  return committed > limit ? text.replace(/^\uFFFD+/, '') : text
}

interface Granted extends LogPlace {
  readonly expires: number
}

const signatureOf = (rootKey: Uint8Array, text: string): Buffer =>
  createHmac('sha256', Buffer.from(hkdfSync('sha256', rootKey, '', 'sluice log download', 32)))
    .update(text)
    .digest()

function writeToken(rootKey: Uint8Array, granted: Granted): string {
  const text = Buffer.from(JSON.stringify(granted)).toString('base64url')
  return `${text}.${signatureOf(rootKey, text).toString('base64url')}`
}

/** Undefined when none of the keys has signed it. */
function readToken(rootKeys: readonly Uint8Array[], token: string): Granted | undefined {
  const [text = '', signature = ''] = token.split('.')
  const given = Buffer.from(signature, 'base64url')
  const signed = rootKeys.some((key) => {
    const expected = signatureOf(key, text)
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
  return signed ? (JSON.parse(Buffer.from(text, 'base64url').toString()) as Granted) : undefined
}
