import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { anchorName } from './anchor.ts'

const run = { id: '0d9f7a52-4c0e-4d55-9c61-6f1a2b3c4d5e', pipeline: 'release_shop', number: 12 }

test('names pipeline, run and step', () => {
  expect(anchorName(run, 'prod.deploy.apply')).toBe('before-release_shop-12-prod.deploy.apply-2b3c4d5e')
})

test('fits the column, and two steps or two runs never share one', () => {
  const identifier = fc.string({ unit: fc.constantFrom('a', 'b', '_', '0'), minLength: 1, maxLength: 128 })
  const node = fc.array(identifier, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('.'))
  fc.assert(
    fc.property(identifier, node, node, (pipeline, one, other) => {
      const [first, second] = [anchorName({ ...run, pipeline }, one), anchorName({ ...run, pipeline }, other)]
      expect(first.length).toBeLessThanOrEqual(200)
      expect(first === second).toBe(one === other)
      expect(anchorName({ ...run, pipeline, id: 'f'.repeat(32) }, one)).not.toBe(first)
    }),
  )
})
