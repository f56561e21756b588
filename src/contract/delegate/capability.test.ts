import { describe, expect, test } from 'vitest'
import { needsOf } from './capability.ts'

const reference = { branch: 'main' }
const needs = (connection: string, source: string) =>
  needsOf({
    type: 'ConnectionTest',
    subject: 'shop',
    source: { type: 'git', url: source, reference, path: 'c.yaml' },
    connection: { url: connection },
  })
const addresses = (connection: string, source = '/local/repository.git') =>
  needs(connection, source).flatMap((need) =>
    need.type === 'reachable' ? need.addresses.map(({ host, port }) => `${need.by} ${host}:${port}`) : [],
  )

describe('what a step needs', () => {
  test.each([
    ['jdbc:postgresql://db.example.org/shop', ['tcp db.example.org:5432']],
    ['jdbc:postgresql://a:5433,b/shop?sslmode=require', ['tcp a:5433', 'tcp b:5432']],
    ['postgresql://user:p@db:6432/shop', ['tcp db:6432']],
    ['jdbc:postgresql://[::1]:5432/shop', ['tcp ::1:5432']],
    ['jdbc:mariadb://db', ['tcp db:3306']],
    ['jdbc:sqlserver://db:1444;databaseName=shop', ['tcp db:1444']],
    ['jdbc:sqlserver://db\\SQLEXPRESS;databaseName=shop', []],
    ['jdbc:oracle:thin:@//db:1521/service', ['tcp db:1521']],
    ['jdbc:oracle:thin:@db:1521:sid', ['tcp db:1521']],
    ['jdbc:oracle:thin:@alias', []],
    ['jdbc:sqlite:/data/shop.db', []],
    ['jdbc:postgresql:shop', []],
    ['jdbc:postgresql://db:99999/shop', []],
    ['nonsense', []],
  ])('%s', (url, expected) => expect(addresses(url)).toEqual(expected))

  test.each([
    ['https://git.example.org/shop.git', ['https git.example.org:443']],
    ['http://git.example.org:3000/shop.git', ['http git.example.org:3000']],
    ['ssh://git@git.example.org:2222/shop.git', ['tcp git.example.org:2222']],
    ['git@git.example.org:team/shop.git', ['tcp git.example.org:22']],
    ['/srv/git/shop.git', []],
    ['C:\\git\\shop.git', []],
    ['file:///srv/git/shop.git', []],
  ])('%s', (url, expected) => expect(addresses('jdbc:sqlite:x', url)).toEqual(expected))

  test('git, and the driver of the database', () => {
    expect(needs('jdbc:sqlite:x', '/x.git')).toEqual([
      { type: 'program', name: 'git' },
      { type: 'driver', database: 'sqlite' },
    ])
  })
})

test('a script needs its shell, and a delegate that lets it run', () => {
  const script = { type: 'Run', shell: 'Bash', script: ['true'], environment: {}, outputs: [] } as const
  expect(needsOf({ ...script, script: ['true'], outputs: [] })).toEqual([
    { type: 'scripts' },
    { type: 'program', name: 'bash' },
  ])
})
