// What the main thread and the thread of the embedded database say to each other.
import type { DatabaseErrorFields } from './error.ts'

export interface ThreadData {
  readonly folder: string
}

export interface ThreadRequest {
  readonly id: number
  /** Without: close the database. */
  readonly sql?: string
  readonly parameters?: readonly unknown[]
}

export type ThreadReply =
  | { readonly type: 'ready' }
  | { readonly type: 'log'; readonly line: string }
  | { readonly type: 'failed'; readonly error: DatabaseErrorFields & { readonly hint?: string } }
  | {
      readonly type: 'result'
      readonly id: number
      readonly rows: readonly Readonly<Record<string, unknown>>[]
      readonly affected: number
    }
  | { readonly type: 'error'; readonly id: number; readonly error: DatabaseErrorFields }
