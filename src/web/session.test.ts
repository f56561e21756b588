import { expect, test } from 'vitest'
import { safeReturnPath } from './session.ts'

test.each([
  ['/orgs/a/projects/b/executions/7?node=x', '/orgs/a/projects/b/executions/7?node=x'],
  [undefined, '/'],
  ['https://elsewhere.example/', '/'],
  ['//elsewhere.example/', '/'],
  ['/\\elsewhere.example', '/'],
  ['/sign-in?to=/', '/'],
])('after sign-in %s leads to %s', (path, target) => {
  expect(safeReturnPath(path)).toBe(target)
})
