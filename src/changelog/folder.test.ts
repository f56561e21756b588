import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { folderSource } from './folder.ts'

const text = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : new TextDecoder().decode(bytes))

describe('folderSource', () => {
  let base = ''
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'sluice-folder-'))
    await mkdir(join(base, 'one/sub/deep'), { recursive: true })
    await mkdir(join(base, 'two'))
    await writeFile(join(base, 'secret.txt'), 'secret')
    await writeFile(join(base, 'one/main.yaml'), 'one')
    await writeFile(join(base, 'one/sub/deep/a.sql'), 'select 1')
    await writeFile(join(base, 'two/other.yaml'), 'two')
  })
  afterEach(() => rm(base, { recursive: true }))

  test('reads below every root and answers undefined for what is not there', async () => {
    const source = folderSource([join(base, 'one'), join(base, 'two')])
    expect(text(await source.read('main.yaml'))).toBe('one')
    expect(text(await source.read('other.yaml'))).toBe('two')
    expect(await source.read('nothing.yaml')).toBeUndefined()
    expect(await source.read('main.yaml/x')).toBeUndefined()
    expect(await source.read('sub')).toBeUndefined()
    expect(await folderSource([join(base, 'no-such-root')]).read('main.yaml')).toBeUndefined()
  })

  test('lists recursively from the root', async () => {
    const source = folderSource([join(base, 'one')])
    expect([...((await source.list('')) ?? [])].sort()).toEqual(['main.yaml', 'sub/deep/a.sql'])
    expect(await source.list('sub')).toEqual(['sub/deep/a.sql'])
    expect(await source.list('nowhere')).toBeUndefined()
    expect(await source.list('main.yaml')).toBeUndefined()
  })

  test.each(['../secret.txt', 'sub/../../secret.txt', '/etc/hostname', 'sub\\..\\x', 'a\0b'])(
    'refuses %j',
    async (path) => {
      const source = folderSource([join(base, 'one')])
      await expect(source.read(path)).rejects.toMatchObject({ code: 'invalid-input' })
      await expect(source.list(path)).rejects.toMatchObject({ code: 'invalid-input' })
    },
  )

  test('refuses links that lead out, follows those that stay', async () => {
    await symlink(join(base, 'secret.txt'), join(base, 'one/leak.yaml'))
    await symlink(base, join(base, 'one/up'))
    const source = folderSource([join(base, 'one')])
    await expect(source.read('leak.yaml')).rejects.toMatchObject({ code: 'invalid-input' })
    await expect(source.read('up/secret.txt')).rejects.toMatchObject({ code: 'invalid-input' })
    await expect(source.list('')).rejects.toMatchObject({ code: 'invalid-input' })
    await symlink('deep/a.sql', join(base, 'one/sub/inner.sql'))
    expect(text(await source.read('sub/inner.sql'))).toBe('select 1')
  })

  test('a root that is itself a link is fine, and a link in a circle ends', async () => {
    await symlink(join(base, 'one'), join(base, 'alias'))
    await symlink('..', join(base, 'one/sub/back'))
    const source = folderSource([join(base, 'alias')])
    expect(text(await source.read('main.yaml'))).toBe('one')
    expect(await source.list('sub')).toContain('sub/deep/a.sql')
  })

  test('the same path in two roots is refused unless the first shall win', async () => {
    await writeFile(join(base, 'two/main.yaml'), 'again')
    const roots = [join(base, 'one'), join(base, 'two')]
    await expect(folderSource(roots).read('main.yaml')).rejects.toMatchObject({ code: 'invalid-input' })
    expect(text(await folderSource(roots, { duplicates: 'first' }).read('main.yaml'))).toBe('one')
    expect(text(await folderSource([...roots.slice(0, 1), ...roots.slice(0, 1)]).read('main.yaml'))).toBe('one')
  })
})
