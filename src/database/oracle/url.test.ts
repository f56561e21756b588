import { describe, expect, test } from 'vitest'
import { parseDatabaseUrl } from '../url.ts'

const descriptor =
  '(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db)(PORT=1522))(CONNECT_DATA=(SERVICE_NAME=shop.example)))'

test.each([
  [
    'jdbc:oracle:thin:@//db.example:1521/shop',
    {
      connectString:
        '(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db.example)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=shop)))',
      host: 'db.example',
      port: 1521,
      database: 'shop',
    },
  ],
  ['jdbc:oracle:thin:@db/shop', { database: 'shop', shown: 'jdbc:oracle:thin:@//db:1521/shop' }],
  [
    'jdbc:oracle:thin:@db:1522:ORCL',
    {
      connectString: '(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db)(PORT=1522))(CONNECT_DATA=(SID=ORCL)))',
      database: 'ORCL',
      shown: 'jdbc:oracle:thin:@//db:1522/ORCL',
    },
  ],
  ['jdbc:oracle:thin:scott/tiger@//db:1521/shop', { username: 'scott', password: 'tiger' }],
  [
    'jdbc:oracle:thin:@tcps://db/shop',
    { connectString: expect.stringContaining('(PROTOCOL=tcps)') as string, port: 2484 },
  ],
  [
    'jdbc:oracle:thin:@//db/shop?connect_timeout=3',
    { connectString: 'db:1521/shop?connect_timeout=3', shown: 'jdbc:oracle:thin:@//db:1521/shop' },
  ],
  ['jdbc:oracle:thin:@//db/x', { database: 'x' }],
  [
    `jdbc:oracle:thin:@${descriptor}`,
    {
      connectString: descriptor,
      host: 'db',
      port: 1522,
      database: 'shop.example',
      shown: 'jdbc:oracle:thin:@//db:1522/shop.example',
    },
  ],
])('%s', (url, expected) => {
  expect(parseDatabaseUrl(url)).toMatchObject({ kind: 'oracle', ...expected })
})

test('what is shown has no password', () => {
  const url = parseDatabaseUrl('jdbc:oracle:thin:scott/tiger@//db:1521/shop')
  expect(url.shown).toBe('jdbc:oracle:thin:@//db:1521/shop')
})

describe('what is wrong is said', () => {
  test.each([
    ['jdbc:oracle:@//db:1521/shop', 'driver'],
    ['jdbc:oracle:oci:@shop', 'oci'],
    ['jdbc:oracle:thin://db/shop', 'lacks the @'],
    ['jdbc:oracle:thin:@shop', 'tnsnames.ora'],
    ['jdbc:oracle:thin:@//db:1521', 'service'],
    ['jdbc:oracle:thin:@//db:99999/shop', 'port'],
    ['jdbc:oracle:thin:@//db/shop)(X=1', 'service with a character'],
    ['jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(HOST=db))', 'parenthesis'],
    ['jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(HOST=db)))', 'SERVICE_NAME'],
  ])('%s', (url, message) => {
    expect(() => parseDatabaseUrl(url)).toThrow(
      expect.objectContaining({
        code: 'database-url-invalid',
        message: expect.stringContaining(message) as string,
      }) as Error,
    )
  })
})
