// Tells people which delegates were considered for an attempt, and why each was not chosen.
import type { ConsideredDelegateOut } from '#contract/api/delegate'
import { missing, findProject } from '../entity/scope.ts'
import type { ApiHandlers } from '../http/handler.ts'
import { considerDelegates, type ConsideredDelegate, whyNot } from '../work/considered.ts'
import type { ProtocolDependencies } from './dependency.ts'

export function consideredHandlers({ store }: ProtocolDependencies): ApiHandlers<'listConsideredDelegates'> {
  return {
    listConsideredDelegates: async ({ params }) => {
      const project = await findProject(store.db, params)
      const attempt = await store.db
        .selectFrom('attempt')
        .where('id', '=', params.attempt)
        .where('execution_id', '=', params.execution)
        .where('project_id', '=', project.id)
        .select(['id', 'state', 'delegate_id', 'delegate_selectors'])
        .executeTakeFirst()
      if (!attempt) throw missing('Attempt', params.attempt)
      return showConsidered(await considerDelegates(store.db, attempt.id), attempt)
    },
  }
}

export interface ConsideredAttempt {
  readonly state: string
  readonly delegate_id: string | null
  readonly delegate_selectors: unknown
}

export function showConsidered(
  delegates: readonly ConsideredDelegate[],
  { state, delegate_id: chosen, delegate_selectors }: ConsideredAttempt,
): ConsideredDelegateOut[] {
  const selectors = delegate_selectors as readonly string[]
  return delegates.map((delegate) =>
    state === 'queued' ? showWaiting(delegate, selectors) : showDecided(delegate, selectors, chosen),
  )
}

function showWaiting(delegate: ConsideredDelegate, selectors: readonly string[]): ConsideredDelegateOut {
  const { id, name } = delegate
  const why = whyNot(selectors, delegate)
  return {
    id,
    name,
    chosen: false,
    eligible: why === undefined,
    reason: why?.text ?? `${name} may take it at any moment`,
  }
}

/** What made the difference then is not kept; that it was free and another was quicker is what is left. */
function showDecided(
  delegate: ConsideredDelegate,
  selectors: readonly string[],
  chosen: string | null,
): ConsideredDelegateOut {
  const { id, name } = delegate
  if (id === chosen) return { id, name, chosen: true, eligible: true, reason: `${name} has taken it` }
  const why = whyNot(selectors, delegate)
  const lasting = why?.type === 'never' || delegate.refusal !== null ? why : undefined
  const taken = chosen === null ? `${name} did not take it` : 'another delegate took it'
  return { id, name, chosen: false, eligible: lasting === undefined, reason: lasting?.text ?? taken }
}
