// Files of Git LFS need a program that many machines lack: that is said. A repository does not name other hosts than its own.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { parseGitAddress } from '../source/address.ts'
import { createGit } from '../source/git-command.ts'
import { fetchLargeFiles, fetchSubmodules } from './submodule.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-lfs-'))
const address = parseGitAddress('https://example.org/tree.git')
afterAll(() => rmSync(folder, { recursive: true }))

test('without git-lfs it is said what is missing', async () => {
  const program = execFileSync('sh', ['-c', 'command -v git']).toString().trim()
  symlinkSync(program, join(folder, 'git'))
  const git = createGit({ folder, environment: { PATH: folder }, onMessage: () => {} })
  await expect(fetchLargeFiles(git, folder, address, new AbortController().signal)).rejects.toMatchObject({
    code: 'not-offered',
    message: 'The program git-lfs is not installed where the step runs.',
  })
})

test.each(['[lfs]\n\turl = https://far.test/lfs\n', '[remote "origin"]\n\tlfsurl = https://far.test/lfs\n'])(
  'a repository cannot send for its files of Git LFS to another host: %j',
  async (text) => {
    const place = mkdtempSync(join(folder, 'lfs-'))
    writeFileSync(join(place, '.lfsconfig'), text)
    const git = createGit({ folder: place, environment: process.env, onMessage: () => {} })
    await expect(fetchLargeFiles(git, place, address, new AbortController().signal)).rejects.toMatchObject({
      code: 'forbidden',
      message: 'Its files of Git LFS are at https://far.test/, and the repository is not.',
    })
  },
)

test('an address that git reads in another way than we do is no submodule of the same host', async () => {
  const place = mkdtempSync(join(folder, 'sub-'))
  const run = (...args: readonly string[]): void => void execFileSync('git', ['-C', place, ...args])
  run('init', '--quiet')
  run('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},far`)
  const url = 'https://example.org\\\\@far.test/far.git'
  writeFileSync(join(place, '.gitmodules'), `[submodule "far"]\n\tpath = far\n\turl = "${url}"\n`)
  const git = createGit({ folder: place, environment: process.env, onMessage: () => {} })
  const wanted = { address, recursive: false, depth: 0 }
  await expect(fetchSubmodules(git, place, wanted, new AbortController().signal)).rejects.toMatchObject({
    code: 'forbidden',
  })
})
