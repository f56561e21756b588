// Reads what is assigned to somebody, in one expression that stands in the query that finds out who calls.
import { type RawBuilder, sql } from 'kysely'
import type { Role } from '#contract/permission'
import type { Executor } from '../store/port.ts'
import { type Grant } from '#contract/grant'
import { accountGrant, type Assignment, grantsOf } from './grant.ts'

/** Whose assignments: a column with the id of a user, or of a service account. */
export type Principal =
  | { readonly kind: 'user'; readonly id: RawBuilder<unknown> }
  | { readonly kind: 'service-account'; readonly id: RawBuilder<unknown> }

/** A JSON array of assignments, of groups too. What belongs to a scope that is gone is gone with it. */
export function assignmentsOf(principal: Principal): RawBuilder<unknown> {
  const own =
    principal.kind === 'user'
      ? sql`(assignment.user_id = ${principal.id} or assignment.group_id in
          (select member.group_id from user_group_member as member where member.user_id = ${principal.id}))`
      : sql`assignment.service_account_id = ${principal.id}`
  return assignmentsWhere(own)
}

/** Assignments of this condition over `assignment`, as they are now. */
export async function readAssignments(db: Executor, condition: RawBuilder<unknown>): Promise<readonly Assignment[]> {
  const { rows } = await sql<{ found: unknown }>`select ${assignmentsWhere(condition)} as found`.execute(db)
  return rows[0]?.found as readonly Assignment[]
}

function assignmentsWhere(condition: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(
    select coalesce(jsonb_agg(jsonb_build_object(
      'org', scope_organization.identifier, 'project', scope_project.identifier,
      'role', assignment.built_in_role, 'permissions', assigned_role.body -> 'permissions',
      'group', assignment.built_in_resource_group, 'content', assigned_group.body)), '[]')
    from role_assignment as assignment
    left join organization as scope_organization on scope_organization.id = assignment.organization_id
    left join project as scope_project on scope_project.id = assignment.project_id
    left join scoped_entity as assigned_role on assigned_role.id = assignment.role_id
    left join scoped_entity as assigned_group on assigned_group.id = assignment.resource_group_id
    where not assignment.disabled and ${condition})`
}

/** The grants of a user with this role in the account (none for a service account) and these assignments. */
export function allGrants(role: Role | undefined, assignments: unknown): readonly Grant[] {
  const assigned = (assignments as readonly Assignment[]).flatMap(grantsOf)
  return role === undefined ? assigned : [accountGrant(role), ...assigned]
}

/** The rights that whoever started a run has now; nobody any more: none. */
export async function grantsOfStarter(
  db: Executor,
  starter: { readonly userId: string | null; readonly serviceAccountId: string | null },
): Promise<readonly Grant[]> {
  if (starter.userId !== null) {
    const row = await db
      .selectFrom('user_account')
      .where('id', '=', starter.userId)
      .select('role')
      .select(assignmentsOf({ kind: 'user', id: sql.ref('user_account.id') }).as('assignments'))
      .executeTakeFirst()
    return row ? allGrants(row.role as Role, row.assignments) : []
  }
  if (starter.serviceAccountId === null) return []
  const id = sql`${starter.serviceAccountId}::bigint`
  const { rows } = await sql<{ assignments: unknown }>`
    select ${assignmentsOf({ kind: 'service-account', id })} as assignments`.execute(db)
  return allGrants(undefined, rows[0]?.assignments ?? [])
}
