// Organizations and projects for the clients of the platform services: the same entities, another form of address.
import { sql } from 'kysely'
import type { OrganizationOut, ProjectOut } from '#contract/api/organization'
import { identifiersOf, listQueryOf, type PlatformListQuery } from '#contract/platform'
import { visible } from '#contract/grant'
import type { ApiHandlers, Call, Caller, Page } from '../http/handler.ts'
import type { Store } from '../store/port.ts'
import { invalidField } from './change.ts'
import { among, columnsOf, readPage } from './list.ts'
import { organizationColumns, organizationHandlers, showOrganization } from './organization.ts'
import { projectColumns, projectHandlers, showProject } from './project.ts'

const ofOrganization = (out: OrganizationOut) => ({ ...out, harnessManaged: false })
const ofProject = (out: ProjectOut) => ({ ...out, isFavorite: false })

/** The organization of a project: the query says it, or the body. */
function orgOf(query: { orgIdentifier?: string | undefined }, body?: { orgIdentifier?: string | undefined }): string {
  const org = query.orgIdentifier || body?.orgIdentifier
  if (!org) throw invalidField('orgIdentifier', 'Name the organization in the query.')
  return org
}

type Names =
  | 'platformListOrganizations'
  | 'platformCreateOrganization'
  | 'platformGetOrganization'
  | 'platformUpdateOrganization'
  | 'platformDeleteOrganization'
  | 'platformListProjects'
  | 'platformListAllProjects'
  | 'platformCreateProject'
  | 'platformGetProject'
  | 'platformUpdateProject'
  | 'platformDeleteProject'

export function platformOrganizationHandlers(store: Store): ApiHandlers<Names> {
  const organizations = organizationHandlers(store)
  const projects = projectHandlers(store)
  /** The call with what the handler of the clean surface wants, everything else as it came. */
  const as = <E>(call: object, part: object): Call<E> => ({ ...call, ...part }) as unknown as Call<E>
  return {
    platformListOrganizations: async ({ query, caller }) => {
      const identifiers = identifiersOf(query)
      const seen = visible(caller.grants, 'organization.view', {})
      const from = store.db
        .selectFrom('organization')
        .$if(identifiers !== undefined, (rows) => rows.where('identifier', 'in', identifiers ?? []))
        .where(among(sql.ref('identifier'), seen))
      const show = (row: Parameters<typeof showOrganization>[0]) => ofOrganization(showOrganization(row))
      return readPage(
        from,
        listQueryOf(query),
        columnsOf('organization'),
        (rows) => rows.select(organizationColumns),
        show,
      )
    },
    platformCreateOrganization: async (call) => ofOrganization(await organizations.createOrganization(as(call, {}))),
    platformGetOrganization: async (call) => ofOrganization(await organizations.getOrganization(as(call, {}))),
    platformUpdateOrganization: async (call) => ofOrganization(await organizations.updateOrganization(as(call, {}))),
    platformDeleteOrganization: async (call) => {
      await organizations.deleteOrganization(as(call, {}))
      return true as const
    },
    platformListProjects: ({ query, caller }) =>
      listProjects(store, query, query.orgIdentifier ? [query.orgIdentifier] : undefined, caller),
    platformListAllProjects: ({ query, caller }) => {
      const orgs = (query.orgIdentifiers ?? query.orgIdentifier ?? '').split(',').filter((org) => org !== '')
      return listProjects(store, query, orgs.length > 0 ? orgs : undefined, caller)
    },
    platformCreateProject: async (call) => {
      const params = { org: orgOf(call.query, call.body.project) }
      return ofProject(await projects.createProject(as(call, { params })))
    },
    platformGetProject: async (call) => {
      const params = { org: orgOf(call.query), project: call.params.project }
      return ofProject(await projects.getProject(as(call, { params })))
    },
    platformUpdateProject: async (call) => {
      const params = { org: orgOf(call.query, call.body.project), project: call.params.project }
      return ofProject(await projects.updateProject(as(call, { params })))
    },
    platformDeleteProject: async (call) => {
      const params = { org: orgOf(call.query), project: call.params.project }
      await projects.deleteProject(as(call, { params }))
      return true as const
    },
  }
}

/** Projects that the caller may see, of these organizations or of all. */
async function listProjects(
  store: Store,
  query: PlatformListQuery,
  orgs: readonly string[] | undefined,
  caller: Caller,
): Promise<Page<ReturnType<typeof ofProject>>> {
  const identifiers = identifiersOf(query)
  const known = await store.db
    .selectFrom('organization')
    .$if(orgs !== undefined, (rows) => rows.where('identifier', 'in', orgs ?? []))
    .select('identifier')
    .execute()
  const seen = known.map(({ identifier: org }) => ({ org, projects: visible(caller.grants, 'project.view', { org }) }))
  const whole = seen.filter(({ projects }) => projects === 'all').map(({ org }) => org)
  const single = seen.flatMap(({ org, projects }) =>
    projects === 'all' ? [] : [...projects].map((project) => `${org}/${project}`),
  )
  const from = store.db
    .selectFrom('project')
    .innerJoin('organization', 'organization.id', 'project.organization_id')
    .where(
      sql<boolean>`(organization.identifier = any(${whole}::text[])
        or organization.identifier || '/' || project.identifier = any(${single}::text[]))`,
    )
    .$if(identifiers !== undefined, (rows) => rows.where('project.identifier', 'in', identifiers ?? []))
  return readPage(
    from,
    listQueryOf(query),
    columnsOf('project'),
    (rows) => rows.select(projectColumns).select('organization.identifier as org'),
    (row) => ofProject(showProject(row.org, row)),
  )
}
