import { expect, test } from 'vitest'
import { pathInGroup } from './group-folder.ts'

test('a path in the folder of a group is told in one form, and none leads out of it', () => {
  const given = ['db', './db/', 'a//b/./c', '/harness/db', '/harness', '/harness/', '.', './.', '', './/']
  expect(given.map(pathInGroup)).toEqual(['db', 'db', 'a/b/c', 'db', '', '', '', '', '', ''])
  const outside = ['/etc', '..', 'a/../..', '/harness/../x', '/harnessed', '//x']
  expect(outside.map(pathInGroup)).toEqual(outside.map(() => undefined))
})
