// Finds the organization, project, schema and instance that a path names, and says which of them is missing.
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
