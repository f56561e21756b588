// Creates the entities of one database project through the public API, as any client would. Used by `demo` and `connect`.
import type { ConnectorInfo } from '#contract/api/connector'
import { Fault } from '#contract/fault'
import type { ApiClient } from './session.ts'

export interface Scope {
  readonly org: string
  readonly project: string
}

export interface InstanceSetup {
  readonly identifier: string
  readonly name: string
  /** JDBC-style, without password. */
  readonly url: string
  readonly username: string
  /** Secret that holds the password. */
  readonly passwordRef: string
  readonly context: string
  readonly tags: Readonly<Record<string, string>>
}

export interface Setup {
  readonly scope: Scope
  readonly projectName: string
  readonly secrets: Readonly<Record<string, string>>
  readonly repository: {
    readonly identifier: string
    readonly url: string
    readonly username: string | undefined
    readonly passwordRef: string | undefined
  }
  readonly schema: {
    readonly identifier: string
    readonly name: string
    readonly location: string
    readonly branch: string
  }
  readonly instances: readonly InstanceSetup[]
  readonly pipeline: { readonly identifier: string; readonly name: string; readonly yaml: string }
}

/** Creates what is missing and leaves what is there as it is; answers what it created, in words. */
export async function ensureEntities(client: ApiClient, setup: Setup): Promise<string[]> {
  const created: string[] = []
  const ensure = async (what: string, creation: Promise<unknown>): Promise<void> => {
    try {
      await creation
      created.push(what)
    } catch (error) {
      if (!(error instanceof Fault && error.code === 'already-exists')) throw error
    }
  }
  const { scope, schema } = setup
  await ensure(
    `organization ${scope.org}`,
    client.createOrganization({ body: { organization: { identifier: scope.org, name: scope.org } } }),
  )
  await ensure(
    `project ${scope.project}`,
    client.createProject({
      params: { org: scope.org },
      body: { project: { identifier: scope.project, name: setup.projectName } },
    }),
  )
  for (const [identifier, value] of Object.entries(setup.secrets)) {
    const secret = { type: 'SecretText' as const, identifier, name: identifier, spec: { value } }
    await ensure(`secret ${identifier}`, client.createSecret({ params: scope, body: { secret } }))
  }
  await ensure(
    `connector ${setup.repository.identifier}`,
    client.createConnector({ params: scope, body: { connector: gitConnector(setup) } }),
  )
  await ensure(
    `DB schema ${schema.identifier}`,
    client.createDbSchema({
      params: scope,
      body: {
        identifier: schema.identifier,
        name: schema.name,
        changelog: { connector: setup.repository.identifier, location: schema.location },
      },
    }),
  )
  for (const instance of setup.instances) {
    await ensure(
      `connector ${instance.identifier}`,
      client.createConnector({ params: scope, body: { connector: jdbcConnector(instance) } }),
    )
    const body = {
      identifier: instance.identifier,
      name: instance.name,
      connector: instance.identifier,
      branch: schema.branch,
      context: instance.context,
      tags: instance.tags,
    }
    await ensure(
      `DB instance ${instance.identifier}`,
      client.createDbInstance({ params: { ...scope, dbschema: schema.identifier }, body }),
    )
  }
  const { identifier, name, yaml } = setup.pipeline
  await ensure(
    `pipeline ${identifier}`,
    client.createPipeline({ params: scope, body: { identifier, name, pipeline_yaml: yaml } }),
  )
  return created
}

export function gitConnector({ repository }: Setup): ConnectorInfo {
  const { identifier, url, username, passwordRef } = repository
  return {
    type: 'Git',
    identifier,
    name: identifier,
    spec: {
      url,
      type: url.startsWith('ssh:') ? 'Ssh' : 'Http',
      connectionType: 'Repo',
      ...(passwordRef ? { spec: { ...(username ? { username } : {}), passwordRef } } : {}),
    },
  }
}

export function jdbcConnector(instance: InstanceSetup): ConnectorInfo {
  const { identifier, name, url, username, passwordRef } = instance
  return {
    type: 'JDBC',
    identifier,
    name,
    spec: { url, auth: { type: 'UsernamePassword', spec: { username, passwordRef } } },
  }
}
