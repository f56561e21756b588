// The folder that the steps of a group share lies with the delegate that ran the first of them: the others go to the same one.
import { sql } from 'kysely'
import { commandNames, commandRules } from '#contract/delegate/command'
import { sharesFolder, type StepSpec } from '#contract/delegate/step-spec'
import type { StoreTransaction } from '../store/port.ts'

/** Before the id of a delegate, among the selectors of an attempt. */
export const workspacePrefix = 'workspace:'

const types = ['GitClone', 'ShellScript', 'Run', 'DBTestAndPreview']
const commands = commandNames.filter((name) => commandRules[name].files)

/** Nobody has the folder before the first step was taken. Pods share theirs within their cluster. */
export async function selectorOfWorkspace(
  tx: StoreTransaction,
  executionId: string,
  { work, workspace }: StepSpec,
): Promise<readonly string[]> {
  if (!workspace || !sharesFolder(work)) return []
  const first = await tx
    .selectFrom('attempt')
    .innerJoin('delegate', 'delegate.id', 'attempt.delegate_id')
    .where('execution_id', '=', executionId)
    .where(sql<boolean>`spec #>> '{workspace,group}' = ${workspace.group}`)
    .where(
      sql<boolean>`(type = any(${types}::text[]) or type = 'LiquibaseCommand' and spec #>> '{work,command}' = any(${commands}::text[]))`,
    )
    .select(['delegate_id', 'pods'])
    .orderBy('accepted_at')
    .limit(1)
    .executeTakeFirst()
  return first?.delegate_id && !first.pods ? [workspacePrefix + first.delegate_id] : []
}
