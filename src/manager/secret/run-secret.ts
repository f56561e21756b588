// Secret outputs of the steps of a run: kept as the secrets of the built-in store are, and given to later steps of the run only.
import { sql } from 'kysely'
import { type RunSecretReference, readRunSecret } from '#contract/delegate/run-secret'
import type { RandomBytes } from '../access/token.ts'
import type { Executor, StoreTransaction } from '../store/port.ts'
import type { AttemptObserver } from '../work/port.ts'
import { openEnvelope, type RootKeys, type SecretPlace, sealEnvelope } from './envelope.ts'

/** No secret of the store can be called so: the colon is in no identifier. A run that goes on from another takes its rows along. */
export const runSecretPlace = (node: string, name: string): SecretPlace => ({
  owner: 'run',
  identifier: `${node}:${name}`,
})

/** A later attempt of the step replaces what an earlier one gave. */
export function createRunSecretObserver(keys: RootKeys, random: RandomBytes): AttemptObserver {
  return {
    async payload(tx, { executionId, nodeId }, payload) {
      if (payload.kind !== 'secret-output' || executionId === null) return
      for (const [name, value] of Object.entries(payload.values)) {
        const bytes = Buffer.from(value, 'utf8')
        const ciphertext = sealEnvelope(keys, bytes, runSecretPlace(nodeId, name), random)
        await tx
          .insertInto('run_secret')
          .values({ execution_id: executionId, node_id: nodeId, name, ciphertext })
          .onConflict((conflict) => conflict.columns(['execution_id', 'node_id', 'name']).doUpdateSet({ ciphertext }))
          .execute()
      }
    },
  }
}

/** The value; undefined when no step of the run gave it. Raises `secret-unresolved` when no root key opens it. */
export async function openRunSecret(
  tx: StoreTransaction,
  keys: RootKeys,
  executionId: string,
  reference: RunSecretReference,
): Promise<string | undefined> {
  const { node, name } = readRunSecret(reference)
  const row = await tx
    .selectFrom('run_secret')
    .where('execution_id', '=', executionId)
    .where('node_id', '=', node)
    .where('name', '=', name)
    .select('ciphertext')
    .executeTakeFirst()
  return row && openEnvelope(keys, row.ciphertext, runSecretPlace(node, name)).toString('utf8')
}

/** Takes away those of runs that ended so many days ago: nothing reads them any more. */
export async function forgetRunSecrets(db: Executor, days: number): Promise<void> {
  await sql`delete from run_secret using execution
    where execution.id = run_secret.execution_id
      and execution.ended_at < now() - make_interval(days => ${days})`.execute(db)
}

/** For a run that goes on from another and keeps these nodes. */
export async function copyRunSecrets(
  tx: StoreTransaction,
  from: string,
  to: string,
  nodes: readonly string[],
): Promise<void> {
  const rows = await tx
    .selectFrom('run_secret')
    .where('execution_id', '=', from)
    .where('node_id', 'in', nodes)
    .select(['node_id', 'name', 'ciphertext'])
    .execute()
  if (rows.length > 0)
    await tx
      .insertInto('run_secret')
      .values(rows.map((row) => ({ ...row, execution_id: to })))
      .execute()
}
