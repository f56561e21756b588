import { describe, expect, test } from 'vitest'
import { Fault } from '#contract/fault'
import { contextHolds, fullContext, matchesContexts } from './context.ts'

const own = (contextFilter: string) => ({ contextFilter, inheritedContextFilters: [] })

// Recorded from Liquibase 4.33.0: for each expression, the runs that take it and those that do not.
const recorded: readonly (readonly [expression: string, taken: readonly string[], left: readonly string[]])[] = [
  ['', ['', 'a', 'a,b', '!a', '@b,a'], ['@a', '@']],
  ['a', ['', 'a', 'A', 'a,b', ' A ', '@a', 'a or b', '(a)'], ['b', '!a', 'not a', 'a and b', 'a.b']],
  ['a or b', ['', 'a', 'b', 'a,c', '@a', '!a'], ['c', 'a or b', 'x']],
  ['a and b', ['', 'a,b', '@b,a'], ['a', 'b', 'a,c', 'a and b']],
  ['a,b', ['', 'a', 'b'], ['c', 'x']],
  ['!a', ['', 'b', 'a or b', 'x'], ['a', 'a,b', '@a', '(a)a,a']],
  ['not a', ['', 'b', 'c'], ['a', 'a,c']],
  ['NOT a', ['', 'b'], ['a']],
  ['!(a or b)', ['', 'c', 'x'], ['a', 'b', 'a,c']],
  ['(a or b) and c', ['', 'a,c'], ['a', 'c', 'a,b']],
  ['a or b and c', ['', 'a', 'a,c'], ['b', 'c']],
  ['a and b or c', ['', 'c', 'a,b'], ['a', 'b']],
  ['(a) or (!b and (c or d))', ['', 'a', 'c', 'd'], ['b', 'x']],
  ['a and !(b)', ['', 'a', 'a,c'], ['a,b', 'c']],
  ['!!a', ['', 'a', 'b'], []],
  ['a b', [''], ['a', 'b', 'a,b']],
  ['a.b', ['', 'a.b'], ['a']],
  ['nota', [''], ['a', 'b']],
  ['or a', [''], ['a', 'b']],
  ['@a', ['a', 'a,b', '@a'], ['', 'b', '!a']],
  ['@a or b', ['', 'a', 'b'], ['c']],
  ['!@a', ['', 'b'], ['a']],
  ['@b,@a', ['a', 'b'], ['c']],
  [',', ['', 'a'], ['@a']],
]

describe('contexts', () => {
  test.each(recorded)('%j', (expression, taken, left) => {
    for (const run of taken) expect([run, matchesContexts(own(expression), run)]).toEqual([run, true])
    for (const run of left) expect([run, matchesContexts(own(expression), run)]).toEqual([run, false])
  })

  test.each([
    ['log', ['', 'log', '@log', 'log,x'], ['x', 'not x', 'a']],
    ['!q', ['', 'a', 'a or b', 'not z'], ['q', '@z', '@z,w']],
    ['@log', ['log', '@log'], ['', 'a']],
    ['log or q', ['', 'q'], ['@log', 'a']],
  ])('what surrounds a change set must hold, too: %s', (around, taken, left) => {
    const changeSet = { contextFilter: '', inheritedContextFilters: [around] }
    for (const run of taken) expect([run, matchesContexts(changeSet, run)]).toEqual([run, true])
    for (const run of left) expect([run, matchesContexts(changeSet, run)]).toEqual([run, false])
  })

  test('the other way round, the run is asked about all that the change set says', () => {
    expect(matchesContexts({ contextFilter: '@a', inheritedContextFilters: ['log'] }, '')).toBe(true)
    expect(matchesContexts({ contextFilter: 'a', inheritedContextFilters: ['!q'] }, 'a or b')).toBe(false)
  })

  test('a mistake is a Fault with the reason', () => {
    expect(() => matchesContexts(own('a and (b, c)'), 'a')).toThrow(Fault)
    expect(() => matchesContexts(own('(a'), 'a')).toThrow('A parenthesis without its partner')
    expect(() => matchesContexts(own('a or ()'), 'a')).toThrow('Empty parentheses')
    expect(() => matchesContexts(own('a'), '(a')).toThrow(Fault)
  })

  test('the text for the history table', () => {
    expect(fullContext(own(''))).toBe('')
    expect(fullContext(own('x or y'))).toBe('(x or y)')
    const inheritedContextFilters = ['log', 'inc1', 'inc2 or z', 'root']
    expect(fullContext({ contextFilter: 'own', inheritedContextFilters })).toBe(
      'log AND inc1 AND (inc2 or z) AND root AND own',
    )
  })

  test('one expression alone', () => {
    expect(contextHolds('test', '')).toBe(true)
    expect(contextHolds('test', 'prod')).toBe(false)
  })
})
