// Which delegates could take an attempt, and why each of the others cannot: the same facts that the offer decides by.
import { sql } from 'kysely'
import { isInScope } from '../delegate/token-scope.ts'
import { joinTokenIsValid } from '../access/join-token.ts'
import type { Executor } from '../store/port.ts'
import { workspacePrefix } from './workspace.ts'

export interface ConsideredDelegate {
  readonly id: string
  readonly name: string
  readonly tags: readonly string[]
  readonly connected: boolean
  readonly capacity: number
  readonly running: number
  /** It may work for the project of the attempt. */
  readonly inScope: boolean
  /** Why it takes nothing now although it has room. */
  readonly pressure: string | null
  /** Why it declined this attempt a while ago. */
  readonly refusal: string | null
}

/** More than anybody reads; installations have a few. */
const most = 500

/** Those whose token holds, in order of their names. */
export async function considerDelegates(db: Executor, attemptId: string): Promise<readonly ConsideredDelegate[]> {
  const { rows } = await sql<ConsideredDelegate>`
    select d.id, d.name, d.tags, d.connected, d.capacity, d.running, d.pressure, ${isInScope(sql.ref('a'))} as "inScope",
      (select reason from attempt_refusal refusal
        where refusal.attempt_id = a.id and refusal.delegate_id = d.id and refusal.until > now()) as refusal
    from attempt a cross join delegate d
    join delegate_token joined on joined.id = d.token_id and ${joinTokenIsValid}
    where a.id = ${attemptId} order by d.name, d.id limit ${most}`.execute(db)
  return rows
}

type Blocker =
  | { readonly type: 'never'; readonly text: string }
  | { readonly type: 'busy'; readonly text: string }
  | { readonly type: 'now'; readonly text: string }

/** Why a delegate does not take an attempt with these selectors; undefined when it is about to. */
export function whyNot(selectors: readonly string[], delegate: ConsideredDelegate): Blocker | undefined {
  const { name, connected, inScope, refusal, pressure, running, capacity } = delegate
  if (!inScope) return { type: 'never', text: `${name} works for another organization or project` }
  const missing = missingSelectors(selectors, delegate)
  if (missing.some((selector) => selector.startsWith(workspacePrefix)))
    return { type: 'never', text: `${name} has not the folder that earlier steps of the group left` }
  if (missing.length > 0) return { type: 'never', text: `${name} lacks ${missing.join(', ')}` }
  if (!connected) return { type: 'now', text: `${name} is not connected` }
  if (refusal !== null) return { type: 'now', text: `${name} declined: ${refusal}` }
  if (running >= capacity) return { type: 'busy', text: `${name} runs ${running} of ${capacity}` }
  if (pressure !== null) return { type: 'now', text: `${name} takes nothing now: ${pressure}` }
  return undefined
}

export function missingSelectors(
  selectors: readonly string[],
  { id, name, tags }: Pick<ConsideredDelegate, 'id' | 'name' | 'tags'>,
): string[] {
  const labels = new Set([name, ...tags, workspacePrefix + id].map((label) => label.toLowerCase()))
  return selectors.filter((selector) => !labels.has(selector.toLowerCase()))
}

const shownReasons = 5

/** At most five, and how many more there are. */
export function several(texts: readonly string[], separator: string, more: string): string {
  const rest = texts.length > shownReasons ? `${more} ${texts.length - shownReasons} more` : ''
  return texts.slice(0, shownReasons).join(separator) + rest
}
