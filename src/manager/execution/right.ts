// A run has the rights of who started it: what its steps do to an instance is asked of these, each time one begins.
import { commandRules } from '#contract/delegate/command'
import { isProgramWork } from '#contract/delegate/program-work'
import type { PipelineWork } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import type { Permission } from '#contract/permission'
import { grantsOfStarter } from '../access/assignment.ts'
import { mayDo } from '../access/grant.ts'
import type { StoreTransaction } from '../store/port.ts'
import type { Run } from './run.ts'

const needs = {
  DBSchemaUpdateSQL: 'instance.preview',
  DBSchemaRollbackSQL: 'instance.preview',
  DBTestAndPreview: 'instance.preview',
  DBSchemaApply: 'instance.apply',
  DBSchemaRollback: 'instance.rollback',
  ShellScript: 'pipeline.script',
  Run: 'pipeline.script',
  Http: 'pipeline.script',
  // Reads what a connector of the project may read, as every step that fetches a changelog.
  GitClone: undefined,
  // Only reads what became of an attempt that was allowed, and must not be kept from it by a right that was taken away since.
  Reconcile: undefined,
} as const satisfies Record<Exclude<PipelineWork['type'], 'LiquibaseCommand'>, Permission | undefined>

function permissionFor(work: PipelineWork): Permission | undefined {
  if (work.type !== 'LiquibaseCommand') return needs[work.type]
  return commandRules[work.command].changes ? 'instance.apply' : 'instance.preview'
}

/** Raises `forbidden` when whoever started the run may not do this, or is no more. */
export async function checkRight(tx: StoreTransaction, run: Run, work: PipelineWork): Promise<void> {
  const permission = permissionFor(work)
  if (permission === undefined) return
  const starter = await tx
    .selectFrom('execution')
    .where('id', '=', run.id)
    .select(['user_id', 'service_account_id', 'triggered_by'])
    .executeTakeFirstOrThrow()
  const { user_id: userId, service_account_id: serviceAccountId, triggered_by: name } = starter
  const grants = await grantsOfStarter(tx, { userId, serviceAccountId })
  const identifier = isProgramWork(work) ? run.pipeline : `${work.dbSchema}/${work.dbInstance}`
  if (mayDo(grants, permission, { org: run.org, project: run.project, identifier })) return
  throw new Fault(
    'forbidden',
    `${name}, who started the run, has not the permission ${permission} for ${identifier}.`,
    {
      hint: 'Let somebody start it who has, or assign a role with this permission on it.',
    },
  )
}
