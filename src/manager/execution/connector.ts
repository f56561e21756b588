// What a step needs to know of a connector of any scope: address and credentials, these as references that a project understands.
import { type ConnectorInfo, connectorInfoSchema } from '#contract/api/connector'
import { gitTypes } from '#contract/api/connector-type'
import type { ConnectionSpec, S3Spec } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import { findConnector, seenFromProject, seenFromProjectAll } from '../entity/reference.ts'
import type { Executor } from '../store/port.ts'

interface Credentials {
  readonly username?: string | undefined
  readonly usernameRef?: string | undefined
  readonly passwordRef?: string | undefined
}
type PresentCredentials = { -readonly [Key in keyof Credentials]?: string }

export interface RepositoryAccess {
  readonly type: (typeof gitTypes)[number]
  readonly url: string
  /** The address is of one repository, not of a whole account or project. */
  readonly isRepository: boolean
  readonly credentials: PresentCredentials
  readonly selectors: readonly string[]
}

/** Address of the repository: that of the connector, or `repo` in its account; undefined when it needs that and there is none. */
export function repositoryAt(
  { url, isRepository }: Pick<RepositoryAccess, 'url' | 'isRepository'>,
  repo: string | undefined,
): string | undefined {
  if (isRepository) return url
  return repo ? `${url.replace(/\/+$/, '')}/${repo.replace(/^\/+/, '')}` : undefined
}

type ConnectorOf<Type extends ConnectorInfo['type']> = Extract<ConnectorInfo, { readonly type: Type }>
type Owned<Type extends ConnectorInfo['type']> = ConnectorOf<Type> & {
  readonly owner: 'account' | 'organization' | 'project'
}

async function read<Type extends ConnectorInfo['type']>(
  db: Executor,
  projectId: string,
  reference: string,
  types: readonly Type[],
): Promise<Owned<Type>> {
  const row = await findConnector(db, projectId, reference)
  if (!row) throw new Fault('not-found', `There is no connector ${reference}.`)
  if (!types.some((type) => type === row.type)) {
    const message = `The connector ${reference} is of type ${row.type}, wanted is ${types.join(', ')}.`
    throw new Fault('invalid-input', message, { hint: 'Name another connector.' })
  }
  const { owner, ...info } = row
  return { ...(connectorInfoSchema.parse(info) as ConnectorOf<Type>), owner }
}

/** Only what is there: a spec is stored and sent as JSON. */
function present(
  owner: Owned<'JDBC'>['owner'],
  { username, usernameRef, passwordRef }: Credentials,
): PresentCredentials {
  return {
    ...(username === undefined ? {} : { username }),
    ...(usernameRef === undefined ? {} : { usernameRef: seenFromProjectAll(owner, usernameRef) }),
    ...(passwordRef === undefined ? {} : { passwordRef: seenFromProjectAll(owner, passwordRef) }),
  }
}

const notOffered = (reference: string, what: string, hint: string): Fault =>
  new Fault('not-offered', `The connector ${reference} ${what}, which steps cannot use yet.`, { hint })

/** Raises `not-found`, `invalid-input` for another type, `not-offered` for a way to sign in that the engine does not know. */
export async function readDatabaseConnector(
  db: Executor,
  projectId: string,
  reference: string,
): Promise<{ readonly connection: ConnectionSpec; readonly selectors: readonly string[] }> {
  const { owner, spec } = await read(db, projectId, reference, ['JDBC'])
  const { url, auth, delegateSelectors = [] } = spec
  if (auth.type === 'UsernamePassword')
    return { connection: { url, ...present(owner, auth.spec) }, selectors: delegateSelectors }
  if (auth.type !== 'InheritFromDelegate')
    throw notOffered(reference, `signs in by ${auth.type}`, 'Use UsernamePassword or InheritFromDelegate.')
  const { username, usernameRef } = auth.spec ?? {}
  return { connection: { url, ...present(owner, { username, usernameRef }) }, selectors: delegateSelectors }
}

/** The same for a connector to a Git repository or host. */
export async function readGitConnector(db: Executor, projectId: string, reference: string): Promise<RepositoryAccess> {
  const connector = await read(db, projectId, reference, gitTypes)
  const { url } = connector.spec
  const access = (isRepository: boolean, credentials: Credentials): RepositoryAccess => ({
    type: connector.type,
    url,
    isRepository,
    credentials: present(connector.owner, credentials),
    selectors: connector.spec.delegateSelectors ?? [],
  })
  const byKey = (): Fault =>
    notOffered(
      reference,
      'signs in with an SSH key',
      'Use HTTP with a token, or an address with SSH keys of the machine.',
    )
  if (connector.type === 'Git') {
    const { spec, connectionType } = connector.spec
    if (spec && 'sshKeyRef' in spec) throw byKey()
    return access(connectionType === 'Repo', spec ?? {})
  }
  const { type, authentication } = connector.spec
  const isRepository = type === 'Repo'
  if (authentication.type === 'Ssh') throw byKey()
  const { spec: way } = authentication
  if (way.type === 'Anonymous') return access(isRepository, {})
  if (way.type === 'UsernamePassword') return access(isRepository, way.spec)
  if (way.type === 'UsernameToken') return access(isRepository, { ...way.spec, passwordRef: way.spec.tokenRef })
  // Git hosts take an OAuth token as the password of this user.
  if (way.type === 'OAuth') return access(isRepository, { username: 'oauth2', passwordRef: way.spec.tokenRef })
  throw notOffered(reference, 'signs in as a GitHub app', 'Use a token.')
}

/** Which delegates may use a connector, whatever its type. */
export const selectorsOf = (spec: unknown): readonly string[] => {
  const { delegateSelectors } = spec as { readonly delegateSelectors?: readonly string[] }
  return delegateSelectors ?? []
}

export interface ArchiveAccess {
  readonly type: 'Artifactory' | 'DockerRegistry'
  readonly url: string
  readonly credentials: PresentCredentials
  /** Of a bucket. */
  readonly s3?: S3Spec
  readonly selectors: readonly string[]
}

/** A server with archives: Artifactory or any other that serves files by HTTP, or a registry of artifacts. */
export async function readArchiveConnector(db: Executor, projectId: string, reference: string): Promise<ArchiveAccess> {
  const connector = await read(db, projectId, reference, ['Artifactory', 'DockerRegistry'])
  const { type, owner } = connector
  const { auth, delegateSelectors = [] } = connector.spec
  const url = type === 'Artifactory' ? connector.spec.artifactoryServerUrl : connector.spec.dockerRegistryUrl
  const credentials = auth.type === 'UsernamePassword' ? present(owner, auth.spec) : {}
  const access = { type, url, credentials, selectors: delegateSelectors }
  const s3 = type === 'Artifactory' ? connector.spec.s3 : undefined
  if (!s3) return access
  const { region, sessionTokenRef: token } = s3
  return {
    ...access,
    s3: { region, ...(token === undefined ? {} : { sessionTokenRef: seenFromProject(owner, token) }) },
  }
}
