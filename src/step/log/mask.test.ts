import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { secretForms } from './encoding.ts'
import { createMasking, maskText } from './mask.ts'

/** Cuts a text at the given places, so that every border is tried. */
function chunks(text: string, cuts: readonly number[]): string[] {
  const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].toSorted((a, b) => a - b)
  return [0, ...places].map((place, index) => text.slice(place, places[index] ?? text.length))
}
function streamed(secrets: readonly string[], parts: readonly string[]): string {
  const masker = createMasking(secrets).stream()
  return parts.map((part) => masker.push(part)).join('') + masker.end()
}

const secret = fc
  .string({ minLength: 4, maxLength: 24 })
  .filter((text) => !text.includes('*') && text.trim().length >= 4)
const cuts = fc.array(fc.nat(400), { maxLength: 12 })

describe('masking', () => {
  test('no form of a secret survives, wherever the chunks are cut', () => {
    fc.assert(
      fc.property(
        fc.array(secret, { minLength: 1, maxLength: 3 }),
        fc.array(fc.nat(60)),
        fc.string(),
        cuts,
        (secrets, picks, noise, at) => {
          const forms = [...secretForms(secrets)]
          const text = picks.map((pick) => noise + (forms[pick % forms.length] ?? '')).join('')
          const masked = streamed(secrets, chunks(text, at))
          for (const form of forms) if (!form.includes('*')) expect(masked.includes(form)).toBe(false)
        },
      ),
      { numRuns: 100 },
    )
  })

  test('where the chunks are cut changes nothing', () => {
    const few = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 4, maxLength: 6 })
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 60 })
    fc.assert(
      fc.property(fc.array(few, { minLength: 1, maxLength: 4 }), text, cuts, (secrets, whole, at) => {
        expect(streamed(secrets, chunks(whole, at))).toBe(createMasking(secrets).text(whole))
      }),
      { numRuns: 500 },
    )
  })

  test('text without secrets comes out as it went in', () => {
    fc.assert(
      fc.property(fc.string(), cuts, (text, at) => {
        expect(streamed(['\u{1f511}never-there'], chunks(text, at))).toBe(text)
      }),
    )
  })

  test.each([
    ['raw', (s: string) => s],
    ['percent-encoded', encodeURIComponent],
    ['percent-encoded in lower case', (s: string) => encodeURIComponent(s).replace(/%../g, (c) => c.toLowerCase())],
    ['a form field', (s: string) => new URLSearchParams({ p: s }).toString()],
    ['JSON', (s: string) => JSON.stringify({ p: s })],
    ['an SQL literal', (s: string) => `'${s.replaceAll("'", "''")}'`],
    ['a shell word', (s: string) => `'${s.replaceAll("'", String.raw`'\''`)}'`],
    ['base64 alone', (s: string) => Buffer.from(s).toString('base64')],
    ['base64 after one byte', (s: string) => Buffer.from(`u${s}:x`).toString('base64')],
    ['base64 after two bytes', (s: string) => Buffer.from(`u:${s}x`).toString('base64')],
    ['base64 after three bytes', (s: string) => Buffer.from(`us:${s}xyz`).toString('base64')],
    ['base64 for URLs', (s: string) => Buffer.from(`u:${s}`).toString('base64url')],
    ['hexadecimal', (s: string) => Buffer.from(s).toString('hex')],
  ])('finds a secret as %s', (_, write) => {
    const value = `p"ä'?>>\\&ss w/rd~~`
    const text = createMasking([value]).text(`<${write(value)}>`)
    expect(text).toContain(maskText)
    for (const form of secretForms([value])) expect(text).not.toContain(form)
  })

  test('each line of a secret of several lines is one', () => {
    const key = '-----BEGIN KEY-----\nabcdefgh\r\nijklmnop\n-----END KEY-----'
    const masked = createMasking([key]).text('first ijklmnop, then abcdefgh')
    expect(masked).toBe(`first ${maskText}, then ${maskText}`)
  })

  test('a line is not held back when it does not end like a secret begins', () => {
    const masker = createMasking(['password-of-shop']).stream()
    expect(masker.push('connected\n')).toBe('connected\n')
    expect(masker.push('pass')).toBe('')
    expect(masker.push('ed\n')).toBe('passed\n')
  })

  test('strings inside a value are masked, short values are left alone', () => {
    const masking = createMasking(['hunter22', 'abc'])
    expect(masking.value({ sql: ['select hunter22', 'abc'], n: 1, none: null })).toEqual({
      sql: [`select ${maskText}`, 'abc'],
      n: 1,
      none: null,
    })
  })
})

describe('what a secret looks like elsewhere', () => {
  const value = `p"ä'?>>\\&ss w/rd~~ $x`
  test.each([
    ['JSON in JSON', (s: string) => JSON.stringify({ line: JSON.stringify({ p: s }) })],
    ['JSON with escaped slashes', (s: string) => JSON.stringify(s).replaceAll('/', '\\/')],
    ['JSON in ASCII, upper case', (s: string) => JSON.stringify(s).replace('ä', '\\u00E4')],
    ['percent-encoded twice', (s: string) => encodeURIComponent(encodeURIComponent(s))],
    ['an SQL literal of MySQL', (s: string) => `'${s.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`],
    ['a quoted name', (s: string) => `"${s.replaceAll('"', '""')}"`],
    ['a word in double quotes of a shell', (s: string) => `"${s.replace(/["$`\\]/g, '\\$&')}"`],
    [
      'XML with an apostrophe as a number',
      (s: string) =>
        s.replaceAll('&', '&amp;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;'),
    ],
    [
      'bytes of Node',
      (s: string) =>
        `<Buffer ${Buffer.from(s)
          .toString('hex')
          .replace(/..(?!$)/g, '$& ')}>`,
    ],
    ['bytes with backslashes', (s: string) => Buffer.from(s).toString('hex').replace(/../g, '\\x$&')],
  ])('%s', (_, write) => {
    const text = createMasking([value]).text(`<<${write(value)}>>`)
    expect(text).toContain(maskText)
    expect(text).not.toContain('ss w')
    expect(text.length).toBeLessThan(40)
  })

  test('bytes of a file: base64 in lines, alone and in the middle of something, and hexadecimal', () => {
    const bytes = new Uint8Array(Array.from({ length: 420 }, (_, index) => (index * 37) % 256))
    const masking = createMasking([bytes])
    const base64 = Buffer.from(bytes).toString('base64')
    const inLines = (base64.match(/.{1,76}/g) ?? []).join('\n')
    expect(masking.text(inLines)).toMatch(/^(\*{6}=*\n?)+$/)
    expect(masking.text(base64)).toMatch(/^\*{6}=*$/)
    const middle = masking.text(Buffer.concat([Buffer.from('u'), bytes, Buffer.from('x')]).toString('base64'))
    expect(middle).toContain(maskText)
    expect(middle.length).toBeLessThan(20)
    expect(masking.text(Buffer.from(bytes).toString('hex'))).toBe(maskText)
  })

  test('a large file is masked as a whole and line by line', () => {
    const line = (index: number) => `line ${index} of a private file`
    const text = Array.from({ length: 1500 }, (_, index) => line(index)).join('\n')
    const masking = createMasking([Buffer.from(text)])
    expect(masking.text(text)).toBe(maskText)
    expect(masking.text(`seen: ${line(1234)}!`)).toBe(`seen: ${maskText}!`)
    expect(masking.text(Buffer.from(text).toString('base64'))).toMatch(/^\*{6}=*$/)
  })
})
