import { expect, test } from 'vitest'
import { messagesOf, partAfter, partAt } from './message.ts'

const texts = (statements: readonly string[]): readonly string[] => messagesOf(statements).map(({ sql }) => sql)

test('closed statements travel together with begin and commit', () => {
  expect(texts(['create table a (i int) -- c', 'insert into h values (1)'])).toEqual([
    'BEGIN\n;\ncreate table a (i int) -- c\n;\ninsert into h values (1)\n;\nCOMMIT',
  ])
})

test('a text that cannot be counted ends its message', () => {
  expect(texts(['select 1', 'select 2; select 3', 'select 4'])).toEqual([
    'BEGIN\n;\nselect 1\n;\nselect 2; select 3',
    'select 4\n;\nCOMMIT',
  ])
  expect(texts(["select 'open"])).toEqual(["BEGIN\n;\nselect 'open", 'COMMIT'])
})

test('a very long text is not made longer', () => {
  const long = `select '${'x'.repeat(1_000_001)}'`
  expect(messagesOf([long, 'select 2']).map(({ parts }) => parts.map(({ statement }) => statement))).toEqual([
    [-1, 0],
    [1, 2],
  ])
})

test('the culprit is found by offset and by count', () => {
  const [message] = messagesOf(['select 1', 'selec 2'])
  if (message === undefined) throw new Error('no message')
  expect(partAt(message, message.sql.indexOf('selec 2') + 3)).toMatchObject({ statement: 1 })
  expect(partAfter(message, 0)).toMatchObject({ statement: -1 })
  expect(partAfter(message, 2)).toMatchObject({ statement: 1 })
  expect(partAfter(message, 3)).toMatchObject({ statement: 2 })
})
