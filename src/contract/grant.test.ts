// What the web offers is what the server allows: a grant means the same after it has travelled.
import { expect, test } from 'vitest'
import { type Grant, grantSchema, mayDo, type Place, readGrant, writeGrant } from './grant.ts'
import type { Permission } from './permission.ts'

const may = (permissions: readonly Permission[], more: Partial<Grant> = {}): Grant => ({
  permissions: new Set(permissions),
  below: false,
  ...more,
})
const here = { org: 'o', project: 'p' }

test.each<readonly [string, Grant, Permission, Place, boolean]>([
  ['a role in the account reaches down', may(['pipeline.edit'], { below: true }), 'pipeline.edit', here, true],
  ['one for the account alone does not', may(['pipeline.edit']), 'pipeline.edit', here, false],
  ['one of another project does not', may(['pipeline.edit'], { org: 'o', project: 'q' }), 'pipeline.edit', here, false],
  ['one of the project does', may(['pipeline.edit'], here), 'pipeline.edit', here, true],
  ['another right does not', may(['pipeline.view'], here), 'pipeline.edit', here, false],
  [
    'one for named pipelines is for these',
    may(['pipeline.edit'], { ...here, resources: new Map([['pipeline', new Set(['a'])]]) }),
    'pipeline.edit',
    { ...here, identifier: 'a' },
    true,
  ],
  [
    'and for no other',
    may(['pipeline.edit'], { ...here, resources: new Map([['pipeline', new Set(['a'])]]) }),
    'pipeline.edit',
    { ...here, identifier: 'b' },
    false,
  ],
  [
    'nor for a new one',
    may(['pipeline.edit'], { ...here, resources: new Map([['pipeline', new Set(['a'])]]) }),
    'pipeline.edit',
    here,
    false,
  ],
  [
    'one for all of a kind is for a new one',
    may(['pipeline.edit'], { ...here, resources: new Map([['pipeline', 'all']]) }),
    'pipeline.edit',
    here,
    true,
  ],
])('%s', (_, grant, permission, place, allowed) => {
  expect(mayDo([grant], permission, place)).toBe(allowed)
  const travelled = grantSchema.parse(JSON.parse(JSON.stringify(writeGrant(grant))))
  expect(mayDo([readGrant(travelled)], permission, place)).toBe(allowed)
})
