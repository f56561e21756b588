// How values of the store come into the program, alike for both stores: the two drivers disagree on most types by default.
// bigint and numeric stay text, jsonb is parsed, timestamptz is a Date, bytea a plain Uint8Array, `timestamp` stays text.

/** A text parser by type oid. Types that are not listed stay text. */
export const valueParsers: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => text === 't' || text === 'true',
  17: readBytes,
  20: asText,
  21: Number,
  23: Number,
  26: Number,
  114: JSON.parse,
  700: Number,
  701: Number,
  // Forbidden in our tables: the drivers read them in different zones. Text is the same everywhere.
  1082: asText,
  1114: asText,
  1184: readTimestamp,
  1186: asText,
  1700: asText,
  3802: JSON.parse,
}

function readBytes(text: string): Uint8Array {
  const bytes = Buffer.from(text.slice(2), 'hex')
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

export function asText(text: string): string {
  return text
}

/** `2026-11-20 10:15:30.123456+00`, in whatever zone the session writes. Microseconds are cut to milliseconds. */
function readTimestamp(text: string): Date {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d)(?::?(\d\d))?/.exec(text)
  if (match === null) throw new Error(`The store gave a timestamp that cannot be read: ${text}`)
  return new Date(`${match[1]}T${match[2]}${match[3]}:${match[4] ?? '00'}`)
}
