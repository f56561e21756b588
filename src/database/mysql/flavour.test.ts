import { describe, expect, test } from 'vitest'
import { flavourOf, hasAtomicDdl } from './flavour.ts'

describe('a server by its version', () => {
  test.each([
    ['10.11.6-MariaDB-0+deb12u1', 'mariadb', true],
    ['10.5.28-MariaDB', 'mariadb', false],
    ['11.4.2-MariaDB', 'mariadb', true],
    ['8.4.3', 'mysql', true],
    ['8.0.36', 'mysql', true],
    ['5.6.21', 'mysql', false],
    ['9.1.0-commercial', 'mysql', true],
    ['unheard of', 'mysql', false],
  ])('%s is %s, DDL is atomic: %s', (version, shortName, atomic) => {
    const flavour = flavourOf(version)
    expect(flavour.shortName).toBe(shortName)
    expect(hasAtomicDdl(flavour, version)).toBe(atomic)
  })
})
