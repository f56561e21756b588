// The mail of an Email step: a row among the notifications, with their tries and their list of what was given up.
import { sql } from 'kysely'
import { Fault } from '#contract/fault'
import { MOST_ADDRESSES } from '#pipeline/email'
import type { Command, StepMail } from '#pipeline/state'
import type { Run } from '../execution/run.ts'
import type { RootKeys } from '../secret/envelope.ts'
import type { Executor, StoreTransaction } from '../store/port.ts'
import { groupAddresses } from './group.ts'

/** In place of an event of the run. */
export const stepMailEvent = 'Email'

/** What stands in `target` of such a row. `number`: of the mail of its node. */
export interface StepMailTarget {
  readonly mail: StepMail
  readonly number: number
}
export const isStepMail = (target: unknown): target is StepMailTarget =>
  typeof target === 'object' && target !== null && 'mail' in target

const LONGEST = 256

export async function requestStepMail(
  tx: StoreTransaction,
  run: Run,
  { node, number, mail }: Extract<Command, { readonly type: 'send-mail' }>,
): Promise<void> {
  const { to, cc, toUserGroups, ccUserGroups } = mail
  const groups = [...toUserGroups, ...ccUserGroups].map((group) => `group ${group}`)
  const target: StepMailTarget = { mail, number }
  await tx
    .insertInto('notification')
    .values({
      project_id: run.projectId,
      execution_id: run.id,
      pipeline: run.pipeline,
      rule: run.graph.nodes.get(node)?.name ?? node,
      event: stepMailEvent,
      node_id: node,
      status: 'Running',
      method: 'Email',
      destination: [...to, ...cc, ...groups].join(', ').slice(0, LONGEST),
      target: JSON.stringify(target),
      detail: '{}',
    })
    .execute()
}

/** Its step waits no longer. */
export async function dropStepMail(tx: StoreTransaction, executionId: string, node: string): Promise<void> {
  await tx
    .updateTable('notification')
    .set({ state: 'dead', error: 'its step waited no longer', updated_at: sql`now()` })
    .where('execution_id', '=', executionId)
    .where('node_id', '=', node)
    .where('event', '=', stepMailEvent)
    .where('state', '=', 'open')
    .execute()
}

/** Raises `not-found` for a group that is not there, `too-large` for more addresses than a mail may have. */
export async function recipientsOf(
  db: Executor,
  keys: RootKeys,
  projectId: string,
  { to, cc, toUserGroups, ccUserGroups }: StepMail,
): Promise<{ readonly to: readonly string[]; readonly cc: readonly string[] }> {
  const all = async (own: readonly string[], groups: readonly string[]): Promise<readonly string[]> => {
    const found = [...own]
    for (const group of groups) found.push(...(await groupAddresses(db, keys, projectId, group, 'Email')))
    return [...new Set(found)]
  }
  const [first, second] = [await all(to, toUserGroups), await all(cc, ccUserGroups)]
  // What the step names itself was counted when it began; who is in a group is known only now.
  for (const [list, found] of [
    ['to', first],
    ['cc', second],
  ] as const)
    if (found.length > MOST_ADDRESSES)
      throw new Fault(
        'too-large',
        `With its groups ${list} has ${found.length} addresses; at most ${MOST_ADDRESSES} are written to.`,
        {
          hint: 'Give the group one address of a mailing list in its notification settings.',
        },
      )
  return { to: first, cc: second.filter((address) => !first.includes(address)) }
}
