// Freezes as they stand in their rows, and which of them are on for a project.
import { sql } from 'kysely'
import type { FreezeDocument } from '#pipeline/freeze/document'
import { currentPeriod, type Period } from '#pipeline/freeze/window'
import type { Scope } from '#contract/grant'
import type { Executor } from '../store/port.ts'

export interface ActiveFreeze {
  readonly id: string
  readonly identifier: string
  readonly document: FreezeDocument
  /** Where it belongs. */
  readonly scope: Scope
  readonly period: Period
}

/** Those of account, organization and project that are enabled and in a window, by the clock of the database. */
export async function activeFreezes(db: Executor, projectId: string): Promise<readonly ActiveFreeze[]> {
  const rows = await db
    .selectFrom('freeze_window')
    .leftJoin('organization', 'organization.id', 'freeze_window.organization_id')
    .leftJoin('project', 'project.id', 'freeze_window.project_id')
    .where('freeze_window.enabled', '=', true)
    .where(
      sql<boolean>`(freeze_window.project_id = ${projectId} or freeze_window.project_id is null and (freeze_window.organization_id is null
        or freeze_window.organization_id = (select organization_id from project where id = ${projectId})))`,
    )
    .select(['freeze_window.id', 'freeze_window.identifier', 'freeze_window.document'])
    .select(['organization.identifier as org', 'project.identifier as project'])
    .select(sql<Date>`clock_timestamp()`.as('now'))
    .orderBy('freeze_window.id')
    .execute()
  return rows.flatMap(({ id, identifier, document: stored, org, project, now }) => {
    const document = stored as FreezeDocument
    const period = currentPeriod(document.windows, now)
    const scope = { ...(org === null ? {} : { org }), ...(project === null ? {} : { project }) }
    return period ? [{ id, identifier, document, scope, period }] : []
  })
}
