// A trigger as it stands in its row, with the names of where it belongs.
import type { TriggerDocument } from '#pipeline/trigger/document'
import type { Executor } from '../store/port.ts'

const columns = [
  'pipeline_trigger.id',
  'pipeline_trigger.project_id',
  'pipeline_trigger.identifier',
  'pipeline_trigger.enabled',
  'pipeline_trigger.document',
  'pipeline_trigger.user_id',
  'pipeline_trigger.service_account_id',
  'pipeline_trigger.owner_name',
  'pipeline_trigger.next_at',
  'pipeline.identifier as pipeline',
  'organization.identifier as org',
  'project.identifier as project',
] as const

export interface TriggerRow {
  readonly id: string
  readonly project_id: string
  readonly identifier: string
  readonly enabled: boolean
  readonly user_id: string | null
  readonly service_account_id: string | null
  readonly owner_name: string
  readonly next_at: Date | null
  readonly pipeline: string
  readonly org: string
  readonly project: string
  readonly document: TriggerDocument
}

/** Triggers with their places; add conditions and execute. `rowOf` makes what is read a `TriggerRow`. */
export const selectTriggers = (db: Executor) =>
  db
    .selectFrom('pipeline_trigger')
    .innerJoin('pipeline', 'pipeline.id', 'pipeline_trigger.pipeline_id')
    .innerJoin('project', 'project.id', 'pipeline_trigger.project_id')
    .innerJoin('organization', 'organization.id', 'project.organization_id')
    .select(columns)

export const rowOf = (row: Omit<TriggerRow, 'document'> & { readonly document: unknown }): TriggerRow => ({
  ...row,
  document: row.document as TriggerDocument,
})
