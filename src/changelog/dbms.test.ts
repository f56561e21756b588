import { describe, expect, test } from 'vitest'
import { matchesDbms, splitDbms } from './dbms.ts'

// Recorded from Liquibase 4.33.0 against PostgreSQL.
describe('dbms lists', () => {
  test.each([
    ['', true],
    ['all', true],
    ['none', false],
    ['all,none', true],
    ['postgresql', true],
    [' PostgreSQL , mysql', true],
    ['mysql', false],
    ['!mysql', true],
    ['!postgresql', false],
    ['mysql,!oracle', false],
    ['!mysql,!oracle', true],
    ['!mysql,postgresql', true],
    ['!postgresql,postgresql', false],
    ['all,!postgresql', true],
    ['!all', true],
    ['postgresql,none', false],
    ['postgres', false],
    [',', true],
  ])('%j: %s', (list, expected) => {
    expect(matchesDbms(splitDbms(list), 'postgresql')).toBe(expected)
  })
})
