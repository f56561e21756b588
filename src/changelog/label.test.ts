import { describe, expect, test } from 'vitest'
import { fullLabels, matchesLabels, splitLabels } from './label.ts'

// Recorded from Liquibase 4.33.0.
describe('labels', () => {
  test.each<readonly [string, readonly string[], readonly string[]]>([
    ['', ['', 'a', 'not a', 'a and b', '!a'], ['@a', '@']],
    ['a', ['', 'a', 'A', 'a or b', 'a,b', '@a'], ['a and b', 'not a', '!a', 'zz', 'a b']],
    ['a,b', ['', 'a and b', '(a or c) and b'], ['!a and b', '!@a']],
    ['b', ['not a', '!a and b'], ['a', '@a']],
    ['a b', ['a b', '!a'], ['a']],
    [' A , b ', ['a and b'], []],
  ])('%j', (labels, taken, left) => {
    const changeSet = { labels: splitLabels(labels), inheritedLabels: [] }
    for (const filter of taken) expect([filter, matchesLabels(changeSet, filter)]).toEqual([filter, true])
    for (const filter of left) expect([filter, matchesLabels(changeSet, filter)]).toEqual([filter, false])
  })

  test('labels of includes count as if they were its own', () => {
    const changeSet = { labels: ['l1', 'l2'], inheritedLabels: [['il'], ['top']] }
    expect(matchesLabels(changeSet, 'l1 and il and top')).toBe(true)
    expect(matchesLabels(changeSet, '!il')).toBe(false)
    expect(fullLabels(changeSet)).toBe('il,top,l1,l2')
    expect(fullLabels({ labels: [], inheritedLabels: [] })).toBe('')
  })

  test('a list is lower case, trimmed, each once', () => {
    expect(splitLabels(' A , b,A, c d ')).toEqual(['a', 'b', 'c d'])
    expect(splitLabels(' ')).toEqual([])
    expect(splitLabels(undefined)).toEqual([])
  })
})
