// Follows an execution through the API and tells what happens, one line for each change of a node.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Execution, ExecutionNode } from '#contract/api/execution'
import { isFinal } from '#contract/pipeline/status'
import type { ApiClient } from '../setup/session.ts'
import type { Scope } from '../setup/entity.ts'

/** Milliseconds between two looks. The API also streams; a look every now and then is enough for a terminal. */
const INTERVAL = 200

/** Says each thing once, also over several looks at one execution. */
export interface Teller {
  readonly line: (text: string) => void
  /** Node id → what was said of it last. */
  readonly said: Map<string, string>
}

/** Answers the execution when it is final or waits for people (approval, intervention). */
export async function followExecution(
  client: ApiClient,
  scope: Scope,
  execution: string,
  { line, said }: Teller,
  signal: AbortSignal,
): Promise<Execution> {
  for (;;) {
    const now = await client.getExecution({ params: { ...scope, execution } }, signal)
    for (const node of now.nodes) {
      const text = describe(node)
      if (node.status !== 'NotStarted' && said.get(node.id) !== text) {
        said.set(node.id, text)
        if (node.kind === 'step') line(text)
      }
    }
    if (isFinal(now.status) || waitingForPeople(now)) return now
    await sleep(INTERVAL, undefined, { signal })
  }
}

export function waitingForPeople(execution: Execution): boolean {
  return execution.nodes.some(
    (node) => node.kind === 'step' && (node.status === 'ApprovalWaiting' || node.status === 'InterventionWaiting'),
  )
}

function describe(node: ExecutionNode): string {
  const subject = node.dbInstance ? `${node.name} (${node.dbInstance})` : node.name
  const reason = node.fault ? `: ${node.fault.message}` : node.statusReason ? `: ${node.statusReason}` : ''
  return `${node.status.padEnd(16)} ${subject}${reason}`
}
