// From the bytes of a changelog file to its text: byte order marks, the encoding an XML declaration names, bad bytes.
import { doubt, problem, type Report } from './finding.ts'
import { positionsOf } from './position.ts'

export interface DecodeOptions {
  readonly file: string
  /** XML may declare its encoding. Bad bytes are an error, except in SQL, where the original engine reads on. */
  readonly format: 'xml' | 'yaml' | 'json' | 'sql'
  /** The encoding of files that do not say theirs; XML without a declaration is UTF-8. Default UTF-8. */
  readonly otherwise?: string
}

/** Undefined when the encoding is not known; that is reported. Bad bytes become U+FFFD. */
export function decode(bytes: Uint8Array, options: DecodeOptions, report: Report): string | undefined {
  const { file } = options
  const assumed = options.format === 'xml' ? declared(bytes) : options.otherwise?.toLowerCase()
  const encoding = marked(bytes) ?? assumed ?? 'utf-8'
  const text = decodeAs(bytes, encoding)
  if (text === undefined) {
    const fix = 'Save the file as UTF-8.'
    report(
      problem('encoding', `The encoding ${JSON.stringify(encoding)} is not known.`, { file, line: 1, column: 1 }, fix),
    )
    return undefined
  }
  const bad = encoding === 'utf-8' ? firstBadCharacter(bytes, text) : undefined
  if (bad !== undefined) {
    const make = options.format === 'sql' ? doubt : problem
    const message = 'The file holds bytes that are not UTF-8.'
    report(make('encoding', message, positionsOf(file, text).span(bad, bad + 1), 'Save the file as UTF-8.'))
  }
  return text
}

function marked(bytes: Uint8Array): string | undefined {
  const [first, second, third, fourth] = bytes
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8'
  if (first === 0xff && second === 0xfe) return third === 0 && fourth === 0 ? 'utf-32le' : 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  if (first === 0 && second === 0 && third === 0xfe && fourth === 0xff) return 'utf-32be'
  return undefined
}

function declared(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 200)).toString('latin1')
  return /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']/.exec(head)?.[1]?.toLowerCase()
}

function decodeAs(bytes: Uint8Array, encoding: string): string | undefined {
  // The platform takes ISO-8859-1 for windows-1252, which differs at 0x80 to 0x9F.
  if (encoding === 'iso-8859-1' || encoding === 'latin1') return Buffer.from(bytes).toString('latin1')
  try {
    return new TextDecoder(encoding).decode(bytes)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Offset of the first character that was not in the file but stands for bad bytes. */
function firstBadCharacter(bytes: Uint8Array, text: string): number | undefined {
  const offset = text.indexOf('\uFFFD')
  if (offset < 0) return undefined
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return undefined
  } catch {
    // The file may also hold a real U+FFFD before the bad bytes; that place is near enough.
    return offset
  }
}
