// Brings the changelog of a Git repository into a private folder: one commit, no history, no hooks, no submodules.
import { lstat, mkdir, readlink, realpath, rm } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import type { CloneWork, GitSource } from '#contract/delegate/git-source'
import { Fault } from '#contract/fault'
import { type GitAddress, parseGitAddress } from './address.ts'
import { explainGit } from './explain.ts'
import { createGit, type GitCommand, type GitCredentials, GitFailure } from './git-command.ts'

export interface Credentials {
  /** Of temporary keys of S3; Git has none. */
  readonly sessionToken?: string | undefined
  readonly username: string | undefined
  readonly password: string | undefined
}
export interface FetchOptions {
  readonly source: GitSource
  readonly credentials: Credentials
  /** Private folder; replaced when it exists. The caller removes it. */
  readonly folder: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly line: (text: string) => void
}
export interface FetchedSource {
  /** Folder with the files of the commit. */
  readonly root: string
  /** Full object name. */
  readonly commit: string
}

/** Where what was asked for is found. */
export const fetched = 'refs/sluice/source'

/** A state of a repository; `ref` is a whole name. */
type Reference = CloneWork['reference']

export function credentialsFor(
  address: GitAddress,
  given: Pick<Credentials, 'username' | 'password'>,
): GitCredentials | undefined {
  const username = given.username ?? address.username
  const password = given.password ?? address.password
  if (!address.origin || (username === undefined && password === undefined)) return undefined
  // Hosts take a token as password with any user name.
  const credentials = { origin: address.origin, username: username ?? 'git', password: password ?? '' }
  if (/[\n\0]/.test(credentials.username + credentials.password))
    throw new Fault('source-authentication', 'The user name or password for the repository has more than one line.', {
      hint: 'Store it without a line feed.',
    })
  return credentials
}

export function describe(reference: Reference): string {
  if ('default' in reference) return 'the default branch'
  if ('ref' in reference) return reference.ref
  if ('branch' in reference) return `branch ${reference.branch}`
  return 'tag' in reference ? `tag ${reference.tag}` : `commit ${reference.commit}`
}

/** A name as git would accept it (git-check-ref-format), so that it can hold no refspec. */
function checkReference(name: string): void {
  // oxlint-disable-next-line no-control-regex
  const bad = /[\0-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|^[-/.]|[/.]$|\.lock$/
  if (bad.test(name))
    throw new Fault('source-reference-not-found', `${JSON.stringify(name)} is no name of a Git reference.`)
}

function refspec(reference: Reference): string {
  if ('default' in reference) return `+HEAD:${fetched}`
  if ('ref' in reference) return `+${reference.ref}:${fetched}`
  if ('commit' in reference) return `+${reference.commit}:${fetched}`
  const name = 'branch' in reference ? `heads/${reference.branch}` : `tags/${reference.tag}`
  checkReference(name)
  return `+refs/${name}:${fetched}`
}

/**
 * Faults: `source-unreachable`, `source-authentication`, `source-reference-not-found`, `git-missing`, `changelog-invalid` for a
 * symbolic link that leaves the repository, and the reason of `signal`.
 */
export async function fetchGit(options: FetchOptions, signal: AbortSignal): Promise<FetchedSource> {
  const { source, folder } = options
  const address = parseGitAddress(source.url)
  const gitDir = join(folder, 'git')
  const root = join(folder, 'tree')
  await rm(folder, { recursive: true, force: true })
  await mkdir(root, { recursive: true, mode: 0o700 })
  const git = createGit({
    folder,
    credentials: credentialsFor(address, options.credentials),
    environment: options.environment,
    onMessage: () => {},
  })
  const inFolder: GitCommand = (args, stop) => git([`--git-dir=${gitDir}`, `--work-tree=${root}`, ...args], stop)
  options.line(`Fetching ${describe(source.reference)} of ${address.url}`)
  try {
    await git(['init', '--quiet', '--bare', '--template=', gitDir], signal)
    await fetchReference(
      inFolder,
      { reference: source.reference, url: address.url, depth: 1, fetchTags: false },
      signal,
    )
    await inFolder(['checkout', '--quiet', '--force', '--detach', fetched], signal)
    const commit = (await inFolder(['rev-parse', `${fetched}^{commit}`], signal)).trim()
    await refuseEscapes(inFolder, root, signal)
    options.line(`Checked out commit ${commit}`)
    return { root, commit }
  } catch (error) {
    throw error instanceof GitFailure ? explainGit(error.output, address.url) : error
  }
}

/** `depth`: commits; 0 is all of them. */
export async function fetchReference(
  git: GitCommand,
  { reference, url, depth, fetchTags }: Pick<CloneWork, 'reference' | 'url' | 'depth' | 'fetchTags'>,
  signal: AbortSignal,
): Promise<void> {
  const limit = depth === 0 ? [] : [`--depth=${depth}`]
  const tags = fetchTags ? '--tags' : '--no-tags'
  const fetch = ['fetch', '--quiet', tags, '--no-recurse-submodules', '--no-write-fetch-head', '--no-auto-gc']
  const whole = 'commit' in reference && !/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(reference.commit)
  try {
    if (!whole) return void (await git([...fetch, ...limit, '--end-of-options', url, refspec(reference)], signal))
  } catch (error) {
    if (!(error instanceof GitFailure) || !isMissing(error.output)) throw error
    if (!('commit' in reference)) throw notFound(reference, url)
    // Some hosts give only what a branch or tag points at: look for it in all of the history.
  }
  if (!('commit' in reference)) return
  if (!/^[0-9a-f]{4,64}$/i.test(reference.commit)) throw notFound(reference, url)
  await git([...fetch, '--end-of-options', url, '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'], signal)
  try {
    const name = await git(['rev-parse', '--verify', '--quiet', `${reference.commit}^{commit}`], signal)
    await git(['update-ref', fetched, name.trim()], signal)
  } catch (error) {
    throw error instanceof GitFailure ? notFound(reference, url) : error
  }
}

const isMissing = (output: string): boolean =>
  /couldn't find remote ref|not our ref|unadvertised object|no such remote ref/i.test(output)

const notFound = (reference: Reference, url: string): Fault =>
  new Fault('source-reference-not-found', `There is no ${describe(reference)} in ${url}.`)

/** A symbolic link that leads out of the repository could show files of the delegate's machine. */
async function refuseEscapes(git: GitCommand, root: string, signal: AbortSignal): Promise<void> {
  const entries = (await git(['ls-files', '--stage', '-z'], signal)).split('\0')
  const links = entries
    .filter((entry) => entry.startsWith('120000 '))
    .map((entry) => entry.slice(entry.indexOf('\t') + 1))
  const base = await realpath(root)
  for (const link of links) {
    const target = await finalTarget(join(base, link))
    if (target !== base && !target.startsWith(base + sep)) {
      throw new Fault('changelog-invalid', `The symbolic link ${link} leads out of the repository.`, {
        hint: 'Replace the link by the file that it stands for.',
      })
    }
  }
}

/** Where a link leads; for a dangling one, where it would. */
async function finalTarget(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch {
    const status = await lstat(path)
    return status.isSymbolicLink() ? resolve(dirname(path), await readlink(path)) : path
  }
}
