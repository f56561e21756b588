// Finds the account, organization, project, schema and instance that a path names, and says which of them is missing.
import { type RawBuilder, sql } from 'kysely'
import { Fault } from '#contract/fault'
import type { Executor } from '../store/port.ts'

export interface ProjectScope {
  readonly id: string
  readonly organizationId: string
  readonly org: string
  readonly project: string
}

/** The one form of a 404 for an entity. */
export function missing(kind: string, identifier: string): Fault {
  return new Fault('not-found', `${kind} ${identifier} does not exist.`)
}

export async function findOrganization(db: Executor, org: string): Promise<string> {
  const row = await db.selectFrom('organization').where('identifier', '=', org).select('id').executeTakeFirst()
  if (!row) throw missing('Organization', org)
  return row.id
}

export async function findProject(db: Executor, params: { org: string; project: string }): Promise<ProjectScope> {
  const { org, project } = params
  const row = await db
    .selectFrom('organization')
    .leftJoin('project', (join) =>
      join.onRef('project.organization_id', '=', 'organization.id').on('project.identifier', '=', project),
    )
    .where('organization.identifier', '=', org)
    .select(['organization.id as organizationId', 'project.id as id'])
    .executeTakeFirst()
  if (!row) throw missing('Organization', org)
  if (row.id === null) throw missing('Project', project)
  return { id: row.id, organizationId: row.organizationId, org, project }
}

/** The project that a call of the platform services is about. */
export function projectInQuery(query: {
  readonly orgIdentifier?: string | undefined
  readonly projectIdentifier?: string | undefined
}): { readonly org: string; readonly project: string } {
  const { orgIdentifier: org, projectIdentifier: project } = query
  if (!org || !project) throw new Fault('invalid-input', 'Name orgIdentifier and projectIdentifier in the query.')
  return { org, project }
}

/** Where an execution belongs. Raises `not-found`. */
export async function findProjectOfRun(
  db: Executor,
  execution: string,
): Promise<{ readonly org: string; readonly project: string }> {
  const row = await db
    .selectFrom('execution')
    .innerJoin('project', 'project.id', 'execution.project_id')
    .innerJoin('organization', 'organization.id', 'project.organization_id')
    .where('execution.id', '=', execution)
    .select(['organization.identifier as org', 'project.identifier as project'])
    .executeTakeFirst()
  if (!row) throw missing('Execution', execution)
  return row
}

/** What connectors and secrets belong to. */
export interface Owner {
  readonly kind: 'account' | 'organization' | 'project'
  readonly org?: string
  readonly project?: string
  /** Only of a project. */
  readonly projectId: string | null
  /** Only of an organization itself. */
  readonly organizationId: string | null
}
export interface OwnerParams {
  readonly org?: string | undefined
  readonly project?: string | undefined
}

/** The owner that path or query names; neither organization nor project means the account. */
export async function findOwner(db: Executor, { org, project }: OwnerParams): Promise<Owner> {
  if (org === undefined && project === undefined) return { kind: 'account', projectId: null, organizationId: null }
  if (org === undefined)
    throw new Fault('invalid-input', 'A project is named without its organization.', { hint: 'Add orgIdentifier.' })
  if (project === undefined)
    return { kind: 'organization', org, projectId: null, organizationId: await findOrganization(db, org) }
  const { id } = await findProject(db, { org, project })
  return { kind: 'project', org, project, projectId: id, organizationId: null }
}

/** The three owners that something in a project can refer to. */
export async function findProjectOwners(db: Executor, projectId: string): Promise<Record<Owner['kind'], Owner>> {
  const row = await db
    .selectFrom('project')
    .innerJoin('organization', 'organization.id', 'project.organization_id')
    .where('project.id', '=', projectId)
    .select(['organization.id', 'organization.identifier as org', 'project.identifier as project'])
    .executeTakeFirst()
  if (!row) throw missing('Project', projectId)
  const { id, org, project } = row
  return {
    account: { kind: 'account', projectId: null, organizationId: null },
    organization: { kind: 'organization', org, projectId: null, organizationId: id },
    project: { kind: 'project', org, project, projectId, organizationId: null },
  }
}

/** The columns `project_id` and `organization_id` of what an owner has. */
export const ownerColumns = ({ projectId, organizationId }: Owner) => ({
  project_id: projectId,
  organization_id: organizationId,
})

/** Rows of `table` that belong to the owner. */
export function ownedBy(table: 'connector' | 'secret', { projectId, organizationId }: Owner): RawBuilder<boolean> {
  const project = sql.ref(`${table}.project_id`)
  const organization = sql.ref(`${table}.organization_id`)
  if (projectId !== null) return sql<boolean>`${project} = ${projectId}`
  if (organizationId !== null) return sql<boolean>`${organization} = ${organizationId}`
  return sql<boolean>`${project} is null and ${organization} is null`
}

/** How an entity shows its owner. */
export const shownOwner = ({ org, project }: Owner) => ({
  ...(org === undefined ? {} : { orgIdentifier: org }),
  ...(project === undefined ? {} : { projectIdentifier: project }),
})

export interface SchemaScope extends ProjectScope {
  readonly schemaId: string
  readonly schemaName: string
}

export async function findSchema(
  db: Executor,
  params: { org: string; project: string; dbschema: string },
): Promise<SchemaScope> {
  const project = await findProject(db, params)
  const row = await db
    .selectFrom('db_schema')
    .where('project_id', '=', project.id)
    .where('identifier', '=', params.dbschema)
    .select(['id', 'name'])
    .executeTakeFirst()
  if (!row) throw missing('DB schema', params.dbschema)
  return { ...project, schemaId: row.id, schemaName: row.name }
}

export interface InstanceScope extends SchemaScope {
  readonly instanceId: string
}

export async function findInstance(
  db: Executor,
  params: { org: string; project: string; dbschema: string; dbinstance: string },
): Promise<InstanceScope> {
  const schema = await findSchema(db, params)
  const row = await db
    .selectFrom('db_instance')
    .where('db_schema_id', '=', schema.schemaId)
    .where('identifier', '=', params.dbinstance)
    .select('id')
    .executeTakeFirst()
  if (!row) throw missing('DB instance', params.dbinstance)
  return { ...schema, instanceId: row.id }
}
