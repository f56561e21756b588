import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { engineVersion } from './version.ts'

test('the history names the version of the package, in the 20 characters of its column', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  expect(engineVersion).toBe(`sluice-${version}`)
  expect(engineVersion.length).toBeLessThanOrEqual(20)
})
