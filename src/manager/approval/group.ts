// Which user groups somebody belongs to, as approvals of a project name them.
import { sql } from 'kysely'
import type { Executor } from '../store/port.ts'

/** Groups that mean everybody. */
const everybody = ['_project_all_users', 'org._organization_all_users', 'account._account_all_users']
/** As older documents write them. */
const alsoEverybody = ['_account_all_users', '_organization_all_users', 'org._project_all_users']

/** `group` of the project, `org.group` of its organization, `account.group`. */
export async function groupsOf(db: Executor, userId: string, projectId: string): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ reference: string }>`
    select case when g.project_id is not null then g.identifier
      when g.organization_id is not null then 'org.' || g.identifier
      else 'account.' || g.identifier end as reference
    from user_group_member member
    join scoped_entity g on g.id = member.group_id and g.kind = 'user-group'
    join project on project.id = ${projectId}
    where member.user_id = ${userId}
      and (g.project_id = project.id
        or g.project_id is null and (g.organization_id is null or g.organization_id = project.organization_id))`.execute(
    db,
  )
  return new Set([...everybody, ...alsoEverybody, ...rows.map((row) => row.reference)])
}
