import { describe, expect, test } from 'vitest'
import { Fault } from '#contract/fault'
import { parseDatabaseUrl } from './url.ts'

describe('a server', () => {
  test.each([
    ['jdbc:postgresql://db.example:6432/shop', 'db.example', 6432, 'shop'],
    ['jdbc:postgresql://db.example/shop', 'db.example', 5432, 'shop'],
    ['jdbc:postgresql:///shop', 'localhost', 5432, 'shop'],
    ['jdbc:postgresql:shop', 'localhost', 5432, 'shop'],
    ['jdbc:postgresql://[::1]:5433/shop', '::1', 5433, 'shop'],
    ['postgres://db.example/my%20shop', 'db.example', 5432, 'my shop'],
    ['JDBC:PostgreSQL://db/x', 'db', 5432, 'x'],
    ['jdbc:mysql://db.example/shop', 'db.example', 3306, 'shop'],
    ['jdbc:mariadb://db.example:3307/shop?useSSL=true', 'db.example', 3307, 'shop'],
    ['mysql://db/', 'db', 3306, ''],
  ])('%s', (url, host, port, database) => {
    const kind = /mysql|mariadb/.exec(url)?.[0] ?? 'postgresql'
    expect(parseDatabaseUrl(url)).toMatchObject({ kind, host, port, database })
  })

  test('user, password and parameters', () => {
    const url = parseDatabaseUrl('jdbc:postgresql://h/d?user=ann&password=p%26w&sslMode=require')
    expect(url).toMatchObject({ username: 'ann', password: 'p&w', shown: 'jdbc:postgresql://h:5432/d' })
    expect([...url.parameters]).toEqual([['sslmode', 'require']])
    expect(parseDatabaseUrl('postgresql://ann:s%40w@h/d')).toMatchObject({ username: 'ann', password: 's@w' })
  })

  test('without a name it is the database of the user', () => {
    expect(parseDatabaseUrl('jdbc:postgresql://h/?user=ann')).toMatchObject({ database: 'ann' })
  })
})

test('files and folders', () => {
  expect(parseDatabaseUrl('jdbc:sqlite:/var/a b.db'.replace(' ', '_'))).toMatchObject({
    kind: 'sqlite',
    path: '/var/a_b.db',
  })
  expect(parseDatabaseUrl('jdbc:sqlite::memory:')).toMatchObject({ kind: 'sqlite', path: ':memory:' })
  expect(parseDatabaseUrl('jdbc:pglite:data/shop')).toMatchObject({ kind: 'pglite', path: 'data/shop' })
  expect(parseDatabaseUrl('jdbc:sqlite:a.db?foreign_keys=on').parameters.get('foreign_keys')).toBe('on')
})

describe('what is wrong is said without the secret', () => {
  test.each([
    ['', /is empty/],
    ['shop', /has no scheme/],
    ['jdbc:postgress://h/d', /did you mean jdbc:postgresql:/],
    ['jdbc:mysql:loadbalance://a,b/d', /chooses among servers/],
    ['jdbc:mysq://h/d', /did you mean jdbc:mysql:/],
    ['jdbc:derby://h/d', /not a database that Sluice can open/],
    ['jdbc:postgresql:/h/d', /one slash where two belong/],
    ['jdbc:postgresql:h/d', /lacks the two slashes/],
    ['jdbc:postgresql://h:port/d?password=s3cret', /port that is not a number/],
    ['jdbc:postgresql://h:70000/d', /port that is not a number from 1 to 65535/],
    ['jdbc:postgresql://h', /does not name a database/],
    ['jdbc:postgresql://a:1,b:2/d', /several hosts/],
    ['jdbc:postgresql://h/a/b', /slash in the name/],
    ['jdbc:postgresql://u:s3cret%@h/d', /two hexadecimal digits/],
    ['jdbc:postgresql://u:s3cret@h h/d', /contains a blank/],
    ['jdbc:postgresql://::1/d', /IPv6 address needs brackets/],
    ['jdbc:sqlite:', /does not name a file/],
    ['jdbc:pglite:', /does not name a folder/],
  ])('%s', (url, message) => {
    let fault: unknown
    try {
      parseDatabaseUrl(url)
    } catch (error) {
      fault = error
    }
    expect(fault).toBeInstanceOf(Fault)
    expect(fault).toMatchObject({ code: 'database-url-invalid', message: expect.stringMatching(message) as string })
    expect((fault as Fault).message + (fault as Fault).hint).not.toContain('s3cret')
  })
})
