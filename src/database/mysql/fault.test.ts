import { describe, expect, test } from 'vitest'
import { connectFault, positionOf, statementFault } from './fault.ts'

const place = { host: 'db', port: 3306, database: 'shop', username: 'ann' }
const error = (errno: number, message = 'm', code = 'ER_X') => Object.assign(new Error(message), { errno, code })

describe('connecting', () => {
  test.each([
    [error(1045), 'database-authentication', /refuses the user "ann"/],
    [error(1698), 'database-authentication', /refuses the user "ann"/],
    [error(1130), 'database-authentication', /does not let anybody in from here/],
    [error(1049), 'database-not-found', /no database "shop"/],
    [error(1044), 'database-permission', /m/],
    [error(1040), 'database-unreachable', /cannot take the connection/],
    [error(-111, 'connect ECONNREFUSED', 'ECONNREFUSED'), 'database-unreachable', /nothing answers at db:3306/],
    [error(-3008, 'getaddrinfo', 'ENOTFOUND'), 'database-unreachable', /host "db" is not known/],
    [error(0, 'connect ETIMEDOUT', 'ETIMEDOUT'), 'database-unreachable', /in time/],
    [error(0, 'self signed certificate', 'X'), 'database-unreachable', /not trusted/],
    [error(0, 'x', 'HANDSHAKE_NO_SSL_SUPPORT'), 'database-unreachable', /does not offer encryption/],
  ])('%s', (cause, code, message) => {
    expect(connectFault(cause, place)).toMatchObject({ code, message: expect.stringMatching(message) as string })
  })
})

test.each([
  [error(1205), 'timed-out'],
  [error(3024), 'timed-out'],
  [error(1969), 'timed-out'],
  [error(1213), 'statement-failed'],
  [error(1317), 'cancelled'],
  [error(1142), 'database-permission'],
  [error(2013), 'database-lost'],
  [error(-104, 'read ECONNRESET', 'ECONNRESET'), 'database-lost'],
  [error(1146), 'statement-failed'],
])('working: %s', (cause, code) => {
  expect(statementFault(cause, 'select 1', false).code).toBe(code)
})

test('a broken connection wins over what the last message said', () => {
  expect(statementFault(error(1146), 'select 1', true)).toMatchObject({ code: 'database-lost', databaseCode: '1146' })
})

test('the place of a syntax error', () => {
  const message = (near: string, line: number): string => `You have an error …; near '${near}' at line ${line}`
  expect(positionOf(message('selec 2', 2), 'select 1,\n  selec 2')).toBe(12)
  // The same text on two lines.
  expect(positionOf(message("x\n'a' x", 2), "x\nx\n'a' x")).toBe(2)
  expect(positionOf(message(`${'y'.repeat(80)}...`, 2), `x\nx ${'y'.repeat(99)}`)).toBe(4)
  // At the end of the statement nothing is left to quote.
  expect(positionOf(message('', 1), 'select (1')).toBe(9)
  expect(positionOf('Lost', 'select 1')).toBeUndefined()
  expect(positionOf("Table 'shop.no_such' doesn't exist", 'insert into no_such values (1)')).toBe(12)
  expect(positionOf("Table 'shop.größe-2' doesn't exist", 'select 1 from `größe-2`')).toBe(15)
  expect(positionOf("Unknown column 't.b' in 'SELECT'", 'select a, b from t')).toBe(10)
  expect(positionOf("Unknown column 'b' in 'SELECT'", 'select b, b from t')).toBeUndefined()
})
