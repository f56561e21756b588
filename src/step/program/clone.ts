// GitClone: a repository into the folder of the step group, with its history as deep as it was asked for and without the credentials.
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { CloneWork } from '#contract/delegate/git-source'
import { parseGitAddress } from '../source/address.ts'
import { explainGit } from '../source/explain.ts'
import { credentialsFor, describe, fetched, fetchReference } from '../source/git.ts'
import { createGit, type GitCommand, GitFailure } from '../source/git-command.ts'
import { ownFolder, refuseLeaving } from '../own-folder.ts'
import type { WorkResult } from '../work/context.ts'
import { type Credentials, credentialChoices, withFirstAccepted } from '../work/credential.ts'
import type { ProgramContext } from './perform.ts'
import { fetchLargeFiles, fetchSubmodules } from './submodule.ts'

/**
 * It is put together aside and moved when it is whole: a step that is lost leaves no half of it, and may simply be run again. Faults:
 * those of fetching a changelog, `forbidden` where a link leads out of the folder, and the reason of `signal`.
 */
export async function cloneRepository(context: ProgramContext<CloneWork>): Promise<WorkResult> {
  const { work, document, line, begin } = context
  const workspace = await ownFolder(document)
  await begin()
  // Beside where it goes: in a pod everything else is on another disk.
  const aside = await mkdtemp(join(workspace, '.clone-'))
  const folder = join(aside, 'repository')
  const clone = (credentials: Credentials) => cloneWith(context, folder, credentials)
  try {
    const output = await withFirstAccepted(credentialChoices(document, work), clone, line)
    await moveInto(folder, workspace, work.directory)
    line(`Checked out commit ${output.commitSha} in ${work.directory === '' ? 'the folder itself' : work.directory}`)
    return { output }
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
}

async function cloneWith(
  { work, document, environment, line, channel, signal }: ProgramContext<CloneWork>,
  folder: string,
  credentials: Credentials,
) {
  const { reference, depth, fetchTags, sparse } = work
  const address = parseGitAddress(work.url)
  await rm(folder, { recursive: true, force: true })
  const git = createGit({
    folder: document.folder,
    credentials: credentialsFor(address, credentials),
    environment,
    // What a repository says of others is no reason to read the disk of the delegate.
    protocols: address.transport === 'file' ? 'file' : 'https:http:ssh',
    onMessage: (chunk) => channel.write(chunk),
  })
  const inside: GitCommand = (args, stop) => git(['-C', folder, ...args], stop)
  line(`Cloning ${describe(reference)} of ${address.url}`)
  try {
    await git(['init', '--quiet', '--template=', folder], signal)
    await inside(['remote', 'add', 'origin', address.url], signal)
    await fetchReference(inside, { reference, url: address.url, depth, fetchTags }, signal)
    if (sparse.length > 0) await inside(['sparse-checkout', 'set', ...sparse], signal)
    const branch = await branchOf(inside, reference, address.url, signal)
    if (branch !== undefined) await inside(['update-ref', `refs/remotes/origin/${branch}`, fetched], signal)
    if ('tag' in reference) await inside(['update-ref', `refs/tags/${reference.tag}`, fetched], signal)
    const to = branch === undefined ? ['--detach', fetched] : ['-B', branch, '--no-track', fetched]
    await inside(['checkout', '--quiet', '--force', ...to], signal)
    await inside(['update-ref', '-d', fetched], signal)
    if (work.submodules !== undefined)
      await fetchSubmodules(git, folder, { address, depth, recursive: work.submodules === 'recursive' }, signal)
    if (work.lfs) await fetchLargeFiles(git, folder, address, signal)
    const commitSha = (await inside(['rev-parse', 'HEAD'], signal)).trim()
    const { directory } = work
    return { commitSha, directory, ...(branch === undefined ? {} : { branch }) }
  } catch (error) {
    throw error instanceof GitFailure ? explainGit(error.output, address.url) : error
  }
}

/** The branch that people find themselves on. */
async function branchOf(
  git: GitCommand,
  reference: CloneWork['reference'],
  url: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  if ('branch' in reference) return reference.branch
  if (!('default' in reference)) return undefined
  const told = await git(['ls-remote', '--symref', '--end-of-options', url, 'HEAD'], signal)
  return /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(told)?.[1]
}

/** What an earlier clone, or an earlier try of this one, left there is replaced. */
async function moveInto(folder: string, workspace: string, directory: string): Promise<void> {
  const moves =
    directory === ''
      ? (await readdir(folder)).map((name) => [join(folder, name), join(workspace, name)] as const)
      : [[folder, join(workspace, directory)] as const]
  for (const [from, to] of moves) {
    await refuseLeaving(workspace, dirname(to))
    await mkdir(dirname(to), { recursive: true, mode: 0o700 })
    await rm(to, { recursive: true, force: true, maxRetries: 3 })
    await rename(from, to)
  }
}
