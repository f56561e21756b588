// The kinds of entities that `apply` and `export` know: how each is listed, created and replaced through the public API.
import type { ApiClient } from '../setup/session.ts'
import type { EntityDocument } from './document.ts'
import {
  all,
  allOfPlatform,
  without,
  withoutDefault,
  projectOf,
  queryOf,
  scopeOf,
  bodyOf,
  color,
  shownKeys,
  rawOf,
  everywhere,
  type Place,
  type Found,
  type Kind,
} from './kind-part.ts'
import { delegateToken, helperImage, image, setting } from './kind-account.ts'
import { connector, secret } from './kind-reference.ts'

export type { Found, Kind, Place } from './kind-part.ts'

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

/** The YAML document says everything itself. */
const freeze: Kind = {
  kind: 'freeze',
  levels: everywhere,
  list: async (client, place) => {
    const rows = await allOfPlatform((page) => client.listFreezes({ query: { ...page, ...queryOf(place) }, body: {} }))
    return rows.map(({ identifier, yaml }) => ({ identifier, spec: { yaml } }))
  },
  create: (client, document) => client.createFreeze({ query: scopeOf(document), raw: rawOf(document) }),
  update: (client, document) =>
    client.updateFreeze({ params: { freeze: document.identifier }, query: scopeOf(document), raw: rawOf(document) }),
}

/** In the order in which they are made: what is referred to comes first. */
export const kinds: readonly Kind[] = [
  organization,
  project,
  connector,
  secret,
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
  freeze,
  setting,
  image,
  helperImage,
  delegateToken,
]
