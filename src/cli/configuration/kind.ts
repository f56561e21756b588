// The kinds of entities that `apply` and `export` know: how each is listed, created and replaced through the public API.
import type { ApiClient } from '../setup/session.ts'
import type { EntityDocument } from './document.ts'

export interface Place {
  readonly org?: string | undefined
  readonly project?: string | undefined
}
type Spec = Readonly<Record<string, unknown>>
export interface Found {
  readonly identifier: string
  readonly schema?: string
  readonly pipeline?: string
  readonly spec: Spec
}
export interface Kind {
  readonly kind: string
  /** Scopes in which it lives. */
  readonly levels: readonly ('account' | 'organization' | 'project')[]
  /** Refers to others of its kind, and is made after them. */
  readonly isLater?: (document: EntityDocument) => boolean
  list(client: ApiClient, place: Place): Promise<readonly Found[]>
  create(client: ApiClient, document: EntityDocument): Promise<unknown>
  update(client: ApiClient, document: EntityDocument): Promise<unknown>
}

const pageRows = 100
/** All rows of a list, page after page. */
async function all<Row>(
  page: (query: { page: number; limit: number; sort: 'identifier'; order: 'ASC' }) => Promise<{ rows: readonly Row[] }>,
): Promise<Row[]> {
  const found: Row[] = []
  for (let number = 0; ; number += 1) {
    const { rows } = await page({ page: number, limit: pageRows, sort: 'identifier', order: 'ASC' })
    found.push(...rows)
    if (rows.length < pageRows) return found
  }
}
type PlatformPage = { pageIndex: number; pageSize: number; sortOrders: string }
const allOfPlatform = <Row>(page: (query: PlatformPage) => Promise<{ rows: readonly Row[] }>): Promise<Row[]> =>
  all(({ page: pageIndex, limit: pageSize }) => page({ pageIndex, pageSize, sortOrders: 'identifier,ASC' }))

const without = (entity: object, ...keys: readonly string[]): Spec =>
  Object.fromEntries(Object.entries(entity).filter(([key]) => !keys.includes(key)))
/** A field that has its default says nothing. */
function withoutDefault(spec: Spec, defaults: Spec): Spec {
  const kept = Object.entries(spec).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(defaults[key]))
  return Object.fromEntries(kept)
}

const projectOf = ({ organization = '', project = '' }: EntityDocument) => ({ org: organization, project })
const queryOf = ({ org, project }: Place) => ({
  ...(org === undefined ? {} : { orgIdentifier: org }),
  ...(project === undefined ? {} : { projectIdentifier: project }),
})
const scopeOf = ({ organization, project }: EntityDocument) => queryOf({ org: organization, project })
/** The body of an entity as the API takes it. What it may say is checked there. */
const bodyOf = (document: EntityDocument, more: object = {}) =>
  ({ identifier: document.identifier, ...document.spec, ...more }) as never

const color = { color: '#0063F7' }
const shownKeys = ['identifier', 'accountId', 'accountIdentifier', 'orgIdentifier', 'projectIdentifier', 'deleted']

const organization: Kind = {
  kind: 'organization',
  levels: ['account'],
  list: async (client) => {
    const rows = await all((query) => client.listOrganizations({ query }))
    return rows.map((row) => ({
      identifier: row.organization.identifier,
      spec: without(row.organization, ...shownKeys),
    }))
  },
  create: (client, document) => client.createOrganization({ body: { organization: bodyOf(document) } }),
  update: (client, document) =>
    client.updateOrganization({ params: { org: document.identifier }, body: { organization: bodyOf(document) } }),
}

const project: Kind = {
  kind: 'project',
  levels: ['organization'],
  list: async (client, { org = '' }) => {
    const rows = await all((query) => client.listProjects({ params: { org }, query }))
    return rows.map((row) => ({
      identifier: row.project.identifier,
      spec: withoutDefault(without(row.project, ...shownKeys), { ...color, modules: ['DBOPS'] }),
    }))
  },
  create: (client, document) =>
    client.createProject({ params: { org: document.organization ?? '' }, body: { project: bodyOf(document) } }),
  update: (client, document) =>
    client.updateProject({
      params: { org: document.organization ?? '', project: document.identifier },
      // What is not said is the default again, not what it was.
      body: { project: bodyOf(document, { ...color, modules: ['DBOPS'], ...document.spec }) },
    }),
}

const connector: Kind = {
  kind: 'connector',
  levels: ['project'],
  list: async (client, { org = '', project: name = '' }) => {
    const rows = await all((query) => client.listConnectors({ params: { org, project: name }, query }))
    return rows.map((row) => ({ identifier: row.connector.identifier, spec: without(row.connector, ...shownKeys) }))
  },
  create: (client, document) =>
    client.createConnector({ params: projectOf(document), body: { connector: bodyOf(document) } }),
  update: (client, document) =>
    client.updateConnector({
      params: { ...projectOf(document), connector: document.identifier },
      body: { connector: bodyOf(document) },
    }),
}

const schema: Kind = {
  kind: 'dbSchema',
  levels: ['project'],
  list: async (client, { org = '', project: name = '' }) => {
    const rows = await all((query) => client.listDbSchemas({ params: { org, project: name }, query }))
    const computed = ['identifier', 'created', 'updated', 'instanceCount', 'schemaSourceType']
    return rows.map((row) => ({
      identifier: row.identifier,
      spec: withoutDefault(without(row, ...computed), { type: 'Repository', migrationType: 'Liquibase' }),
    }))
  },
  create: (client, document) => client.createDbSchema({ params: projectOf(document), body: bodyOf(document) }),
  update: (client, document) =>
    client.updateDbSchema({
      params: { ...projectOf(document), dbschema: document.identifier },
      body: bodyOf(document),
    }),
}

const instance: Kind = {
  kind: 'dbInstance',
  levels: ['project'],
  list: async (client, { org = '', project: name = '' }) => {
    const params = { org, project: name }
    const schemas = await all((query) => client.listDbSchemas({ params, query }))
    const computed = ['identifier', 'created', 'updated', 'schemaIdentifier', 'lastDeployedChangeSetTag']
    const found: Found[] = []
    for (const { identifier: dbschema } of schemas) {
      const rows = await all((query) => client.listDbInstances({ params: { ...params, dbschema }, query }))
      for (const row of rows)
        found.push({ identifier: row.identifier, schema: dbschema, spec: without(row, ...computed) })
    }
    return found
  },
  create: (client, document) =>
    client.createDbInstance({
      params: { ...projectOf(document), dbschema: document.schema ?? '' },
      body: bodyOf(document),
    }),
  update: (client, document) =>
    client.updateDbInstance({
      params: { ...projectOf(document), dbschema: document.schema ?? '', dbinstance: document.identifier },
      body: bodyOf(document),
    }),
}

const pipeline: Kind = {
  kind: 'pipeline',
  levels: ['project'],
  list: async (client, { org = '', project: name = '' }) => {
    const params = { org, project: name }
    const rows = await all((query) => client.listPipelines({ params, query }))
    const found: Found[] = []
    for (const row of rows) {
      const whole = await client.getPipeline({ params: { ...params, pipeline: row.identifier } })
      const { name: title, description, tags, pipeline_yaml } = whole
      found.push({ identifier: row.identifier, spec: { name: title, description, tags, pipeline_yaml } })
    }
    return found
  },
  create: (client, document) => client.createPipeline({ params: projectOf(document), body: bodyOf(document) }),
  update: (client, document) =>
    client.updatePipeline({
      params: { ...projectOf(document), pipeline: document.identifier },
      body: bodyOf(document),
    }),
}

/** What each pipeline of a project has of a kind. */
async function ofPipelines(
  client: ApiClient,
  { org = '', project: name = '' }: Place,
  list: (place: { org: string; project: string }, pipeline: string) => Promise<readonly Omit<Found, 'pipeline'>[]>,
): Promise<Found[]> {
  const params = { org, project: name }
  const found: Found[] = []
  for (const { identifier } of await all((query) => client.listPipelines({ params, query })))
    for (const one of await list(params, identifier)) found.push({ ...one, pipeline: identifier })
  return found
}

const inputSet: Kind = {
  kind: 'inputSet',
  levels: ['project'],
  // An overlay lists sets.
  isLater: ({ spec }) => String(spec['input_set_yaml']).includes('overlayInputSet'),
  list: (client, place) =>
    ofPipelines(client, place, async (params, pipelineName) => {
      const rows = await all((query) => client.listInputSets({ params, query: { ...query, pipeline: pipelineName } }))
      const found: Found[] = []
      for (const { identifier } of rows) {
        const where = { params: { ...params, inputSet: identifier }, query: { pipeline: pipelineName } }
        const { name: title, description, tags, input_set_yaml } = await client.getInputSet(where)
        found.push({ identifier, spec: { name: title, description, tags, input_set_yaml } })
      }
      return found
    }),
  create: (client, document) =>
    client.createInputSet({
      params: projectOf(document),
      query: { pipeline: document.pipeline ?? '' },
      body: bodyOf(document),
    }),
  update: (client, document) =>
    client.updateInputSet({
      params: { ...projectOf(document), inputSet: document.identifier },
      query: { pipeline: document.pipeline ?? '' },
      body: bodyOf(document),
    }),
}

/** The document says everything itself. */
const trigger: Kind = {
  kind: 'trigger',
  levels: ['project'],
  list: (client, place) =>
    ofPipelines(client, place, async (_, pipelineName) => {
      const query = { ...queryOf(place), targetIdentifier: pipelineName }
      const rows = await allOfPlatform((page) => client.listTriggers({ query: { ...page, ...query } }))
      return rows.map(({ identifier, yaml }) => ({ identifier, spec: { yaml } }))
    }),
  create: (client, document) => client.createTrigger({ query: targetOf(document), raw: rawOf(document) }),
  update: (client, document) =>
    client.updateTrigger({
      params: { trigger: document.identifier },
      query: targetOf(document),
      raw: rawOf(document),
    }),
}
const targetOf = (document: EntityDocument) => ({
  ...scopeOf(document),
  targetIdentifier: document.pipeline ?? '',
})
const rawOf = ({ spec }: EntityDocument) =>
  new TextEncoder().encode(typeof spec['yaml'] === 'string' ? spec['yaml'] : '')

const everywhere = ['account', 'organization', 'project'] as const
const levelOf = ({ org, project: name }: Place) =>
  org === undefined ? 'account' : name === undefined ? 'organization' : 'project'

const environment: Kind = {
  kind: 'environment',
  levels: everywhere,
  list: async (client, place) => {
    const rows = await allOfPlatform((query) => client.listEnvironments({ query: { ...query, ...queryOf(place) } }))
    return rows.map(({ environment: row }) => ({
      identifier: row.identifier,
      spec: withoutDefault(without(row, ...shownKeys), color),
    }))
  },
  create: (client, document) => client.createEnvironment({ body: bodyOf(document, scopeOf(document)) }),
  update: (client, document) => client.updateEnvironment({ body: bodyOf(document, scopeOf(document)) }),
}

const service: Kind = {
  kind: 'service',
  levels: everywhere,
  list: async (client, place) => {
    const rows = await allOfPlatform((query) => client.listServices({ query: { ...query, ...queryOf(place) } }))
    return rows.map(({ service: row }) => ({ identifier: row.identifier, spec: without(row, ...shownKeys) }))
  },
  create: (client, document) => client.createService({ body: bodyOf(document, scopeOf(document)) }),
  update: (client, document) => client.updateService({ body: bodyOf(document, scopeOf(document)) }),
}

const userGroup: Kind = {
  kind: 'userGroup',
  levels: everywhere,
  list: async (client, place) => {
    const rows = await allOfPlatform((query) => client.listUserGroups({ query: { ...query, ...queryOf(place) } }))
    return rows.map((row) => {
      const linked = row.ssoLinked ? ['users'] : []
      const ids = row.ssoGroupId === row.ssoGroupName ? ['ssoGroupId'] : []
      const computed = [...shownKeys, 'userEmails', 'ssoLinked', 'externallyManaged', ...linked, ...ids]
      return { identifier: row.identifier, spec: without(row, ...computed) }
    })
  },
  create: (client, document) => client.createUserGroup({ body: bodyOf(document, scopeOf(document)) }),
  update: (client, document) => client.updateUserGroup({ body: bodyOf(document, scopeOf(document)) }),
}

const serviceAccount: Kind = {
  kind: 'serviceAccount',
  levels: everywhere,
  list: async (client, place) => {
    const rows = await client.listServiceAccounts({ query: queryOf(place) })
    return rows.map((row) => ({ identifier: row.identifier, spec: without(row, ...shownKeys, 'extendable') }))
  },
  create: (client, document) => client.createServiceAccount({ body: bodyOf(document, scopeOf(document)) }),
  update: (client, document) =>
    client.updateServiceAccount({
      params: { identifier: document.identifier },
      body: bodyOf(document, scopeOf(document)),
    }),
}

const role: Kind = {
  kind: 'role',
  levels: everywhere,
  list: async (client, place) => {
    const rows = await allOfPlatform((query) => client.listRoles({ query: { ...query, ...queryOf(place) } }))
    return rows.map(({ role: row }) => ({
      identifier: row.identifier,
      spec: withoutDefault(without(row, ...shownKeys), { allowedScopeLevels: [levelOf(place)] }),
    }))
  },
  create: (client, document) => client.createRole({ query: scopeOf(document), body: bodyOf(document) }),
  update: (client, document) =>
    client.updateRole({
      params: { identifier: document.identifier },
      query: scopeOf(document),
      body: bodyOf(document),
    }),
}

const resourceGroup: Kind = {
  kind: 'resourceGroup',
  levels: everywhere,
  list: async (client, place) => {
    const rows = await allOfPlatform((query) => client.listResourceGroups({ query: { ...query, ...queryOf(place) } }))
    return rows.map(({ resourceGroup: row }) => {
      // The account has another id in another installation.
      const scopes = row.includedScopes.map((scope) => without(scope, 'accountIdentifier'))
      const own = [{ filter: 'EXCLUDING_CHILD_SCOPES', ...queryOf(place) }]
      const spec = { ...without(row, ...shownKeys), includedScopes: scopes }
      const defaults = { ...color, allowedScopeLevels: [levelOf(place)], includedScopes: own }
      return { identifier: row.identifier, spec: withoutDefault(spec, defaults) }
    })
  },
  create: (client, document) =>
    client.createResourceGroup({
      query: scopeOf(document),
      body: { resourceGroup: bodyOf(document, scopeOf(document)) },
    }),
  update: (client, document) =>
    client.updateResourceGroup({
      params: { identifier: document.identifier },
      query: scopeOf(document),
      body: { resourceGroup: bodyOf(document, scopeOf(document)) },
    }),
}

const roleAssignment: Kind = {
  kind: 'roleAssignment',
  levels: everywhere,
  list: async (client, place) => {
    const rows = await allOfPlatform((query) => client.listRoleAssignments({ query: { ...query, ...queryOf(place) } }))
    return rows.map(({ roleAssignment: row }) => {
      const { scopeLevel, ...principal } = row.principal
      const stated = principal.type === 'USER' || scopeLevel === levelOf(place) ? principal : row.principal
      return { identifier: row.identifier, spec: { ...without(row, 'identifier', 'managed'), principal: stated } }
    })
  },
  create: (client, document) => client.createRoleAssignment({ query: scopeOf(document), body: bodyOf(document) }),
  update: (client, document) =>
    client.updateRoleAssignment({
      params: { identifier: document.identifier },
      query: scopeOf(document),
      body: bodyOf(document),
    }),
}

/** In the order in which they are made: what is referred to comes first. */
export const kinds: readonly Kind[] = [
  organization,
  project,
  connector,
  environment,
  service,
  schema,
  instance,
  pipeline,
  inputSet,
  trigger,
  serviceAccount,
  userGroup,
  role,
  resourceGroup,
  roleAssignment,
]
