// Projects: create, read, update, delete, list.
import { sql } from 'kysely'
import type { ProjectOut } from '#contract/api/organization'
import { visible } from '#contract/grant'
import type { ApiHandlers } from '../http/handler.ts'
import type { Executor, Store } from '../store/port.ts'
import { createUnique, mustEqual, recordEntity, refuseWhileWorking, shownTimes } from './change.ts'
import { among, columnsOf, readPage } from './list.ts'
import { findOrganization, findProject } from './scope.ts'

export const projectColumns = [
  'project.id',
  'project.identifier',
  'project.name',
  'project.description',
  'project.color',
  'project.modules',
  'project.tags',
  'project.created_at',
  'project.updated_at',
] as const
interface Row {
  readonly id: string
  readonly identifier: string
  readonly name: string
  readonly description: string
  readonly color: string
  readonly modules: unknown
  readonly tags: unknown
  readonly created_at: Date
  readonly updated_at: Date
}
/** What a project gets when nothing is said; clients expect both back. */
const defaults = { color: '#0063F7', modules: ['DBOPS'] }

export const showProject = (org: string, row: Row): ProjectOut => ({
  project: {
    orgIdentifier: org,
    identifier: row.identifier,
    name: row.name,
    description: row.description,
    color: row.color,
    modules: row.modules as string[],
    tags: row.tags as Record<string, string>,
  },
  ...shownTimes(row),
})

async function read(db: Executor, params: { org: string; project: string }): Promise<Row> {
  const { id } = await findProject(db, params)
  return db.selectFrom('project').where('id', '=', id).select(projectColumns).executeTakeFirstOrThrow()
}

type Names = 'listProjects' | 'createProject' | 'getProject' | 'updateProject' | 'deleteProject'

export function projectHandlers(store: Store): ApiHandlers<Names> {
  return {
    listProjects: async ({ params: { org }, query, caller }) => {
      const organization = await findOrganization(store.db, org)
      const seen = visible(caller.grants, 'project.view', { org })
      const from = store.db
        .selectFrom('project')
        .where('organization_id', '=', organization)
        .where(among(sql.ref('project.identifier'), seen))
      return readPage(
        from,
        query,
        columnsOf('project'),
        (from) => from.select(projectColumns),
        (row) => showProject(org, row),
      )
    },

    createProject: ({ params: { org }, body: { project }, caller }) =>
      store.transaction(async (tx) => {
        mustEqual('project.orgIdentifier', project.orgIdentifier, org)
        const organization_id = await findOrganization(tx, org)
        const {
          identifier,
          name,
          description = '',
          color = defaults.color,
          modules = defaults.modules,
          tags = {},
        } = project
        const json = { modules: JSON.stringify(modules), tags: JSON.stringify(tags) }
        const row = await createUnique('Project', identifier, () =>
          tx
            .insertInto('project')
            .values({ organization_id, identifier, name, description, color, ...json })
            .returning(projectColumns)
            .executeTakeFirstOrThrow(),
        )
        const after = showProject(org, row).project
        await recordEntity(tx, caller, { kind: 'project', identifier, projectId: row.id, after })
        return showProject(org, row)
      }),

    getProject: async ({ params }) => showProject(params.org, await read(store.db, params)),

    updateProject: ({ params, body: { project }, caller }) =>
      store.transaction(async (tx) => {
        mustEqual('project.identifier', project.identifier, params.project)
        mustEqual('project.orgIdentifier', project.orgIdentifier, params.org)
        const before = await read(tx, params)
        // Colour and modules are computed when they are not given, so leaving them out keeps them.
        const { name, description = '', color = before.color, modules = before.modules, tags = {} } = project
        const row = await tx
          .updateTable('project')
          .set({ name, description, color, modules: JSON.stringify(modules), tags: JSON.stringify(tags) })
          .set({ updated_at: sql`now()` })
          .where('id', '=', before.id)
          .returning(projectColumns)
          .executeTakeFirstOrThrow()
        await recordEntity(tx, caller, {
          kind: 'project',
          identifier: params.project,
          projectId: before.id,
          before: showProject(params.org, before).project,
          after: showProject(params.org, row).project,
        })
        return showProject(params.org, row)
      }),

    deleteProject: ({ params, caller }) =>
      store.transaction(async (tx) => {
        const before = await read(tx, params)
        await refuseWhileWorking(tx, `Project ${params.project}`, sql<boolean>`project_id = ${before.id}`)
        await tx.deleteFrom('project').where('id', '=', before.id).execute()
        await recordEntity(tx, caller, {
          kind: 'project',
          identifier: params.project,
          before: showProject(params.org, before).project,
        })
        return null
      }),
  }
}
