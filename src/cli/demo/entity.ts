// The demo's entities, created through the public API as any client would: project shop, its connectors, schema and pipeline.
import type { ConnectorInfo } from '#contract/api/connector'
import { Fault } from '#contract/fault'
import type { ApiClient } from './session.ts'

export const scope = { org: 'default', project: 'shop' } as const
export const pipeline = 'release_shop'
export const dbSchema = 'shop'
export const instances = ['shop_dev', 'shop_staging', 'shop_prod'] as const

export interface DemoTarget {
  readonly instance: (typeof instances)[number]
  readonly url: string
  readonly username: string
}

export interface DemoInput {
  readonly targets: readonly DemoTarget[]
  readonly password: string
  readonly repositoryUrl: string
  readonly pipelineYaml: string
}

/** Creates what is missing; a second start finds everything there and changes nothing. */
export async function ensureEntities(client: ApiClient, input: DemoInput): Promise<void> {
  await unlessThere(client.createOrganization({ body: { organization: { identifier: scope.org, name: 'Default' } } }))
  await unlessThere(
    client.createProject({
      params: { org: scope.org },
      body: { project: { identifier: scope.project, name: 'Shop', description: 'A web shop whose database is released by Sluice' } },
    }),
  )
  await unlessThere(
    client.createSecret({
      params: scope,
      body: { secret: { type: 'SecretText', identifier: 'shop_db_password', name: 'Password of the shop databases', spec: { value: input.password } } },
    }),
  )
  const git: ConnectorInfo = {
    type: 'Git',
    identifier: 'shop_repository',
    name: 'Shop repository',
    spec: { url: input.repositoryUrl, type: 'Http', connectionType: 'Repo' },
  }
  await unlessThere(client.createConnector({ params: scope, body: { connector: git } }))
  await unlessThere(
    client.createDbSchema({
      params: scope,
      body: { identifier: dbSchema, name: 'Shop', changelog: { connector: 'shop_repository', location: 'changelog.yaml' } },
    }),
  )
  for (const target of input.targets) await ensureInstance(client, target)
  await unlessThere(
    client.createPipeline({ params: scope, body: { identifier: pipeline, name: 'Release shop', pipeline_yaml: input.pipelineYaml } }),
  )
}

async function ensureInstance(client: ApiClient, target: DemoTarget): Promise<void> {
  const stage = target.instance.replace('shop_', '')
  const connector: ConnectorInfo = {
    type: 'JDBC',
    identifier: target.instance,
    name: `Shop ${stage}`,
    spec: { url: target.url, auth: { type: 'UsernamePassword', spec: { username: target.username, passwordRef: 'shop_db_password' } } },
  }
  await unlessThere(client.createConnector({ params: scope, body: { connector } }))
  await unlessThere(
    client.createDbInstance({
      params: { ...scope, dbschema: dbSchema },
      body: { identifier: target.instance, name: `Shop ${stage}`, connector: target.instance, branch: 'main', context: stage, tags: { stage } },
    }),
  )
}

async function unlessThere(creation: Promise<unknown>): Promise<void> {
  try {
    await creation
  } catch (error) {
    if (!(error instanceof Fault && error.code === 'already-exists')) throw error
  }
}
