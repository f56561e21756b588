import { expect, test } from 'vitest'
import { triggerEventStatusSchema } from '#contract/api/trigger'
import { eventSummary, triggerEventLook } from './trigger-event.ts'

test('a delivery is told by what people look for, with a short commit', () => {
  const summary = { sourceAddress: '10.0.0.1', commit: 'a'.repeat(40), sourceBranch: 'main', event: 'Push', action: '' }
  expect(eventSummary({ summary })).toBe(`Push main ${'a'.repeat(10)}`)
  expect(eventSummary({ summary: { sourceAddress: '10.0.0.1' } })).toBe('')
  expect(eventSummary({ summary: { pullRequest: 7, event: 'PullRequest' } })).toBe('PullRequest #7')
})

test('every decision has a word of its own', () => {
  const labels = triggerEventStatusSchema.options.map((status) => triggerEventLook(status).label)
  expect(new Set(labels).size).toBe(labels.length)
})
