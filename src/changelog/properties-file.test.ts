import { expect, test } from 'vitest'
import { parseProperties } from './properties-file.ts'

test('Java properties: separators, comments, continuation, escapes, ISO-8859-1', () => {
  const text = [
    '# comment',
    '  ! another',
    'a=two words ',
    'b =  lead',
    'c : colon',
    'd blank',
    'e=multi\\',
    '   line',
    'f=\\u00e9\\t.',
    'g',
    'i:=x',
    'j\\ k=esc\\n',
    'l=\\\\back\\',
    '',
    'm=caf\xe9',
    'n=end\\',
  ].join('\r\n')
  expect(parseProperties(Buffer.from(text, 'latin1'))).toEqual([
    ['a', 'two words '],
    ['b', 'lead'],
    ['c', 'colon'],
    ['d', 'blank'],
    ['e', 'multiline'],
    ['f', 'é\t.'],
    ['g', ''],
    ['i', '=x'],
    ['j k', 'esc\n'],
    ['l', '\\back'],
    ['m', 'café'],
    ['n', 'end'],
  ])
  expect(parseProperties(new Uint8Array())).toEqual([])
})
