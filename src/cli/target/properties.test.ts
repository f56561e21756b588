import { expect, test } from 'vitest'
import { parseProperties } from './properties.ts'

test('reads the syntax of Java property files', () => {
  const text = [
    '# comment',
    '! another',
    'url=jdbc:postgresql://h/x?a=b',
    'username : me',
    'spaced value with blanks',
    'key\\ with\\=signs = v',
    'long = one \\',
    '      two',
    'unicode=\\u00e4\\t!',
    'empty=',
    'windows\\:path = c:\\\\dir',
    'url = second wins',
  ].join('\r\n')
  expect(Object.fromEntries(parseProperties(text))).toEqual({
    url: 'second wins',
    username: 'me',
    spaced: 'value with blanks',
    'key with=signs': 'v',
    long: 'one two',
    unicode: 'ä\t!',
    empty: '',
    'windows:path': 'c:\\dir',
  })
})
