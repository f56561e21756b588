import { describe, expect, test } from 'vitest'
import { connectFault, statementFault } from './fault.ts'

const place = { host: 'db', port: 5432, database: 'shop', username: 'ann' }
const errorOf = (message: string, more: Readonly<Record<string, unknown>>): Error =>
  Object.assign(new Error(message), more)

describe('while connecting', () => {
  test.each([
    [{ code: '28P01' }, 'database-authentication'],
    [{ code: '3D000' }, 'database-not-found'],
    [{ code: '53300' }, 'database-unreachable'],
    [{ code: 'ECONNREFUSED' }, 'database-unreachable'],
    [{ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, 'database-unreachable'],
  ])('%j', (more, code) => {
    expect(connectFault(errorOf('m', more), place)).toMatchObject({ code })
  })

  test('who is not let in by the rules of the server learns who can change that', () => {
    const fault = connectFault(errorOf('no pg_hba.conf entry for host', { code: '28000' }), place)
    expect(fault).toMatchObject({ code: 'database-authentication', databaseCode: '28000' })
    expect(fault.hint).toContain('administrator')
  })

  test('several addresses of a host that all refuse', () => {
    const error = Object.assign(new AggregateError([errorOf('', { code: 'ECONNREFUSED' })]), { code: 'ECONNREFUSED' })
    expect(connectFault(error, place).message).toBe('nothing answers at db:5432')
  })

  test('a certificate that nobody knows names the way out', () => {
    const fault = connectFault(errorOf('self-signed certificate', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }), place)
    expect(fault.message).toContain('certificate')
    expect(fault.hint).toContain('certificate authority')
  })
})

describe('while working', () => {
  const of = (code: string, message = 'm', more = {}, lost = false) =>
    statementFault(errorOf(message, { code, ...more }), 'select 1', lost)

  test.each([
    ['42P01', 'm', 'statement-failed'],
    ['42501', 'm', 'database-permission'],
    ['55P03', 'm', 'timed-out'],
    ['57014', 'canceling statement due to statement timeout', 'timed-out'],
    ['57014', 'canceling statement due to user request', 'cancelled'],
    ['57P01', 'm', 'database-lost'],
    ['08006', 'm', 'database-lost'],
    ['ECONNRESET', 'm', 'database-lost'],
  ])('%s %s', (code, message, expected) => {
    expect(of(code, message).code).toBe(expected)
  })

  test('any error on a broken connection means that it is broken', () => {
    expect(of('42P01', 'm', {}, true).code).toBe('database-lost')
  })

  test('details of the database are part of the message', () => {
    const fault = of('23505', 'duplicate key', { detail: 'Key (id)=(1) already exists.', hint: 'Think.' })
    expect(fault).toMatchObject({ message: 'duplicate key; Key (id)=(1) already exists.', hint: 'Think.' })
  })

  test('positions count characters there and code units here', () => {
    const sql = "select '😀', nope"
    const fault = statementFault(errorOf('m', { code: '42703', position: '13' }), sql, false)
    expect(sql.slice(fault.position)).toBe('nope')
  })
})
