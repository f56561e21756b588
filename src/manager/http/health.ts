// `GET /v1/health`: says yes only when the store answers.
import { sql } from 'kysely'
import type { Store } from '../store/port.ts'
import type { ApiHandlers } from './handler.ts'

export function healthHandlers(store: Store, version: string): ApiHandlers<'getHealth'> {
  return {
    getHealth: async () => {
      await sql`select 1`.execute(store.db)
      return { status: 'ok', version, store: store.kind }
    },
  }
}
