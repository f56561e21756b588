// Files of Git LFS need a program that many machines lack: that is said, and nothing else is tried.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createGit } from '../source/git-command.ts'
import { fetchLargeFiles } from './submodule.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-lfs-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('without git-lfs it is said what is missing', async () => {
  const program = execFileSync('sh', ['-c', 'command -v git']).toString().trim()
  symlinkSync(program, join(folder, 'git'))
  const git = createGit({ folder, environment: { PATH: folder }, onMessage: () => {} })
  await expect(fetchLargeFiles(git, folder, new AbortController().signal)).rejects.toMatchObject({
    code: 'not-offered',
    message: 'The program git-lfs is not installed where the step runs.',
  })
})
