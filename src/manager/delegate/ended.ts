// A delegate asks which runs are over: what their steps shared is on its side.
import { sql } from 'kysely'
import type { ProtocolHandlers } from '../http/handler.ts'
import type { ProtocolDependencies } from './dependency.ts'
import { isInScope } from './token-scope.ts'

export function endedHandler({ store }: ProtocolDependencies): ProtocolHandlers['endedExecutions'] {
  return async ({ body, caller }) => {
    const { rows } = await sql<{ id: string }>`
      select e.id from execution e join delegate d on d.id = ${caller.delegate?.id ?? ''}
      where e.id = any(${body.executions}::text[]) and e.ended_at is not null and ${isInScope(sql.ref('e'))}`.execute(
      store.db,
    )
    return { ended: rows.map(({ id }) => id) }
  }
}
