// The resources of the compatible Terraform provider, each with the requests of its life and what the provider reads of the answers.
import { expect } from 'vitest'
import type { Life } from './wire-part.ts'

const A = 'accountIdentifier=acct'
const O = `${A}&orgIdentifier=tf`
const S = `${O}&projectIdentifier=shop`
export const P = '/v1/orgs/tf/projects/shop'
const scope = { orgIdentifier: 'tf', projectIdentifier: 'shop' }
const ofPlatform = { gone: { code: 'RESOURCE_NOT_FOUND_EXCEPTION', status: 'ERROR' } }
const plain = { gone: { message: expect.any(String) } }

const organization = (name: string) => ({
  organization: { identifier: 'tf', name, description: 'd', tags: { foo: 'bar' } },
})
const project = (name: string) => ({
  project: { orgIdentifier: 'tf', identifier: 'shop', name, color: '#ff0000', modules: ['CD'], tags: {} },
})
const github = (name: string) => ({
  connector: {
    name,
    identifier: 'github',
    ...scope,
    tags: { foo: 'bar' },
    type: 'Github',
    spec: {
      url: 'https://github.com/acme',
      validationRepo: 'some_repo',
      authentication: { type: 'Http', spec: { type: 'Anonymous', spec: null } },
      delegateSelectors: ['delegate1'],
      executeOnDelegate: true,
      type: 'Account',
    },
  },
})
const jdbc = (name: string) => ({
  connector: {
    name,
    identifier: 'db',
    ...scope,
    type: 'JDBC',
    spec: {
      url: 'jdbc:postgresql://nowhere.invalid:5432/shop',
      auth: { type: 'UsernamePassword', spec: { username: 'u', passwordRef: 'pw' } },
      delegateSelectors: [],
      executeOnDelegate: true,
    },
  },
})
const secret = (name: string) => ({
  secret: {
    type: 'SecretText',
    name,
    identifier: 'pw',
    ...scope,
    spec: { type: 'SecretTextSpec', secretManagerIdentifier: 'harnessSecretManager', valueType: 'Inline', value: 'v' },
  },
})
const schema = (identifier: string, name: string, more: object) => ({ identifier, name, ...more })
/** Where each variant of a schema differs: sent at first, sent later, and read after each. */
const schemaLife = (identifier: string, sent: object, shown: object): Life => ({
  create: ['POST', `${P}/dbschema`, schema(identifier, 'One', { tags: { foo: 'bar' }, service: 's1', ...sent })],
  created: 201,
  read: `${P}/dbschema/${identifier}`,
  // Values that were cleared in the configuration are expressed by the absence of their keys.
  update: ['PUT', `${P}/dbschema/${identifier}`, schema(identifier, 'Two', sent)],
  remove: `${P}/dbschema/${identifier}`,
  removed: 204,
  of: ({ tags = {}, service = '', ...body }) => ({ tags, service, ...body }),
  first: { identifier, name: 'One', tags: { foo: 'bar' }, service: 's1', ...shown },
  second: { identifier, name: 'Two', tags: {}, service: '', ...shown },
  ...plain,
})
const repository = { connector: 'missing_on_purpose', location: 'db/changelog.yaml', repo: 'r' }
const script = { image: 'plugins/x:1', command: 'echo', shell: 'sh', location: 'c.yaml' }
const liquibase = { migrationType: 'Liquibase' }
export const pipeline = (name: string) => ({
  identifier: 'p',
  name,
  tags: { foo: 'bar' },
  git_details: { store_type: 'INLINE' },
  pipeline_yaml: `pipeline:
  name: ${name}
  identifier: p
  tags: {}
  variables: [{ name: v, type: String, value: <+input> }]
  stages:
    - stage:
        name: s
        identifier: s
        type: Custom
        spec: { execution: { steps: [{ step: { type: Wait, name: w, identifier: w, spec: { duration: 10m } } }] } }
`,
})
const inputSet = (name: string) => ({
  identifier: 'set',
  name,
  input_set_yaml: `inputSet: { identifier: set, name: ${name}, pipeline: { identifier: p, variables: [{ name: v, type: String, value: x }] } }\n`,
})
const trigger = (expression: string) => `trigger:
  name: nightly
  identifier: nightly
  enabled: true
  pipelineIdentifier: p
  source: { type: Scheduled, spec: { type: Cron, spec: { expression: ${expression}, type: UNIX } } }
  inputSetRefs: [set]
`
const T = `${S}&targetIdentifier=p&ignoreError=false&withServiceV2=true`
const key = { apiKeyType: 'SERVICE_ACCOUNT', parentIdentifier: 'sa', ...scope }
const token = { ...key, apiKeyIdentifier: 'k', identifier: 't' }
const K = `${S}&apiKeyType=SERVICE_ACCOUNT&parentIdentifier=sa`

/** Of most platform services: PUT with or without the identifier in the path. */
function service(path: string, identifier: string, body: (name: string) => object, wrapped?: string, put = path): Life {
  const one = `${path}/${identifier}?${S}`
  return {
    create: ['POST', `${path}?${S}`, body('One')],
    read: one,
    update: ['PUT', `${put}?${S}`, body('Two')],
    remove: one,
    of: ({ data }) => (wrapped === undefined ? data : data[wrapped]),
    first: { identifier, name: 'One' },
    second: { identifier, name: 'Two' },
    ...ofPlatform,
  }
}

/** In the order in which the provider makes them; they are taken away in the opposite one. */
export const lives: Readonly<Record<string, Life>> = {
  organization: {
    create: ['POST', `/ng/api/organizations?${A}`, organization('One')],
    read: `/ng/api/organizations/tf?${A}`,
    update: ['PUT', `/ng/api/organizations/tf?${A}`, organization('Two')],
    remove: `/ng/api/organizations/tf?${A}`,
    of: ({ data }) => data.organization,
    first: organization('One').organization,
    second: organization('Two').organization,
    ...ofPlatform,
  },
  project: {
    create: ['POST', `/ng/api/projects?${O}`, project('One')],
    read: `/ng/api/projects/shop?${O}`,
    update: ['PUT', `/ng/api/projects/shop?${O}`, project('Two')],
    remove: `/ng/api/projects/shop?${O}`,
    of: ({ data }) => data.project,
    first: project('One').project,
    second: project('Two').project,
    ...ofPlatform,
  },
  connector_github: {
    ...service('/ng/api/connectors', 'github', github, 'connector'),
    first: github('One').connector,
    second: github('Two').connector,
  },
  secret_text: service('/ng/api/v2/secrets', 'pw', secret, 'secret', '/ng/api/v2/secrets/pw'),
  connector_jdbc: {
    ...service('/ng/api/connectors', 'db', jdbc, 'connector'),
    first: jdbc('One').connector,
    second: jdbc('Two').connector,
  },
  'db_schema of a repository': schemaLife(
    'repository',
    { type: 'Repository', ...liquibase, changelog: repository },
    { type: 'Repository', ...liquibase, usePercona: false, changelog: repository },
  ),
  'db_schema of a script': schemaLife(
    'script',
    { type: 'Script', ...liquibase, changeLogScript: script },
    { type: 'Script', ...liquibase, usePercona: false, changeLogScript: script },
  ),
  'db_schema of the built-in repository, with Percona': schemaLife(
    'built_in',
    { type: 'Repository', ...liquibase, usePercona: true, changelog: { connector: '', location: 'c.yaml', repo: 'r' } },
    { usePercona: true, changelog: { connector: '', location: 'c.yaml', repo: 'r' } },
  ),
  'db_schema of Flyway': schemaLife(
    'flyway',
    { type: 'Repository', migrationType: 'Flyway', changelog: { ...repository, location: 'sql', toml: 'flyway.toml' } },
    { migrationType: 'Flyway', changelog: { ...repository, location: 'sql', toml: 'flyway.toml' } },
  ),
  db_instance: {
    create: [
      'POST',
      `${P}/dbschema/repository/instance`,
      {
        identifier: 'dev',
        name: 'One',
        connector: 'db',
        commitSha: 'abc',
        tags: { foo: 'bar' },
        substituteProperties: { a: 'b' },
      },
    ],
    created: 201,
    read: `${P}/dbschema/repository/instance/dev`,
    update: [
      'PUT',
      `${P}/dbschema/repository/instance/dev`,
      { identifier: 'dev', name: 'Two', connector: 'db', branch: 'main', context: 'c' },
    ],
    remove: `${P}/dbschema/repository/instance/dev`,
    removed: 204,
    of: ({
      branch = '',
      commitSha = '',
      gitTag = '',
      context = '',
      tags = {},
      substituteProperties = {},
      ...body
    }) => ({
      ...body,
      branch,
      commitSha,
      gitTag,
      context,
      tags,
      substituteProperties,
    }),
    first: {
      name: 'One',
      connector: 'db',
      branch: '',
      commitSha: 'abc',
      gitTag: '',
      context: '',
      tags: { foo: 'bar' },
      substituteProperties: { a: 'b' },
    },
    second: {
      name: 'Two',
      connector: 'db',
      branch: 'main',
      commitSha: '',
      gitTag: '',
      context: 'c',
      tags: {},
      substituteProperties: {},
    },
    ...plain,
  },
  pipeline: {
    create: ['POST', `${P}/pipelines`, pipeline('One')],
    created: 201,
    read: `${P}/pipelines/p?branch_name=&template_applied=false`,
    update: ['PUT', `${P}/pipelines/p`, pipeline('Two')],
    remove: `${P}/pipelines/p`,
    removed: 204,
    of: (body) => body,
    first: {
      pipeline_yaml: pipeline('One').pipeline_yaml,
      name: 'One',
      org: 'tf',
      project: 'shop',
      tags: { foo: 'bar' },
      valid: true,
    },
    second: { pipeline_yaml: pipeline('Two').pipeline_yaml, name: 'Two' },
    ...plain,
  },
  input_set: {
    create: ['POST', `${P}/input-sets?pipeline=p`, inputSet('One')],
    created: 201,
    read: `${P}/input-sets/set?pipeline=p`,
    update: ['PUT', `${P}/input-sets/set?pipeline=p`, inputSet('Two')],
    remove: `${P}/input-sets/set?pipeline=p`,
    removed: 204,
    of: (body) => body,
    first: { ...inputSet('One'), org: 'tf', project: 'shop' },
    second: inputSet('Two'),
    ...plain,
  },
  triggers: {
    create: ['POST', `/pipeline/api/triggers?${T}`, trigger('"0 3 * * *"')],
    read: `/pipeline/api/triggers/nightly?${T}`,
    update: ['PUT', `/pipeline/api/triggers/nightly?${T}`, trigger('"0 4 * * *"')],
    remove: `/pipeline/api/triggers/nightly?${T}`,
    of: ({ data }) => data,
    first: { identifier: 'nightly', targetIdentifier: 'p', enabled: true, yaml: trigger('"0 3 * * *"') },
    second: { identifier: 'nightly', yaml: trigger('"0 4 * * *"') },
    ...ofPlatform,
  },
  delegatetoken: {
    create: ['POST', `/ng/api/delegate-token-ng?${S}&tokenName=fleet`],
    read: `/ng/api/delegate-token-ng?${S}&name=fleet`,
    update: ['PUT', `/ng/api/delegate-token-ng?${S}&tokenName=fleet`],
    remove: `/ng/api/delegate-token-ng?${S}&tokenName=fleet`,
    of: ({ resource }) => resource[0],
    first: { name: 'fleet', status: 'ACTIVE' },
    second: { name: 'fleet', status: 'REVOKED' },
    isGone: ({ body }) => body.resource.length === 0,
  },
  service_account: {
    ...service(
      '/ng/api/serviceaccount',
      'sa',
      (name) => ({ identifier: 'sa', name, email: 'sa@example.org', ...scope }),
      'serviceAccount',
      '/ng/api/serviceaccount/sa',
    ),
    read: `/ng/api/serviceaccount/aggregate/sa?${S}`,
  },
  apikey: {
    create: ['POST', `/ng/api/apikey?${A}`, { ...key, identifier: 'k', name: 'One' }],
    read: `/ng/api/apikey/aggregate/k?${K}`,
    // The client puts the account where the identifier belongs.
    update: ['PUT', '/ng/api/apikey/acct', { ...key, identifier: 'k', name: 'Two' }],
    remove: `/ng/api/apikey/k?${K}`,
    of: ({ data }) => data.apiKey,
    first: { identifier: 'k', name: 'One' },
    second: { identifier: 'k', name: 'Two' },
    ...ofPlatform,
  },
  token: {
    create: ['POST', `/ng/api/token?${A}`, { ...token, name: 'One' }],
    read: `/ng/api/token/aggregate?${K}&apiKeyIdentifier=k&identifiers=t`,
    update: ['PUT', `/ng/api/token/t?${A}`, { ...token, name: 'Two' }],
    remove: `/ng/api/token/t?${K}&apiKeyIdentifier=k`,
    of: ({ data }) => data.content[0]?.token,
    first: { identifier: 't', name: 'One', valid: true },
    second: { identifier: 't', name: 'Two' },
    isGone: ({ body }) => body.data.content.length === 0,
  },
  environment: service(
    '/ng/api/environmentsV2',
    'env',
    (name) => ({ identifier: 'env', name, type: 'Production', ...scope }),
    'environment',
  ),
  service: service('/ng/api/servicesV2', 'web', (name) => ({ identifier: 'web', name, ...scope }), 'service'),
  usergroup: service('/ng/api/user-groups', 'dba', (name) => ({
    identifier: 'dba',
    name,
    users: ['ada@example.org'],
    notificationConfigs: [],
    ...scope,
  })),
  roles: service(
    '/authz/api/roles',
    'looker',
    (name) => ({ identifier: 'looker', name, permissions: ['core_pipeline_view'], allowedScopeLevels: ['project'] }),
    'role',
    '/authz/api/roles/looker',
  ),
  resource_group: service(
    '/resourcegroup/api/v2/resourcegroup',
    'rg',
    (name) => ({
      resourceGroup: {
        identifier: 'rg',
        name,
        ...scope,
        allowedScopeLevels: ['project'],
        includedScopes: [{ filter: 'EXCLUDING_CHILD_SCOPES', ...scope }],
        resourceFilter: { includeAllResources: true },
      },
    }),
    'resourceGroup',
    '/resourcegroup/api/v2/resourcegroup/rg',
  ),
  role_assignments: {
    create: [
      'POST',
      `/authz/api/roleassignments?${S}`,
      {
        identifier: 'ra',
        roleIdentifier: 'looker',
        resourceGroupIdentifier: 'rg',
        principal: { type: 'USER_GROUP', identifier: 'dba', scopeLevel: 'project' },
      },
    ],
    read: `/authz/api/roleassignments/ra?${S}`,
    update: [
      'PUT',
      `/authz/api/roleassignments/ra?${S}`,
      {
        identifier: 'ra',
        roleIdentifier: 'looker',
        resourceGroupIdentifier: 'rg',
        disabled: true,
        principal: { type: 'USER_GROUP', identifier: 'dba', scopeLevel: 'project' },
      },
    ],
    remove: `/authz/api/roleassignments/ra?${S}`,
    of: ({ data }) => data.roleAssignment,
    first: { identifier: 'ra', roleIdentifier: 'looker', disabled: false },
    second: { identifier: 'ra', disabled: true },
    ...ofPlatform,
  },
}
