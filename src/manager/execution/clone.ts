// What a delegate needs to clone a repository: address and credentials of its connector, and the state that is asked for.
import type { CloneWork } from '#contract/delegate/git-source'
import { Fault } from '#contract/fault'
import type { CloneStep } from '#pipeline/document'
import { pathInGroup } from '#contract/group-folder'
import type { StoreTransaction } from '../store/port.ts'
import { readGitConnector, type RepositoryAccess } from './connector.ts'
import { repositoryUrl } from './target.ts'

/** Raises `not-found`, `invalid-input` or `not-offered` about the connector and what is asked of it. */
export async function resolveClone(
  tx: StoreTransaction,
  projectId: string,
  node: string,
  step: CloneStep,
): Promise<{ readonly work: CloneWork; readonly selectors: readonly string[] }> {
  const connector = await readGitConnector(tx, projectId, step.connectorRef)
  const url = repositoryUrl(connector, step.repoName, `The step ${node}`, 'repoName')
  const { fetchTags, sparse } = step
  const directory = checked(step.directory ?? nameOf(url))
  const reference = referenceOf(step.build, connector.type)
  return {
    work: {
      type: 'GitClone',
      url,
      reference,
      directory,
      depth: Number(step.depth),
      fetchTags,
      sparse: [...sparse],
      ...(step.submodules ? { submodules: step.submodules } : {}),
      ...(step.lfs ? { lfs: step.lfs } : {}),
      ...connector.credentials,
    },
    selectors: connector.selectors,
  }
}

const nameOf = (url: string): string =>
  url
    .replace(/[?#].*$/, '')
    .replace(/\/+$/, '')
    .replace(/^.*[/:]/, '')
    .replace(/\.git$/, '') || 'repository'

/** What an expression gave is looked at as what is written is. */
function checked(directory: string): string {
  const path = pathInGroup(directory)
  if (path !== undefined && path.length <= 512) return path
  throw new Fault('invalid-input', `The folder ${directory.slice(0, 128)} is none of the step group.`, {
    hint: 'Write cloneDirectory as a path without a slash at its beginning.',
  })
}

const pullRequests: Readonly<Partial<Record<RepositoryAccess['type'], (number: string) => string>>> = {
  Github: (number) => `refs/pull/${number}/head`,
  Gitlab: (number) => `refs/merge-requests/${number}/head`,
  AzureRepo: (number) => `refs/pull/${number}/merge`,
  Bitbucket: (number) => `refs/pull-requests/${number}/from`,
}

function referenceOf(build: CloneStep['build'], type: RepositoryAccess['type']): CloneWork['reference'] {
  if (!build) return { default: true }
  const { kind, value } = build
  if (value === '' || value.length > 256) throw new Fault('invalid-input', `The ${kind} to clone has no name.`)
  if (kind === 'branch') return { branch: value }
  if (kind === 'tag') return { tag: value }
  if (kind === 'commitSha') return { commit: value }
  const name = pullRequests[type]
  if (!name)
    throw new Fault('not-offered', `A connector of type ${type} does not say where pull requests are.`, {
      hint: 'Use a connector of the host, or clone the branch.',
    })
  if (!/^[1-9]\d{0,9}$/.test(value))
    throw new Fault('invalid-input', `${value.slice(0, 64)} is no number of a pull request.`)
  return { ref: name(value) }
}
