// What a manager holds, as documents: all of it, or what is in some organizations and projects.
import type { ApiClient } from '../setup/session.ts'
import { type EntityDocument, withoutEmpty } from './document.ts'
import { type Found, type Kind, kinds, type Place } from './kind.ts'

export interface Selection {
  readonly org?: string | undefined
  readonly project?: string | undefined
}

/** Documents of every kind, in the order in which they can be made. */
export async function readPresent(client: ApiClient, selection: Selection): Promise<EntityDocument[]> {
  const places = await placesOf(client, selection)
  const found: EntityDocument[] = []
  for (const kind of kinds)
    for (const place of places)
      if (kind.levels.includes(levelOf(place)) && isAsked(kind, place, selection))
        for (const entity of await kind.list(client, place))
          if (isSelected(kind, place, entity, selection)) found.push(documentOf(kind, place, entity))
  return found
}

const levelOf = ({ org, project }: Place) =>
  org === undefined ? 'account' : project === undefined ? 'organization' : 'project'

/** The account itself only when everything is asked for; then all organizations and projects that the caller may see. */
async function placesOf(client: ApiClient, { org, project }: Selection): Promise<readonly Place[]> {
  const account: Place = {}
  const orgs = await kinds[0]?.list(client, account)
  const places: Place[] = [account]
  for (const { identifier } of orgs ?? []) {
    if (org !== undefined && identifier !== org) continue
    places.push({ org: identifier })
    const projects = (await kinds[1]?.list(client, { org: identifier })) ?? []
    for (const found of projects)
      if (project === undefined || found.identifier === project)
        places.push({ org: identifier, project: found.identifier })
  }
  return places
}

/** Of the scopes above a selection nothing is read but organizations and projects: the caller may have no right there. */
function isAsked({ kind }: Kind, place: Place, { org, project }: Selection): boolean {
  if (org !== undefined && place.org === undefined) return kind === 'organization'
  return project === undefined || place.project !== undefined || kind === 'organization' || kind === 'project'
}

/** Of the scopes above a selection only the organization and the project themselves. */
function isSelected({ kind }: Kind, place: Place, { identifier }: Found, { org, project }: Selection): boolean {
  if (org !== undefined && place.org === undefined) return kind === 'organization' && identifier === org
  if (project !== undefined && place.project === undefined)
    return kind === 'organization' || (kind === 'project' && identifier === project)
  return true
}

export function documentOf(
  { kind }: Kind,
  { org, project }: Place,
  { identifier, schema, pipeline, spec }: Found,
): EntityDocument {
  return {
    kind,
    ...(org === undefined ? {} : { organization: org }),
    ...(project === undefined ? {} : { project }),
    ...(schema === undefined ? {} : { schema }),
    ...(pipeline === undefined ? {} : { pipeline }),
    identifier,
    spec: (withoutEmpty(spec) ?? {}) as EntityDocument['spec'],
  }
}
