// The repositories inside of a repository, and its files of Git LFS. Where both come from is written in the repository, so it is only
// the host of the repository itself, which somebody chose.
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault } from '#contract/fault'
import { type GitAddress, parseGitAddress } from '../source/address.ts'
import { type GitCommand, GitFailure } from '../source/git-command.ts'

/** Repositories in repositories; deeper is a mistake, or a trap. */
const deepest = 5

interface Wanted {
  readonly address: GitAddress
  readonly recursive: boolean
  /** Commits; 0: all of them. */
  readonly depth: number
}

/** Each with a command of its own: they ask for the credentials anew. Raises `forbidden` for one at another host. */
export async function fetchSubmodules(
  git: GitCommand,
  folder: string,
  wanted: Wanted,
  signal: AbortSignal,
  level = 1,
): Promise<void> {
  const file = join(folder, '.gitmodules')
  if (!(await lstat(file).catch(() => undefined))?.isFile()) return
  const inside: GitCommand = (args, stop) => git(['-C', folder, ...args], stop)
  await inside(['submodule', '--quiet', 'init'], signal)
  for (const url of await valuesOf(inside, ['--local'], ofSubmodules('url'), signal))
    checkHost('A submodule is', url, wanted.address)
  const depth = wanted.depth > 0 ? ['--depth', String(wanted.depth)] : []
  for (const path of await valuesOf(inside, ['--file', file], ofSubmodules('path'), signal)) {
    await inside(['submodule', '--quiet', 'update', ...depth, '--', path], signal)
    if (!wanted.recursive) continue
    if (level === deepest)
      throw new Fault('too-large', `The submodules of ${wanted.address.url} are more than ${deepest} deep.`)
    await fetchSubmodules(git, join(folder, path), wanted, signal, level + 1)
  }
}

/** Keys of `.lfsconfig` that name a server. */
const lfsAddresses = '^(lfs\\.(push)?url|remote\\..*\\.lfs(push)?url)$'
const ofSubmodules = (field: 'url' | 'path'): string => `^submodule\\..*\\.${field}$`

async function valuesOf(
  git: GitCommand,
  where: readonly string[],
  keys: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    const told = await git(['config', ...where, '--null', '--get-regexp', keys], signal)
    return told.split('\0').flatMap((entry) => (entry === '' ? [] : [entry.slice(entry.indexOf('\n') + 1)]))
  } catch (error) {
    // There are none.
    if (error instanceof GitFailure && error.output.trim() === '') return []
    throw error
  }
}

/** Scheme, host and port; of ssh the host; of a folder of this machine only that it is one. */
function placeOf({ transport, origin, url }: GitAddress): string {
  if (transport === 'ssh') return `ssh at ${/^(?:ssh:\/\/)?(?:[^@/]*@)?([^:/]+)/.exec(url)?.[1] ?? url}`
  return origin ?? 'this machine'
}

/** What git and we read in the same way: a backslash before an `@` hides another host from us. */
const plainAddress = /^https?:\/\/[^\s\\/?#]+(?:[/?#][^\s\\]*)?$/i

function checkHost(what: string, url: string, address: GitAddress): void {
  const parsed = parseGitAddress(url)
  const place =
    parsed.transport === 'http' && !plainAddress.test(url) ? 'an address that has two meanings' : placeOf(parsed)
  if (place === placeOf(address)) return
  throw new Fault('forbidden', `${what} at ${place}, and the repository is not.`, {
    hint: 'Clone it with a step of its own, which names a connector.',
  })
}

/** Raises `forbidden` where the repository names another host for them, `not-offered` where the program of Git LFS is missing. */
export async function fetchLargeFiles(
  git: GitCommand,
  folder: string,
  address: GitAddress,
  signal: AbortSignal,
): Promise<void> {
  const inside: GitCommand = (args, stop) => git(['-C', folder, ...args], stop)
  const named = await valuesOf(inside, ['--file', join(folder, '.lfsconfig')], lfsAddresses, signal)
  for (const url of named) checkHost('Its files of Git LFS are', url, address)
  try {
    await inside(['lfs', 'version'], signal)
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error
    throw new Fault('not-offered', 'The program git-lfs is not installed where the step runs.', {
      hint: 'Install it beside git on the delegate, or in the image of the steps; or leave out `lfs`.',
    })
  }
  await inside(['lfs', 'install', '--local', '--skip-repo'], signal)
  await inside(['lfs', 'pull'], signal)
}
