import { expect, test } from 'vitest'
import { memorySource } from '#changelog/memory'
import { tunedForSize } from './tune.ts'

test('once much has been read the young generation may grow, and that is said once', async () => {
  const flags: string[] = []
  const files = tunedForSize(memorySource({ 'one.sql': 'x'.repeat(3_000_000), 'two.sql': '' }), (flag) =>
    flags.push(flag),
  )
  expect(await files.read('missing.sql')).toBeUndefined()
  expect((await files.read('one.sql'))?.byteLength).toBe(3_000_000)
  expect(flags).toEqual([])
  for (const path of ['one.sql', 'two.sql', 'one.sql']) await files.read(path)
  expect(flags).toEqual(['--semi-space-growth-factor=2'])
})
