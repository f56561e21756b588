// A whole transaction in one message: what is done is done together, and of a failure it is known which statement it was.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTarget, sayWhatIsMissing, serverUrl, type Target } from './target.ts'

beforeAll(() => sayWhatIsMissing('transactions in one message'))

const targets = ['pglite', ...(serverUrl === undefined ? [] : (['postgresql'] as const))] as const

describe.each(targets)('a transaction in one message on %s', (name) => {
  let target: Target
  beforeAll(async () => {
    target = await openTarget(name)
  })
  afterAll(async () => await target.remove())

  const transaction = async (...statements: readonly string[]) => {
    const { session } = target.database
    if (session.transaction === undefined) throw new Error(`${name} has none`)
    return await session.transaction(statements)
  }
  const exists = async (table: string): Promise<boolean> => await target.database.inspect.table(undefined, table)

  test('is committed, with the rows that each statement touched', async () => {
    const outcome = await transaction(
      'create table a (i int) -- a comment at the end',
      'insert into a values (1), (2), (3)',
      'select * from a',
      'update a set i = i + 1 where i > 1; delete from a where i = 1',
      'do $$ begin perform 1; end $$',
    )
    expect(outcome).toEqual({ rowsAffected: [0, 3, 0, 3, 0] })
    // It is over: another session would see it, and this one can begin anew.
    await target.database.session.begin()
    expect((await target.database.session.execute('select i from a order by i')).rows).toEqual([{ i: 3 }, { i: 4 }])
    await target.database.session.rollback()
  })

  test.each([
    ['without a place', ['create table b (i int)', 'select 1/0', 'select 1'], 1, '22012', undefined],
    ['with a place', ['create table b (i int)', 'select 1', "select '😀', nme from b"], 2, '42703', 13],
    ['in the syntax of a later one', ['create table b (i int)', 'select 1', 'selec 2'], 2, '42601', 0],
    [
      'after one that cannot be counted',
      ['create table b (i int); select 1', 'select 1', 'select 1/0'],
      2,
      '22012',
      undefined,
    ],
    [
      'in one that cannot be counted',
      ['create table b (i int)', 'select 1; select 1/0', 'select 1'],
      1,
      '22012',
      undefined,
    ],
    ['in an open quote', ['create table b (i int)', "insert into b values ('", "1') --"], 1, '42601', 22],
    ['of a comment alone before it', ['create table b (i int)', '-- nothing', 'select 1/0'], 2, '22012', undefined],
    ['in the first', ['select 1/0', 'create table b (i int)'], 0, '22012', undefined],
  ] as const)('a failure %s is told exactly, and nothing is left', async (_, statements, statement, code, position) => {
    const { failure } = await transaction(...statements)
    expect(failure?.statement).toBe(statement)
    expect(failure?.fault).toMatchObject({ code: 'statement-failed', databaseCode: code })
    expect(failure?.fault.position).toBe(position)
    expect(await exists('b')).toBe(false)
    expect((await transaction('select 1')).failure).toBeUndefined()
  })

  test('a commit that is refused is told as such', async () => {
    await transaction(
      'create table parent (i int primary key)',
      'create table child (i int references parent deferrable initially deferred)',
    )
    const { failure } = await transaction('insert into child values (1)')
    expect(failure?.statement).toBe(1)
    expect(failure?.fault).toMatchObject({ code: 'statement-failed', databaseCode: '23503' })
    expect((await target.database.session.execute('select * from child')).rows).toEqual([])
  })

  if (name !== 'postgresql') return
  test('a server that ends the session says at which statement; a line that breaks at the commit leaves it open', async () => {
    const lost = await target.another()
    const { failure } =
      (await lost.session.transaction?.(['select 1', 'select pg_terminate_backend(pg_backend_pid())'])) ?? {}
    expect(failure).toMatchObject({ statement: 1, fault: { code: 'database-lost', databaseCode: '57P01' } })
    const dead = await lost.session.transaction?.(['select 1']).catch((error: unknown) => error)
    expect(dead).toMatchObject({ code: 'database-lost' })
  })
})
