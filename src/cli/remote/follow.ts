// Follows a run from its start to its end: what changes, what the steps log, and how it ended.
import type { Execution, ExecutionNode } from '#contract/api/execution'
import { Fault } from '#contract/fault'
import { isFinal, positiveStatuses } from '#contract/pipeline/status'
import type { ApiClient } from '../setup/session.ts'

export interface FollowOptions {
  readonly client: Pick<ApiClient, 'getExecution' | 'getLog'>
  readonly params: { readonly org: string; readonly project: string; readonly execution: string }
  /** A line for people: progress and log. */
  readonly line: (text: string) => void
  readonly withLogs: boolean
  /** Waits so long; raises the reason of the signal when it is aborted. Milliseconds. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

const everyMilliseconds = 1000
/** A manager that restarts is back long before; looks, not milliseconds. */
const mostLostLooks = 300

/** Gives the execution when it is over. A manager that cannot be reached for a while is waited for. */
export async function follow(options: FollowOptions, signal: AbortSignal): Promise<Execution> {
  const seen = new Map<string, string>()
  const logs = new Map<string, number>()
  for (let lost = 0; ; ) {
    try {
      const execution = await options.client.getExecution({ params: options.params }, signal)
      lost = 0
      for (const node of execution.nodes) {
        tell(options, seen, node)
        if (options.withLogs) await tellLog(options, logs, node, signal)
      }
      if (isFinal(execution.status)) return execution
    } catch (error) {
      if (signal.aborted || !isPassing(error) || lost >= mostLostLooks) throw error
      if (lost === 0) options.line(`The manager does not answer (${(error as Fault).message}); still trying`)
      lost += 1
    }
    await options.sleep(everyMilliseconds, signal)
  }
}

const isPassing = (error: unknown): boolean =>
  error instanceof Fault && (error.code === 'manager-unreachable' || error.retry === 'later')

/** Each status and reason once. What has not begun is no news. */
function tell({ line }: FollowOptions, seen: Map<string, string>, node: ExecutionNode): void {
  const { id, status, statusReason, fault } = node
  const text = `${status}${statusReason === undefined ? '' : `: ${statusReason}`}`
  const before = seen.get(id)
  seen.set(id, text)
  if (before === text || status === 'NotStarted' || (before === undefined && status === 'Skipped' && node.rollback))
    return
  line(`${id}: ${text}`)
  if (!fault || !isFinal(status)) return
  if (statusReason === undefined || !statusReason.includes(fault.message))
    line(`${id}: ${fault.message} [${fault.code}]`)
  if (fault.hint) line(`${id}: ${fault.hint}`)
}

/** What the attempt logged since the last look, each line under the id of its step. */
async function tellLog(
  { client, params, line }: FollowOptions,
  logs: Map<string, number>,
  { id, attempt, status }: ExecutionNode,
  signal: AbortSignal,
): Promise<void> {
  if (attempt === null || status === 'NotStarted' || status === 'Queued') return
  for (;;) {
    const offset = logs.get(attempt) ?? 0
    if (offset < 0) return
    const { text, nextOffset, committed, closed } = await client.getLog(
      { params: { ...params, attempt }, query: { offset } },
      signal,
    )
    // A line that is not whole yet waits for its end.
    const end = closed && nextOffset >= committed ? text.length : text.lastIndexOf('\n') + 1
    const whole = text.slice(0, end)
    for (const each of whole.split('\n')) if (each !== '') line(`[${id}] ${each}`)
    logs.set(attempt, closed && nextOffset >= committed ? -1 : offset + new TextEncoder().encode(whole).length)
    if (nextOffset >= committed || end === 0) return
  }
}

/** 0: it ended well; 1: it did not. */
export const exitCodeOf = ({ status }: Execution): number => (positiveStatuses.has(status) ? 0 : 1)
