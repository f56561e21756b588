// Every form in which a secret may turn up in a log: as it is, escaped for some language, hexadecimal, and base64 at any alignment.

/** Shorter values would blank out ordinary text; they are not masked. In UTF-16 code units. */
export const shortestMasked = 4
/** Longer values (files) are looked for in the forms that files are shown in, not in every escaping. In UTF-16 code units. */
export const longestInEveryForm = 16_384

/** A text, or the bytes of a file. */
export type Secret = string | Uint8Array

/**
 * base64 of `bytes` as it looks in the middle of a longer value, when `offset` bytes (0, 1 or 2, modulo 3) stand before it:
 * only the characters that depend on nothing but `bytes`.
 */
function base64At(bytes: Buffer, offset: 0 | 1 | 2): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
  const first = [0, 2, 3][offset]
  return text.slice(first, Math.floor(((offset + bytes.length) * 8) / 6))
}

const urlSafe = (base64: string): string => base64.replaceAll('+', '-').replaceAll('/', '_')
const lowerHexadecimal = (url: string): string => url.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())
const json = (text: string): string => JSON.stringify(text).slice(1, -1)
const unicode = (text: string): string =>
  text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
const upperUnicode = (text: string): string =>
  text.replace(/\\u[0-9a-f]{4}/g, (code) => `\\u${code.slice(2).toUpperCase()}`)
const xml = (text: string, apostrophe: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", apostrophe)
/** Also what `encodeURIComponent` leaves alone, as RFC 3986 has it. */
const strictUrl = (url: string): string =>
  url.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
const withBackslash = (text: string, signs: RegExp): string => text.replace(signs, String.raw`\$&`)

/** base64 as mail and PEM break it: each full line of 64 or 76 characters counts by itself, and so does the rest. */
function base64Lines(bytes: Buffer): string[] {
  const text = bytes.toString('base64').replaceAll('=', '')
  const lines = (width: number): string[] =>
    text.length <= width ? [] : (text.match(new RegExp(`.{1,${width}}`, 'g')) ?? [])
  return [...lines(64), ...lines(76)].filter((line) => line.length >= 8)
}

function encodedForms(bytes: Buffer): string[] {
  const base64 = [
    bytes.toString('base64').replaceAll('=', ''),
    ...([0, 1, 2] as const).map((at) => base64At(bytes, at)),
  ]
  const pairs = bytes.toString('hex').match(/../g) ?? []
  return [
    ...base64,
    ...base64.map(urlSafe),
    ...base64Lines(bytes),
    pairs.join(''),
    pairs.join('').toUpperCase(),
    // As Node shows a buffer, and as C, shells and databases write bytes.
    pairs.join(' '),
    pairs.join(':'),
    pairs.map((pair) => `\\x${pair}`).join(''),
  ]
}

function escapedForms(text: string): string[] {
  const url = encodeURIComponent(text)
  const form = new URLSearchParams([['', text]]).toString().slice(1)
  const inJson = json(text)
  return [
    text,
    inJson,
    // JSON inside JSON, as in a message of a log that is itself JSON
    json(inJson),
    inJson.replaceAll('/', String.raw`\/`),
    unicode(inJson),
    upperUnicode(unicode(inJson)),
    url,
    lowerHexadecimal(url),
    strictUrl(url),
    encodeURI(text),
    // percent-encoded twice: an address in the query of another
    encodeURIComponent(url),
    form,
    lowerHexadecimal(form),
    // 'it'\''s' and "\$it" in a shell, 'it''s' and 'it\'s' in SQL, "a""b" in CSV and names
    text.replaceAll("'", String.raw`'\''`),
    withBackslash(text, /["$`\\]/g),
    withBackslash(text, /[^\w@%+=:,./-]/g),
    text.replaceAll("'", "''"),
    withBackslash(text, /['\\]/g),
    withBackslash(text, /['"\\]/g).replaceAll('\n', String.raw`\n`),
    text.replaceAll('"', '""'),
    xml(text, "'"),
    xml(text, '&#39;'),
    xml(text, '&apos;'),
    xml(text, '&#x27;'),
  ]
}

/** The text of bytes; undefined when they are none. */
function textOf(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function formsOf(secret: Secret): string[] {
  const bytes = typeof secret === 'string' ? Buffer.from(secret, 'utf8') : Buffer.from(secret)
  // Through bytes, so that lone halves of surrogate pairs, which a log cannot hold and encodeURIComponent refuses, are gone.
  const text = textOf(bytes)
  if (text === undefined) return encodedForms(bytes)
  if (text.length > longestInEveryForm)
    return [text, json(text), ...text.split(/\r?\n/).map((line) => line.trim()), ...encodedForms(bytes)]
  // The lines of a value of several lines count by themselves, because logs are read line by line.
  const parts = new Set([text, ...text.split(/\r?\n/).map((line) => line.trim())])
  return [...parts]
    .filter(isLong)
    .flatMap((part) => [...escapedForms(part), ...encodedForms(Buffer.from(part, 'utf8'))])
}

const isLong = (text: string): boolean => text.length >= shortestMasked

/** All texts to look for. */
export function secretForms(secrets: Iterable<Secret>): ReadonlySet<string> {
  const long = [...new Set(secrets)].filter((secret) => secret.length >= shortestMasked)
  return new Set(long.flatMap(formsOf).filter(isLong))
}
