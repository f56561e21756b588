import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { refuseLeaving } from './own-folder.ts'
import { fileIn, writeIn } from './work/command-file.ts'

let root = ''
let folder = ''
beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'sluice-own-folder-')))
  folder = join(root, 'group')
  await mkdir(join(folder, 'db'), { recursive: true })
  await mkdir(join(root, 'group-other'))
  await writeFile(join(root, 'key'), 'before')
  await symlink('db', join(folder, 'inside'))
  await symlink('../group-other', join(folder, 'out'))
  await symlink('../key', join(folder, 'file'))
  await symlink('../not-there', join(folder, 'dangling'))
  await symlink('loop', join(folder, 'loop'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

test('links within the folder are followed, and none out of it', async () => {
  for (const path of ['', 'db/a/b', 'inside/a', 'new/a/b']) await refuseLeaving(folder, join(folder, path))
  for (const path of ['out', 'out/a', 'out/a/b', 'file', 'dangling', 'dangling/a', 'loop', 'loop/a', '..'])
    await expect(refuseLeaving(folder, join(folder, path)), path).rejects.toMatchObject({ code: 'forbidden' })
})

test('files of commands are neither read nor written behind such a link', async () => {
  await writeIn(folder, 'inside/snapshot.json', '{}')
  expect(await fileIn(folder, '/harness/db/snapshot.json')).toBe(join(folder, 'db/snapshot.json'))
  for (const path of ['out/snapshot.json', 'file', 'dangling']) {
    await expect(fileIn(folder, path)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(writeIn(folder, path, '{}')).rejects.toMatchObject({ code: 'forbidden' })
  }
  await expect(fileIn(folder, '../key')).rejects.toMatchObject({ code: 'invalid-input' })
})
