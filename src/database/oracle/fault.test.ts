import { describe, expect, test } from 'vitest'
import { connectFault, positionOf, statementFault } from './fault.ts'
import { instant, wallClock } from './connect.ts'

/** As the driver gives them: `errorNum`, `offset` and the text of the server. */
const error = (text: string, more: object = {}): Error => {
  const number = /ORA-(\d{5})/.exec(text)?.[1]
  return Object.assign(new Error(text), { errorNum: Number(number ?? 0), code: text.slice(0, 9), ...more })
}
const place = { host: 'db', port: 1521, database: 'shop', username: 'scott' }

describe('while connecting', () => {
  test.each([
    ['ORA-01017: invalid username/password; logon denied', 'database-authentication'],
    ['ORA-28000: The account is locked.', 'database-authentication'],
    ['ORA-01045: user SCOTT lacks CREATE SESSION privilege; logon denied', 'database-permission'],
    ['ORA-12514: Cannot connect to database.', 'database-not-found'],
    ['NJS-518: cannot connect to Oracle Database. Service "x" is not registered', 'database-not-found'],
    ['NJS-116: password verifier type 0x939 is not supported by node-oracledb in Thin mode', 'database-unreachable'],
    ['NJS-511: connection refused. ECONNREFUSED', 'database-unreachable'],
  ])('%s', (text, code) => {
    expect(connectFault(error(text), place)).toMatchObject({ code })
  })
})

describe('while working', () => {
  test.each([
    ['ORA-00942: table or view "SCOTT"."T" does not exist', 'statement-failed', 'ORA-00942'],
    ['ORA-01031: insufficient privileges', 'database-permission', 'ORA-01031'],
    ['ORA-00054: resource busy and acquire with NOWAIT specified', 'timed-out', 'ORA-00054'],
    ['ORA-01013: user requested cancel of current operation', 'cancelled', 'ORA-01013'],
    ['ORA-03113: end-of-file on communication channel', 'database-lost', 'ORA-03113'],
    ['NJS-500: connection to the Oracle Database was broken', 'database-lost', 'NJS-500'],
    ['NJS-044: bind object must contain one of the following attributes', 'statement-failed', 'NJS-044'],
  ])('%s', (text, code, databaseCode) => {
    expect(statementFault(error(text), 'select 1', true)).toMatchObject({ code, databaseCode })
  })

  test('whatever was said, without a connection it is lost', () => {
    expect(statementFault(error('NJS-040: something'), 'select 1', false)).toMatchObject({ code: 'database-lost' })
  })

  test('the place of a statement that does not parse, and of a block', () => {
    expect(statementFault(error('ORA-00942: no', { offset: 14 }), 'select * from t', true)).toMatchObject({
      position: 14,
    })
    expect(
      positionOf(
        'ORA-06550: line 2, column 3:\nPLS-00201: identifier X must be declared',
        undefined,
        'begin\n  x;\nend;',
      ),
    ).toBe(8)
    expect(positionOf('ORA-00001: unique constraint', undefined, 'insert')).toBeUndefined()
  })

  test('the pages that the driver recommends are left out', () => {
    const text = 'ORA-00942: table or view does not exist\nHelp: https://docs.oracle.com/error-help/db/ora-00942/'
    expect(statementFault(error(text), 'x', true).message).toBe('ORA-00942: table or view does not exist')
  })
})

test('times are those that the server holds', () => {
  expect(wallClock(new Date(2026, 10, 5, 9, 8, 7, 60))).toBe('2026-11-05 09:08:07.060')
  expect(instant(new Date(Date.UTC(2026, 10, 5, 9, 8, 7)))).toBe('2026-11-05 09:08:07.000+00')
  expect(wallClock(null)).toBeNull()
})
