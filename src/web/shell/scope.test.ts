import { expect, test } from 'vitest'
import { preferredScope, rememberedScope, rememberScope } from './scope.ts'

const scopes = [
  { org: 'a', project: 'x' },
  { org: 'b', project: 'y' },
]

test('the last project is preferred as long as it exists', () => {
  expect(preferredScope(scopes, { org: 'b', project: 'y' })).toEqual({ org: 'b', project: 'y' })
  expect(preferredScope(scopes, { org: 'b', project: 'x' })).toEqual({ org: 'a', project: 'x' })
  expect(preferredScope(scopes, undefined)).toEqual({ org: 'a', project: 'x' })
  expect(preferredScope([], undefined)).toBeUndefined()
})

test('it is remembered, and rubbish is not', () => {
  const kept = new Map<string, string>()
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  } as unknown as Storage
  expect(rememberedScope(storage)).toBeUndefined()
  rememberScope(storage, { org: 'b', project: 'y' })
  expect(rememberedScope(storage)).toEqual({ org: 'b', project: 'y' })
  for (const rubbish of ['{', '[1,2]', '{"org":"b"}']) {
    for (const key of kept.keys()) kept.set(key, rubbish)
    expect(rememberedScope(storage)).toBeUndefined()
  }
})
