import { describe, expect, test } from 'vitest'
import { parseDatabaseUrl } from '../url.ts'

test('an offline URL with everything', () => {
  const url =
    'offline:mssql?version=16.0&changeLogFile=a%20b.csv&outputLiquibaseSql=data_only&catalog=shop&caseSensitive=true'
  expect(parseDatabaseUrl(url)).toMatchObject({
    kind: 'offline',
    shortName: 'mssql',
    productVersion: '16.0',
    historyFile: 'a b.csv',
    output: 'data_only',
    catalogName: 'shop',
    shown: url,
  })
})

test('one with nothing', () => {
  expect(parseDatabaseUrl('offline:Postgres')).toMatchObject({
    shortName: 'postgresql',
    productVersion: undefined,
    historyFile: 'databasechangelog.csv',
    output: 'none',
    catalogName: undefined,
  })
  expect(parseDatabaseUrl('offline:oracle?outputLiquibaseSql=true')).toMatchObject({ output: 'all' })
})

describe('what is wrong is said', () => {
  test.each([
    ['offline:orcale', 'did you mean oracle?'],
    ['offline:db2', 'not a database that Sluice writes for'],
    ['offline:oracle?changelogfil=x', 'did you mean changeLogFile?'],
    ['offline:oracle?outputLiquibaseSql=some', 'none, data_only or all'],
    ['offline:oracle?snapshots=a.json', 'did you mean snapshot?'],
    ['offline:oracle?catalog=%zz', 'two hexadecimal digits'],
  ])('%s', (url, message) => {
    expect(() => parseDatabaseUrl(url)).toThrow(
      expect.objectContaining({
        code: 'database-url-invalid',
        message: expect.stringContaining(message) as string,
      }) as Error,
    )
  })
})
