// The API of a Git host, as far as triggers need it: changed files, a pull request, the status of a commit, one comment.
import { readAtMost } from '#contract/body'
import type { Fetch } from '#contract/client'
import { gitTypes } from '#contract/api/connector-type'
import { Fault } from '#contract/fault'
import type { GitProvider } from '#pipeline/trigger/document'
import type { WebhookEvent } from '#pipeline/trigger/event'
import { findConnector, seenFromProject } from '../entity/reference.ts'
import { readGitConnector } from '../execution/connector.ts'
import type { RootKeys } from '../secret/envelope.ts'
import type { Executor } from '../store/port.ts'
import { azureHost } from './host-azure.ts'
import { bitbucketHost } from './host-bitbucket.ts'
import { githubHost } from './host-github.ts'
import { gitlabHost } from './host-gitlab.ts'
import { readOwnSecret } from './secret.ts'

export type CommitState = 'running' | 'good' | 'bad' | 'stopped'
export interface CommitStatus {
  readonly commit: string
  /** What tells this status from others of the commit. */
  readonly name: string
  readonly state: CommitState
  readonly description: string
  /** Where people read more. */
  readonly url: string | undefined
}
export interface GitHost {
  changedFiles(event: WebhookEvent): Promise<readonly string[]>
  /** What a comment does not tell of its pull request. */
  pullRequest(number: number): Promise<Partial<WebhookEvent>>
  setStatus(status: CommitStatus): Promise<void>
  /** Characters that a comment may have. */
  readonly longestComment: number
  /** A line that people do not see and that tells our comment from others. */
  marker(name: string): string
  /** Replaces the comment `known`, or the one that has the marker, or writes a new one. Gives what it is known by. */
  comment(pullRequest: number, text: string, marker: string, known: string | undefined): Promise<string>
}

/** One call. Paths begin with `/` and stand below the repository unless they begin with `//`, which is below the API itself. */
export type Call = (method: string, path: string, body?: unknown) => Promise<unknown>
export interface HostPlace {
  readonly call: Call
  /** Parts of the path of the repository, not encoded. */
  readonly path: readonly string[]
}

const seconds = 10
const MOST_BYTES = 8_388_608

/** An answer that is no success. */
export class HostRefusal extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

interface Access {
  readonly url: URL
  readonly username: string | undefined
  readonly token: string
}

/** Raises `secret-unresolved`, `not-found` or `invalid-input` when connector or token cannot be used. */
export async function openHost(
  { db, keys, fetch }: { readonly db: Executor; readonly keys: RootKeys; readonly fetch: Fetch },
  projectId: string,
  source: { readonly provider: GitProvider; readonly connectorRef: string },
  event: Pick<WebhookEvent, 'repository'>,
): Promise<GitHost> {
  const access = await readAccess(db, keys, projectId, source.connectorRef)
  const path = pathOf(event.repository)
  const { base, headers, repository } = addressOf(source.provider, access, path)
  const call: Call = async (method, below, body) => {
    const url = below.startsWith('//') ? `${base}${below.slice(1)}` : `${base}${repository}${below}`
    const response = await fetch(url, {
      method,
      // A token goes to the host of the connector and nowhere else.
      redirect: 'manual',
      headers: {
        accept: 'application/json',
        'user-agent': 'sluice',
        ...headers,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(seconds * 1000),
    })
    const text = await readLimited(response)
    if (!response.ok)
      throw new HostRefusal(response.status, `${url.split('?')[0]} answered ${response.status}${reasonIn(text)}`)
    return text === '' ? null : (JSON.parse(text) as unknown)
  }
  const make = { Github: githubHost, Gitlab: gitlabHost, Bitbucket: bitbucketHost, AzureRepo: azureHost }
  return make[source.provider]({ call, path })
}

async function readAccess(db: Executor, keys: RootKeys, projectId: string, reference: string): Promise<Access> {
  const connector = await findConnector(db, projectId, reference)
  const { url, credentials } = await readGitConnector(db, projectId, reference)
  const { spec } =
    (connector?.spec as { readonly apiAccess?: { readonly spec?: { readonly tokenRef?: unknown } } } | undefined)
      ?.apiAccess ?? {}
  const own =
    typeof spec?.tokenRef === 'string' ? seenFromProject(connector?.owner ?? 'project', spec.tokenRef) : undefined
  const tokenRef = own ?? credentials.passwordRef?.split(',')[0]
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol) || tokenRef === undefined)
    throw new Fault(
      'invalid-input',
      `The connector ${reference} has no HTTP address with a token for the API of its host.`,
      {
        hint: `Use a connector of type ${gitTypes.join(', ')} with a token.`,
      },
    )
  const token = await readOwnSecret(db, keys, projectId, tokenRef)
  return { url: new URL(url), username: credentials.username, token }
}

function pathOf(repository: string | undefined): readonly string[] {
  const path = URL.canParse(repository ?? '') ? new URL(repository ?? '').pathname : ''
  const parts = path
    .replace(/\.git$/, '')
    .split('/')
    .filter((part) => part !== '')
    .map((part) => decodeURIComponent(part))
  if (parts.length < 2 || parts.some((part) => part === '.' || part === '..' || /[/\\\0]/.test(part)))
    throw new Fault('invalid-input', `${repository ?? 'Nothing'} is no address of a repository.`)
  return parts
}

const encoded = (parts: readonly string[]): string => parts.map((part) => encodeURIComponent(part)).join('/')
const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

/** Always below the host that the connector names; the delivery only says which repository. */
function addressOf(
  provider: GitProvider,
  { url, username, token }: Access,
  path: readonly string[],
): { readonly base: string; readonly repository: string; readonly headers: Readonly<Record<string, string>> } {
  const { origin, hostname } = url
  switch (provider) {
    case 'Github':
      return {
        base: hostname === 'github.com' ? 'https://api.github.com' : `${origin}/api/v3`,
        repository: `/repos/${encoded(path)}`,
        headers: { authorization: `Bearer ${token}`, 'x-github-api-version': '2022-11-28' },
      }
    case 'Gitlab':
      return {
        base: `${origin}/api/v4`,
        repository: `/projects/${encodeURIComponent(path.join('/'))}`,
        headers: { 'private-token': token },
      }
    case 'Bitbucket':
      if (hostname !== 'bitbucket.org') throw new Fault('not-offered', 'Only the API of bitbucket.org is known.')
      return {
        base: 'https://api.bitbucket.org/2.0',
        repository: `/repositories/${encoded(path)}`,
        headers: {
          authorization:
            username === undefined || username === 'x-token-auth' ? `Bearer ${token}` : basic(username, token),
        },
      }
    case 'AzureRepo':
      break
  }
  const [git, name] = [path.indexOf('_git'), path.at(-1) ?? '']
  return {
    base: origin,
    repository: `/${encoded(path.slice(0, git === -1 ? -1 : git))}/_apis/git/repositories/${encodeURIComponent(name)}`,
    headers: { authorization: basic('', token) },
  }
}

async function readLimited(response: Response): Promise<string> {
  const { bytes, isWhole } = await readAtMost(response, MOST_BYTES)
  if (!isWhole) throw new Error('The answer of the Git host is larger than 8 MiB.')
  return new TextDecoder().decode(bytes)
}

/** The message of an error answer; never the request, which has the token. */
function reasonIn(text: string): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown }
    return typeof message === 'string' ? `: ${message.slice(0, 200)}` : ''
  } catch {
    return ''
  }
}
