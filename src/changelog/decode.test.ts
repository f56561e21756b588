import { describe, expect, test } from 'vitest'
import type { Diagnostic } from '#contract/diagnostic'
import { decode } from './decode.ts'

function decoded(bytes: Uint8Array, format: 'xml' | 'yaml' | 'sql' = 'yaml') {
  const findings: Diagnostic[] = []
  const text = decode(bytes, { file: 'f', format }, (finding) => findings.push(finding))
  return { text, findings }
}

describe('decode', () => {
  test.each([
    ['UTF-8', Buffer.from('é')],
    ['UTF-8 with a mark', Buffer.from('\uFEFFé')],
    ['UTF-16 LE', Buffer.from('\uFEFFé', 'utf16le')],
    ['UTF-16 BE', Buffer.from('\uFEFFé', 'utf16le').swap16()],
  ])('%s', (_, bytes) => {
    expect(decoded(bytes)).toEqual({ text: 'é', findings: [] })
  })

  test('an XML declaration names the encoding, other formats have none', () => {
    const bytes = Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>é\x85</a>', 'latin1')
    expect(decoded(bytes, 'xml').text).toContain('<a>é\x85</a>')
    expect(decoded(bytes, 'yaml').findings).toMatchObject([{ code: 'changelog/encoding', severity: 'error' }])
  })

  test('bad bytes are pointed at; SQL is read on', () => {
    const bytes = Buffer.from('one\ncaf\xe9 x', 'latin1')
    expect(decoded(bytes, 'sql')).toEqual({
      text: 'one\ncaf\uFFFD x',
      findings: [
        expect.objectContaining({ severity: 'warning', span: expect.objectContaining({ line: 2, column: 4 }) }),
      ],
    })
    expect(decoded(Buffer.from('real \uFFFD'), 'yaml').findings).toEqual([])
  })

  test('an encoding that nobody knows', () => {
    const { text, findings } = decoded(Buffer.from('<?xml version="1.0" encoding="EBCDIC-?"?>'), 'xml')
    expect(text).toBeUndefined()
    expect(findings[0]?.message).toContain('ebcdic-?')
  })
})
