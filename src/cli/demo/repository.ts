// The demo's Git repository: the example changelog in a local bare repository, read by branch as from any Git host.
import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Fault } from '#contract/fault'

const run = promisify(execFile)

/** Author and dates are fixed, so that the same files always give the same commit. */
const identity = {
  GIT_AUTHOR_NAME: 'Sluice demo',
  GIT_AUTHOR_EMAIL: 'demo@sluice.example',
  GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z',
  GIT_COMMITTER_NAME: 'Sluice demo',
  GIT_COMMITTER_EMAIL: 'demo@sluice.example',
  GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
}

async function git(cwd: string, ...args: string[]): Promise<void> {
  try {
    await run('git', args, { cwd, env: { PATH: process.env['PATH'] ?? '', HOME: cwd, ...identity } })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new Fault('source-unreachable', 'The git command is not installed.', {
        hint: 'Install git; Sluice reads changelogs through it.',
        cause,
      })
    }
    throw cause
  }
}

/**
 * Makes `bare` from the files of `folder`, on branch `main`, unless it exists. Built beside it and moved into place, so that an
 * interrupted start leaves nothing half-made.
 */
export async function ensureRepository(bare: string, folder: string): Promise<void> {
  if (await exists(join(bare, 'HEAD'))) return
  const work = await mkdtemp(join(tmpdir(), 'sluice-demo-'))
  try {
    const tree = join(work, 'tree')
    await cp(folder, tree, { recursive: true })
    await git(tree, 'init', '--quiet', '--initial-branch=main')
    await git(tree, 'add', '--all')
    await git(tree, 'commit', '--quiet', '--message', 'Shop changelog')
    await git(work, 'clone', '--quiet', '--bare', tree, 'bare.git')
    await cp(join(work, 'bare.git'), bare, { recursive: true })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
