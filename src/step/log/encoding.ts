// Every form in which a secret may turn up in a log: as it is, escaped for some language, and base64 at any alignment.

/** Shorter values would blank out ordinary text; they are not masked. In UTF-16 code units. */
export const shortestMasked = 4

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
const asciiJson = (text: string): string =>
  json(text).replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
const xml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

function formsOf(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8')
  // Without lone halves of surrogate pairs, which a log cannot hold and encodeURIComponent refuses.
  const wellFormed = bytes.toString('utf8')
  const url = encodeURIComponent(wellFormed)
  const form = new URLSearchParams([['', wellFormed]]).toString().slice(1)
  const base64 = [
    bytes.toString('base64').replaceAll('=', ''),
    ...([0, 1, 2] as const).map((at) => base64At(bytes, at)),
  ]
  return [
    wellFormed,
    json(wellFormed),
    asciiJson(wellFormed),
    url,
    lowerHexadecimal(url),
    encodeURI(wellFormed),
    form,
    lowerHexadecimal(form),
    // 'it'\''s' in a shell, 'it''s' in SQL
    wellFormed.replaceAll("'", String.raw`'\''`),
    wellFormed.replaceAll("'", "''"),
    xml(wellFormed),
    ...base64,
    ...base64.map(urlSafe),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
  ]
}

/** All texts to look for. The lines of a value of several lines count by themselves, because logs are read line by line. */
export function secretForms(secrets: Iterable<string>): ReadonlySet<string> {
  const values = [...secrets].flatMap((secret) => [secret, ...secret.split(/\r?\n/).map((line) => line.trim())])
  const long = [...new Set(values)].filter((value) => value.length >= shortestMasked)
  return new Set(long.flatMap(formsOf).filter((form) => form.length >= shortestMasked))
}
