// Values for `<+….output.NAME>`, cut so that they fit into the report; the whole of it is in events and plan.
import { changeSetFqn, type PlanPayload } from '#contract/change-set'
import { protocolLimits } from '#contract/delegate/protocol'
import { Fault } from '#contract/fault'
import { toPayload } from '#engine/payload'
import type { Script } from '#engine/sql'
import { changeSetsOnInstance } from '#engine/state'
import type { WorkContext } from './context.ts'

/** Characters of all entries of one list together. */
const listCharacters = 1_000_000

/** A cancel has to be reported soon. */
const lastLookMilliseconds = 2000

/** The list under its name, and `NAMETruncated: true` when some did not fit. */
export function outputList(name: string, entries: readonly string[]): Record<string, unknown> {
  let room = listCharacters
  const kept = entries.filter((entry) => (room -= entry.length + 3) >= 0)
  return { [name]: kept, ...(kept.length < entries.length ? { [`${name}Truncated`]: true } : {}) }
}

/** Masked, because SQL with a secret in it is a finding and must not become a leak. The digest is of the real statements. */
export function planPayload({ masking }: WorkContext, { plan, sql }: Script): PlanPayload {
  const { digest, ...shown } = toPayload(plan, sql)
  return checkedPlan({ ...masking.value(shown), digest })
}

/** Raises `too-large` for a plan that nobody could be shown. */
export function checkedPlan(payload: PlanPayload): PlanPayload {
  const bytes = JSON.stringify(payload).length
  if (bytes > protocolLimits.payloadBytes) {
    throw new Fault(
      'too-large',
      `The plan has ${bytes} bytes; at most ${protocolLimits.payloadBytes} can be shown and approved.`,
      {
        hint: 'Apply the changelog in parts, for example with labels.',
      },
    )
  }
  return payload
}

/** Posts a plan, and gives the outputs of it. */
export function postPlan({ outbox, line }: Pick<WorkContext, 'outbox' | 'line'>, plan: PlanPayload) {
  outbox.payload({ kind: 'plan', plan })
  const statements = plan.changeSets.flatMap((changeSet) => changeSet.statements)
  line(`${plan.changeSets.length} change sets with ${statements.length} statements would run; plan ${plan.digest}`)
  return {
    ...outputList('changeSets', plan.changeSets.map(changeSetFqn)),
    ...outputList('sqlCommands', statements),
    planDigest: plan.digest,
  }
}

/** Posts the state of the whole changelog on this instance: a column of the matrix. */
export async function postState(
  { outbox, engine, masking }: Pick<WorkContext, 'outbox' | 'engine' | 'masking'>,
  signal?: AbortSignal,
): Promise<void> {
  const { changeSets, lastTag } = await changeSetsOnInstance(engine, signal)
  outbox.payload({
    kind: 'change-sets',
    changeSets: masking.value([...changeSets]),
    ...(lastTag === undefined ? {} : { lastTag }),
  })
}

/** Posts the state before and after some work, also after work that failed, as far as the database still answers. */
export async function betweenStates<T>(context: WorkContext, work: () => Promise<T>): Promise<T> {
  await postState(context, context.signal)
  let result: T
  try {
    result = await work()
  } catch (error) {
    await postState(context, AbortSignal.timeout(lastLookMilliseconds)).catch(() => {})
    throw error
  }
  await postState(context)
  return result
}
