// The scope of an entity that is addressed like the platform services do: account, organization or project, found and named.
import { findOrganization, findProject } from './scope.ts'
import type { Executor } from '../store/port.ts'

interface Keys {
  readonly orgIdentifier?: string | null | undefined
  readonly projectIdentifier?: string | null | undefined
}

/** Where an entity stands: rows, null for what is above, and identifiers. */
export interface ScopedPlace {
  readonly organizationId: string | null
  readonly projectId: string | null
  readonly org: string | undefined
  readonly project: string | undefined
}

/** What query and body say; where both do they say the same, or nobody would have been let in (access/permit.ts). */
export async function findPlace(db: Executor, query: Keys, body: Keys = {}): Promise<ScopedPlace> {
  const org = query.orgIdentifier || body.orgIdentifier || undefined
  const project = query.projectIdentifier || body.projectIdentifier || undefined
  if (org === undefined) return { organizationId: null, projectId: null, org, project: undefined }
  if (project === undefined) return { organizationId: await findOrganization(db, org), projectId: null, org, project }
  const { id, organizationId } = await findProject(db, { org, project })
  return { organizationId, projectId: id, org, project }
}

/** The scope as answers show it. */
export function shownPlace(account: string, { org, project }: Pick<ScopedPlace, 'org' | 'project'>) {
  return {
    accountIdentifier: account,
    ...(org === undefined ? {} : { orgIdentifier: org }),
    ...(project === undefined ? {} : { projectIdentifier: project }),
  }
}

export const levelOf = ({
  org,
  project,
}: Pick<ScopedPlace, 'org' | 'project'>): 'account' | 'organization' | 'project' =>
  org === undefined ? 'account' : project === undefined ? 'organization' : 'project'
