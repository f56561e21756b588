import { describe, expect, test } from 'vitest'
import { parseDatabaseUrl } from '../url.ts'

test('a URL with everything', () => {
  const url = parseDatabaseUrl(
    'jdbc:sqlserver://db.example:1444;databaseName=shop;user=sa;password={a;b=c};encrypt=true;trustServerCertificate=true',
  )
  expect(url).toMatchObject({
    kind: 'mssql',
    host: 'db.example',
    port: 1444,
    database: 'shop',
    username: 'sa',
    password: 'a;b=c',
    shown: 'jdbc:sqlserver://db.example:1444;databaseName=shop',
  })
  expect(Object.fromEntries('parameters' in url ? url.parameters : [])).toMatchObject({
    encrypt: 'true',
    trustservercertificate: 'true',
  })
  expect(JSON.stringify([...('parameters' in url ? url.parameters : [])])).not.toContain('a;b=c')
})

test.each([
  ['jdbc:sqlserver://h', { host: 'h', port: 1433, database: '', shown: 'jdbc:sqlserver://h:1433' }],
  [
    String.raw`jdbc:sqlserver://h\SQLEXPRESS;database=a`,
    { port: undefined, instanceName: 'SQLEXPRESS', database: 'a' },
  ],
  ['jdbc:sqlserver://[::1]:1433;databaseName=a', { host: '::1', shown: 'jdbc:sqlserver://[::1]:1433;databaseName=a' }],
  ['jdbc:sqlserver://;serverName=h;portNumber=1500;databaseName=a', { host: 'h', port: 1500 }],
])('%s', (url, expected) => {
  expect(parseDatabaseUrl(url)).toMatchObject(expected)
})

describe('what is wrong is said, without the password', () => {
  test.each([
    ['jdbc:sqlserver:h', 'two slashes'],
    ['jdbc:sqlserver://h/shop', 'slash after the host'],
    ['jdbc:sqlserver://h:port;databaseName=a', 'port'],
    ['jdbc:sqlserver://h;secret', 'name=value'],
    ['jdbc:sqlserver://h;integratedSecurity=true', 'integratedSecurity'],
    ['jdbc:sqlserver://h;authentication=ActiveDirectoryPassword', 'authentication=ActiveDirectoryPassword'],
  ])('%s', (url, message) => {
    expect(() => parseDatabaseUrl(url)).toThrow(
      expect.objectContaining({
        code: 'database-url-invalid',
        message: expect.stringContaining(message) as string,
      }) as Error,
    )
  })
})
