// Triggers put together: their handlers, and what has to be looked at from time to time.
import { Fault } from '#contract/fault'
import type { Executions } from '../execution/executions.ts'
import type { ApiHandlers } from '../http/handler.ts'
import type { RootKeys } from '../secret/envelope.ts'
import type { Store } from '../store/port.ts'
import { triggerHandlers } from './handlers.ts'
import { forgetOldEvents, historyHandlers } from './history.ts'
import { receiveHandlers } from './receive.ts'
import { startScheduled } from './schedule.ts'

export interface TriggerOptions {
  readonly store: Store
  readonly executions: Pick<Executions, 'start' | 'abort'>
  readonly rootKeys: RootKeys
  readonly account: string
  /** At most 64 characters. */
  readonly createId: () => string
  /** Seconds since 1970, for the age of signatures. */
  readonly now: () => number
  readonly log: (line: string) => void
}
type Names =
  | 'listTriggers'
  | 'createTrigger'
  | 'getTrigger'
  | 'updateTrigger'
  | 'setTriggerStatus'
  | 'deleteTrigger'
  | 'listTriggerEvents'
  | 'receiveWebhook'
  | 'receiveCustomWebhook'

export interface Triggers {
  readonly handlers: ApiHandlers<Names>
  /** Starts what is due; call it about every second on every replica. Gives how much was decided. */
  tick(): Promise<number>
  /** Takes away what is kept no longer; call it about every hour. */
  tidy(): Promise<void>
}

export function createTriggers(options: TriggerOptions): Triggers {
  const { store, account } = options
  const unknown = (what: string) => async (): Promise<never> => {
    throw new Fault('not-offered', `${what} stand not in the delivery, and Git hosts are not asked yet.`)
  }
  const ask = {
    changedFiles: unknown('The changed files'),
    pullRequest: unknown('Branch and commit of the pull request'),
  }
  return {
    handlers: {
      ...triggerHandlers(store, account),
      ...historyHandlers(store),
      ...receiveHandlers({ ...options, ask, report: async () => {} }),
    },
    tick: () => startScheduled(options),
    tidy: () => forgetOldEvents(store.db),
  }
}
