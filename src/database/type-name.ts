// Takes a data type of a changelog apart: name, parameters, what follows. Each database has its own table of translations.

export interface TypeName {
  /** Lower case, single blanks: `varchar`, `double precision`. */
  readonly name: string
  /** As written, trimmed; empty when there are none. */
  readonly parameters: readonly string[]
  /** What stands after name and parameters, as written: `with time zone`, `unsigned`, `[]`. */
  readonly rest: string
  /** The name as written. */
  readonly written: string
}

/** `known` are names of more than one word, which otherwise count as a name and something that follows. */
export function parseTypeName(text: string, known: ReadonlySet<string>): TypeName {
  const type = text.trim().replace(/^java\.sql\.Types\./i, '')
  const match = /^([^(]*)\(([^)]*)\)(.*)$/s.exec(type)
  if (match) {
    const [, before = '', inside = '', after = ''] = match
    const written = before.trim()
    // `char(0))` is `char(0)`.
    const rest = after.trim().replace(/^\)+\s*/, '')
    return { ...named(written), parameters: splitParameters(inside), rest, written }
  }
  for (const words of wordCounts(type)) {
    const written = type.split(/\s+/).slice(0, words).join(' ')
    if (!known.has(written.toLowerCase())) continue
    return { ...named(written), parameters: [], rest: type.split(/\s+/).slice(words).join(' '), written }
  }
  return { ...named(type), parameters: [], rest: '', written: type }
}

const named = (written: string) => ({ name: written.toLowerCase().replace(/\s+/g, ' ') })

function wordCounts(type: string): readonly number[] {
  const count = type.split(/\s+/).length
  return Array.from({ length: count }, (_, index) => count - index)
}

const splitParameters = (inside: string): readonly string[] =>
  inside.trim() === '' ? [] : inside.split(',').map((parameter) => parameter.trim())

/** `(10, 2)` or nothing. */
export const parameterList = (parameters: readonly string[]): string =>
  parameters.length === 0 ? '' : `(${parameters.join(', ')})`

/** How a literal of a column of the type is written. */
export type TypeFamily = 'number' | 'boolean' | 'bit' | 'text' | 'date' | 'other'

const families: readonly (readonly [TypeFamily, RegExp])[] = [
  [
    'number',
    /^(?:tiny|small|medium|big)?int(?:eger|\d)?\b|^(?:small|big)?serial|^(?:decimal|dec|numeric|number|float|real|double|currency|money|smallmoney)/,
  ],
  ['boolean', /^bool/],
  ['bit', /^bit\b(?! varying)/],
  ['date', /^(?:date|time|timestamp|smalldatetime)/],
  ['text', /char|text|clob|string/],
]

export function familyOf(type: string | undefined): TypeFamily {
  const name = type
    ?.trim()
    .replace(/^java\.sql\.Types\./i, '')
    .toLowerCase()
  if (name === undefined || name.endsWith(']')) return 'other'
  return families.find(([, pattern]) => pattern.test(name))?.[0] ?? 'other'
}

/**
 * In the definition of a column for long texts a default that is a literal already, quotes included, stands as it is; everywhere
 * else its quotes belong to the text.
 */
export function literalDefault(text: string, type: string): string | undefined {
  const name = type.trim().replace(/^java\.sql\.Types\./i, '')
  return /^n?(?:tiny|medium|long)?(?:text|clob)\b/i.test(name) && /^'(?:[^']|'')*'$/.test(text) ? text : undefined
}
