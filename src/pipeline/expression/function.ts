// What can be called in an expression: methods of texts and lists under their Java names, and the functions of `json` and `regex`.
import type { RE2JS } from 're2js'
import { compilePattern } from './pattern.ts'
import { asText } from './value.ts'

/** What it gives, or why it cannot. */
export type Called = { readonly value: unknown } | { readonly problem: string }
type Method = (self: unknown, given: readonly unknown[]) => Called

const LONGEST = 262_144
const value = (found: unknown): Called => ({ value: found })
const text = (given: unknown): string => asText(given ?? '')

const onText =
  (run: (self: string, ...given: string[]) => unknown): Method =>
  (self, given) =>
    value(run(text(self), ...given.map(text)))

/** Name → how many values it takes (least, most), and what it does. */
interface Definition {
  readonly least: number
  readonly most: number
  readonly run: Method
}
const define = (least: number, most: number, run: Method): Definition => ({ least, most, run })

function whole(given: unknown): number | undefined {
  const number = typeof given === 'number' ? given : Number(text(given).trim() || 'x')
  return Number.isInteger(number) ? number : undefined
}

function cut(self: unknown, [from, to]: readonly unknown[]): Called {
  const source = text(self)
  const start = whole(from)
  const end = to === undefined ? source.length : whole(to)
  if (start === undefined || end === undefined || start < 0 || end > source.length || start > end)
    return { problem: `substring(${text(from)}${to === undefined ? '' : `, ${text(to)}`}) is outside of the text` }
  return value(source.slice(start, end))
}

function size(self: unknown): Called {
  if (Array.isArray(self)) return value(self.length)
  if (typeof self === 'object' && self !== null) return value(Object.keys(self).length)
  return value(text(self).length)
}

function contains(self: unknown, [wanted]: readonly unknown[]): Called {
  if (Array.isArray(self)) return value(self.some((item) => text(item) === text(wanted)))
  return value(text(self).includes(text(wanted)))
}

function withPattern(written: unknown, run: (pattern: RE2JS) => unknown): Called {
  const compiled = compilePattern(text(written))
  return 'problem' in compiled ? compiled : value(run(compiled.pattern))
}

const replaceAll: Method = (self, [pattern, replacement]) =>
  withPattern(pattern, (compiled) => compiled.matcher(text(self)).replaceAll(text(replacement)))

const matches: Method = (self, [pattern]) => withPattern(pattern, (compiled) => compiled.matches(text(self)))

/** The first group of the first match, or the whole match when it has none; null without a match. */
function extract(pattern: unknown, subject: unknown): Called {
  return withPattern(pattern, (compiled) => {
    const matcher = compiled.matcher(text(subject))
    return matcher.find() ? matcher.group(matcher.groupCount() > 0 ? 1 : 0) : null
  })
}

const methods: ReadonlyMap<string, Definition> = new Map([
  [
    'toLowerCase',
    define(
      0,
      0,
      onText((self) => self.toLowerCase()),
    ),
  ],
  [
    'toUpperCase',
    define(
      0,
      0,
      onText((self) => self.toUpperCase()),
    ),
  ],
  [
    'trim',
    define(
      0,
      0,
      onText((self) => self.trim()),
    ),
  ],
  [
    'toString',
    define(
      0,
      0,
      onText((self) => self),
    ),
  ],
  [
    'startsWith',
    define(
      1,
      1,
      onText((self, wanted = '') => self.startsWith(wanted)),
    ),
  ],
  [
    'endsWith',
    define(
      1,
      1,
      onText((self, wanted = '') => self.endsWith(wanted)),
    ),
  ],
  [
    'equals',
    define(
      1,
      1,
      onText((self, wanted = '') => self === wanted),
    ),
  ],
  [
    'equalsIgnoreCase',
    define(
      1,
      1,
      onText((self, wanted = '') => self.toLowerCase() === wanted.toLowerCase()),
    ),
  ],
  [
    'replace',
    define(
      2,
      2,
      onText((self, from = '', to = '') => self.replaceAll(from, () => to)),
    ),
  ],
  ['replaceAll', define(2, 2, replaceAll)],
  ['matches', define(1, 1, matches)],
  ['substring', define(1, 2, cut)],
  [
    'split',
    define(
      1,
      1,
      onText((self, separator = ',') => self.split(separator)),
    ),
  ],
  [
    'concat',
    define(
      1,
      1,
      onText((self, other = '') => self + other),
    ),
  ],
  [
    'indexOf',
    define(
      1,
      1,
      onText((self, wanted = '') => self.indexOf(wanted)),
    ),
  ],
  [
    'lastIndexOf',
    define(
      1,
      1,
      onText((self, wanted = '') => self.lastIndexOf(wanted)),
    ),
  ],
  ['contains', define(1, 1, contains)],
  ['length', define(0, 0, size)],
  ['size', define(0, 0, size)],
  ['isEmpty', define(0, 0, (self) => value(isEmpty(self)))],
  [
    'join',
    define(1, 1, (self, [separator]) =>
      Array.isArray(self) ? value(self.map(text).join(text(separator))) : { problem: 'only a list can be joined' },
    ),
  ],
  [
    'get',
    define(1, 1, (self, [key]) => {
      if (Array.isArray(self)) return value((self as unknown[])[whole(key) ?? -1])
      return value(ownField(self, text(key)))
    }),
  ],
])

function parsed(source: unknown): Called {
  if (typeof source === 'object') return value(source)
  try {
    return value(JSON.parse(text(source)))
  } catch {
    return { problem: 'the text is no JSON' }
  }
}

/** `$.a.b[0]["c"]`, the part of JSONPath that names one place. */
function select(path: unknown, source: unknown): Called {
  const found = parsed(source)
  if ('problem' in found) return found
  const written = text(path).replace(/^\$\.?/, '')
  let at = found.value
  for (const [, name, index, quoted] of written.matchAll(/([\w$-]+)|\[(\d+)\]|\[["']([^"']*)["']\]/g))
    at = index === undefined ? ownField(at, name ?? quoted ?? '') : Array.isArray(at) ? at[Number(index)] : undefined
  return value(at ?? null)
}

const functions: ReadonlyMap<string, Definition> = new Map([
  ['json.select', define(2, 2, (_self, [path, source]) => select(path, source))],
  ['json.object', define(1, 1, (_self, [source]) => parsed(source))],
  ['json.list', define(2, 2, (_self, [path, source]) => select(path, source))],
  ['json.format', define(1, 1, (_self, [source]) => value(JSON.stringify(source ?? null)))],
  ['regex.extract', define(2, 2, (_self, [pattern, subject]) => extract(pattern, subject))],
  ['regex.match', define(2, 2, (_self, [pattern, subject]) => matches(subject, [pattern]))],
  [
    'regex.replace',
    define(3, 3, (_self, [pattern, replacement, subject]) => replaceAll(subject, [pattern, replacement])),
  ],
  ['size', define(1, 1, (_self, [source]) => size(source))],
])

/** A field that the value holds itself; nothing that it inherits. */
export function ownField(of: unknown, name: string): unknown {
  if (typeof of !== 'object' || of === null || !Object.hasOwn(of, name)) return undefined
  return (of as Readonly<Record<string, unknown>>)[name]
}

export function isEmpty(found: unknown): boolean {
  if (found === null || found === undefined || found === '') return true
  if (Array.isArray(found)) return found.length === 0
  return typeof found === 'object' && Object.keys(found).length === 0
}

/** Namespaces are no values: `json.select(…)` is not a method of something called json. */
export const namespaces: ReadonlySet<string> = new Set(['json', 'regex'])
export const methodNames: readonly string[] = [...methods.keys()]
export const functionNames: readonly string[] = [...functions.keys()]

/** Is there such a method or function, and does it take so many values? The problem, if not. */
export function problemOfCall(kind: 'method' | 'function', name: string, given: number): string | undefined {
  const found = (kind === 'method' ? methods : functions).get(name)
  if (!found) return `there is no ${kind} \`${name.slice(0, 128)}\``
  const { least, most } = found
  if (given >= least && given <= most) return undefined
  return `\`${name}\` takes ${least === most ? least : `${least} to ${most}`} values, not ${given}`
}

export function callMethod(name: string, self: unknown, given: readonly unknown[]): Called {
  return checked(methods.get(name), self, given)
}

export function callFunction(name: string, given: readonly unknown[]): Called {
  return checked(functions.get(name), undefined, given)
}

function checked(definition: Definition | undefined, self: unknown, given: readonly unknown[]): Called {
  if (!definition) return { problem: 'it is not known' }
  const called = definition.run(self, given)
  const large = 'value' in called && typeof called.value === 'string' && called.value.length > LONGEST
  return large ? { problem: 'its value is longer than 256 KiB' } : called
}
