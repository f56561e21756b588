import { expect, test } from 'vitest'
import type { ExecutionNode } from '#contract/api/execution'
import { mayRetry, retryStages } from './retry-stage.ts'

const node = (id: string, status: ExecutionNode['status'], kind: ExecutionNode['kind'] = 'stage') =>
  ({ id, name: id.toUpperCase(), status, kind }) as ExecutionNode

test('a run goes on at the first stage that is not done or at an earlier one', () => {
  const nodes = [
    node('a', 'Success'),
    node('a.x', 'Failed', 'step'),
    node('b', 'Skipped'),
    node('c', 'Failed'),
    node('d', 'Success'),
    node('e', 'NotStarted'),
  ]
  expect(retryStages({ nodes })).toEqual([
    { value: 'a', label: 'A' },
    { value: 'b', label: 'B' },
    { value: 'c', label: 'C' },
  ])
  expect(retryStages({ nodes: [node('a', 'Success')] })).toEqual([])
})

test.each([
  ['Failed', true],
  ['Aborted', true],
  ['ApprovalRejected', true],
  ['Success', false],
  ['Running', false],
] as const)('a run that is %s: %s', (status, expected) => {
  expect(mayRetry({ status })).toBe(expected)
})
