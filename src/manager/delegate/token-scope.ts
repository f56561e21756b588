// Where the delegates of a token may work: everywhere, in one organization, or in one project.
import { type RawBuilder, sql } from 'kysely'
import { invalidField } from '../entity/change.ts'
import { findOrganization, findProject } from '../entity/scope.ts'
import type { Executor } from '../store/port.ts'

export interface TokenScope {
  readonly organization_id: string | null
  readonly project_id: string | null
}

/** Raises `not-found` for what does not exist, `invalid-input` for a project without its organization. */
export async function resolveTokenScope(
  db: Executor,
  { org, project }: { readonly org?: string | undefined; readonly project?: string | undefined },
): Promise<TokenScope> {
  if (org === undefined) {
    if (project !== undefined) throw invalidField('project', 'Name its organization in org as well.')
    return { organization_id: null, project_id: null }
  }
  if (project === undefined) return { organization_id: await findOrganization(db, org), project_id: null }
  const { id, organizationId } = await findProject(db, { org, project })
  return { organization_id: organizationId, project_id: id }
}

/** Identifiers of the scope, for `table` (`delegate_token` or `delegate`) in a select. */
export const scopeColumns = (table: 'delegate_token' | 'delegate') =>
  [
    sql<string | null>`(select identifier from organization where id = ${sql.ref(`${table}.organization_id`)})`.as(
      'org',
    ),
    sql<string | null>`(select identifier from project where id = ${sql.ref(`${table}.project_id`)})`.as('project'),
  ] as const

export interface ScopeRow {
  readonly org: string | null
  readonly project: string | null
}
export const showScope = ({ org, project }: ScopeRow): { org?: string; project?: string } => ({
  ...(org === null ? {} : { org }),
  ...(project === null ? {} : { project }),
})

/** The delegate `d` may work for the project of `candidate`. */
export function isInScope(candidate: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`(d.organization_id is null
    or d.project_id = ${candidate}.project_id
    or d.project_id is null and exists (select from project
      where project.id = ${candidate}.project_id and project.organization_id = d.organization_id))`
}
