import { describe, expect, test } from 'vitest'
import { type Candidate, Match, type Seeker } from './offer.ts'

const seeker = (id: string, change: Partial<Seeker> = {}): Seeker => ({
  id,
  name: id,
  tags: [],
  organizationId: null,
  projectId: null,
  freeSlots: 1,
  ...change,
})
const candidate = (attempt: string, change: Partial<Candidate> = {}): Candidate => {
  const rest = { instanceKey: null, organizationId: '1', projectId: '10', selectors: [], refused: [], ...change }
  return { attempt, kind: `${rest.projectId}${rest.selectors.join()}`, ...rest }
}

describe('Match', () => {
  test('spreads work over those that have most room, up to what each has', () => {
    const match = new Match([seeker('a', { freeSlots: 2 }), seeker('b', { freeSlots: 3 })])
    const taken = ['1', '2', '3', '4', '5', '6'].map((attempt) => match.take(candidate(attempt))?.id)
    expect(taken).toEqual(['b', 'a', 'b', 'a', 'b', undefined])
    expect(match.free).toBe(0)
  })

  test('all selectors, in any case; the name counts as a tag', () => {
    const match = new Match([seeker('North', { tags: ['EU', 'linux'], freeSlots: 9 })])
    expect(match.take(candidate('1', { selectors: ['eu', 'NORTH'] }))?.id).toBe('North')
    expect(match.take(candidate('2', { selectors: ['eu', 'us'] }))).toBeUndefined()
    expect(match.hopeless).toEqual([candidate('2', { selectors: ['eu', 'us'] }).kind])
  })

  test.each<[string, Partial<Seeker>, boolean]>([
    ['everywhere', {}, true],
    ['its organization', { organizationId: '1' }, true],
    ['another organization', { organizationId: '2' }, false],
    ['its project', { organizationId: '1', projectId: '10' }, true],
    ['another project of its organization', { organizationId: '1', projectId: '11' }, false],
  ])('one that may work for %s', (_, scope, expected) => {
    expect(new Match([seeker('a', scope)]).take(candidate('1')) !== undefined).toBe(expected)
  })

  test('not to whom declined it, but to another, and a decline of one does not hide its kind', () => {
    const match = new Match([seeker('a', { freeSlots: 5 }), seeker('b')])
    expect(match.take(candidate('1', { refused: ['a'] }))?.id).toBe('b')
    expect(match.take(candidate('2', { refused: ['a'] }))).toBeUndefined()
    expect(match.hopeless).toEqual([])
    expect(match.take(candidate('3'))?.id).toBe('a')
  })

  test('one of several on the same instance', () => {
    const match = new Match([seeker('a', { freeSlots: 5 })])
    expect(match.take(candidate('1', { instanceKey: 'k' }))?.id).toBe('a')
    expect(match.take(candidate('2', { instanceKey: 'k' }))).toBeUndefined()
  })
})
