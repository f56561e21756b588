// Triggers put together: their handlers, and what has to be looked at from time to time.
import type { Fetch } from '#contract/client'
import { Fault } from '#contract/fault'
import type { GitSource } from '#pipeline/trigger/document'
import type { WebhookEvent } from '#pipeline/trigger/event'
import type { Executions } from '../execution/executions.ts'
import type { ApiHandlers } from '../http/handler.ts'
import type { RootKeys } from '../secret/envelope.ts'
import type { Store } from '../store/port.ts'
import { triggerHandlers } from './handlers.ts'
import { forgetOldEvents, historyHandlers } from './history.ts'
import { openHost } from './host.ts'
import { type ReceiveDependencies, receiveHandlers } from './receive.ts'
import { abortReplaced } from './replace.ts'
import { requestReports, sendReports } from './report.ts'
import { resendHandlers } from './resend.ts'
import type { TriggerRow } from './row.ts'
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
  /** Reaches Git hosts, and nothing that it must not reach. */
  readonly fetch: Fetch
  /** Where browsers reach the manager, without a slash at the end; absent: no links to it. */
  readonly publicUrl: string | undefined
}
type Names =
  | 'listTriggers'
  | 'createTrigger'
  | 'getTrigger'
  | 'updateTrigger'
  | 'setTriggerStatus'
  | 'deleteTrigger'
  | 'listTriggerEvents'
  | 'resendReports'
  | 'receiveWebhook'
  | 'receiveCustomWebhook'

export interface Triggers {
  readonly handlers: ApiHandlers<Names>
  /** Starts what is due; call it about every second on every replica. Gives how many schedules were due. */
  tick(): Promise<number>
  /** Tells Git hosts what became of runs; like `tick`, and beside it: no schedule waits for a host. Gives how many calls were made. */
  report(): Promise<number>
  /** Takes away what is kept no longer; call it about every hour. */
  tidy(): Promise<void>
}

export function createTriggers(options: TriggerOptions): Triggers {
  const { store, account, rootKeys, fetch } = options
  const hostOf = (trigger: TriggerRow, source: GitSource, event: WebhookEvent) =>
    openHost({ db: store.db, keys: rootKeys, fetch }, trigger.project_id, source, event)
  const ask: ReceiveDependencies['ask'] = {
    changedFiles: (...about) => asked('The changed files', async () => (await hostOf(...about)).changedFiles(about[2])),
    pullRequest: (...about) =>
      asked('The pull request', async () => {
        const { pullRequest = 0 } = about[2]
        return { ...about[2], ...(await (await hostOf(...about)).pullRequest(pullRequest)) }
      }),
  }
  return {
    handlers: {
      ...triggerHandlers(store, account),
      ...historyHandlers(store),
      ...resendHandlers(store),
      ...receiveHandlers({ ...options, ask, report: requestReports }),
    },
    tick: async () => (await startScheduled(options)) + (await abortReplaced(options)),
    report: () => sendReports(options),
    tidy: () => forgetOldEvents(store.db),
  }
}

/** What a Git host refuses, or that it is away, is told in the history of the trigger. */
async function asked<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Fault) throw error
    const { cause, message } = error as Error
    const because = cause instanceof Error && cause.message !== '' ? cause.message : message
    throw new Fault('source-unreachable', `${what} could not be asked for: ${because}`, { cause: error })
  }
}
