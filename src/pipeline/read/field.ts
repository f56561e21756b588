// Reads the fields of one mapping: which are known, which are refused and why, and the value of each in the type it must have.
import { isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml'
import { parseDuration } from '../duration.ts'
import { nearest } from '#contract/spelling'
import type { Report } from './report.ts'

export interface FieldRules {
  /** What is being read, for messages: `step apply`. */
  readonly what: string
  readonly known: readonly string[]
  /** Accepted, and without effect: decided by whoever runs the delegate. */
  readonly unused?: readonly string[]
  /** Known in the compatible product and not offered here: name → what to do instead. Empty values are let pass. */
  readonly refused?: Readonly<Record<string, string>>
}

export interface Fields {
  readonly node: YAMLMap
  readonly what: string
  readonly values: ReadonlyMap<string, Node>
}

/** Checks the names. Undefined when the node is no mapping (which was reported). */
export function readFields(report: Report, node: Node | undefined, rules: FieldRules): Fields | undefined {
  if (!isMap(node)) {
    if (node) wrongType(report, node, rules.what, 'a mapping')
    return undefined
  }
  const values = new Map<string, Node>()
  const seen = new Set<string>()
  for (const pair of node.items) {
    const key = pair.key as Node
    const name = isScalar(key) ? String(key.value) : undefined
    const value = (pair.value ?? undefined) as Node | undefined
    if (name !== undefined && seen.size === seen.add(name).size)
      report.error(key, 'yaml', `\`${name.slice(0, 128)}\` stands twice in ${rules.what}.`, 'Remove one of them.')
    if (name === undefined) report.error(key, 'wrong-type', `A field name of ${rules.what} is not a plain text.`)
    else if (value !== undefined && !isNull(value)) checkName(report, rules, name, key, value, values)
    else if (!known(rules).includes(name)) unknownField(report, rules, name, key)
  }
  return { node, what: rules.what, values }
}

function checkName(
  report: Report,
  rules: FieldRules,
  name: string,
  key: Node,
  value: Node,
  values: Map<string, Node>,
): void {
  const instead = rules.refused && Object.hasOwn(rules.refused, name) ? rules.refused[name] : undefined
  if (instead !== undefined) {
    if (!isEmpty(value)) report.error(key, 'not-offered', `\`${name}\` of ${rules.what} is not offered yet.`, instead)
  } else if (rules.unused?.includes(name)) {
    if (!isEmpty(value))
      report.info(
        key,
        'not-used',
        `\`${name}\` of ${rules.what} is kept, but has no effect: who runs the delegate decides that.`,
      )
  } else if (rules.known.includes(name)) values.set(name, value)
  else unknownField(report, rules, name, key)
}

const known = (rules: FieldRules): readonly string[] => [
  ...rules.known,
  ...(rules.unused ?? []),
  ...Object.keys(rules.refused ?? {}),
]

function unknownField(report: Report, rules: FieldRules, name: string, key: Node): void {
  const near = nearest(name, known(rules))
  const fix = near ? `Did you mean \`${near}\`?` : `Known are ${rules.known.join(', ')}.`
  report.error(key, 'unknown-field', `\`${name.slice(0, 128)}\` is not a field of ${rules.what}.`, fix)
}

export const isNull = (node: Node): boolean => isScalar(node) && node.value === null
function isEmpty(node: Node): boolean {
  if (isMap(node) || isSeq(node)) return node.items.length === 0
  return isScalar(node) && (node.value === null || node.value === '' || node.value === false)
}

/** Runtime inputs are reported once for the whole document, so their types are no second finding. */
const isRuntimeInput = (node: Node): boolean =>
  isScalar(node) && typeof node.value === 'string' && node.value.trimStart().startsWith('<+input>')

export function wrongType(report: Report, node: Node, what: string, wanted: string): void {
  if (!isRuntimeInput(node)) report.error(node, 'wrong-type', `${capital(what)} must be ${wanted}.`)
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
const named = (fields: Fields, name: string): string => `\`${name}\` of ${fields.what}`

export function missing(report: Report, fields: Fields, name: string): void {
  report.error(fields.node, 'missing-field', `${capital(fields.what)} has no \`${name}\`.`, `Add \`${name}\`.`)
}

/** A text; numbers and booleans are taken as they are written. */
export function readText(
  report: Report,
  fields: Fields,
  name: string,
  rule: { readonly required?: true; readonly most?: number } = {},
): string | undefined {
  const node = fields.values.get(name)
  if (!node) {
    if (rule.required) missing(report, fields, name)
    return undefined
  }
  const text = scalarText(node)
  if (text === undefined) {
    wrongType(report, node, named(fields, name), 'a text')
    return undefined
  }
  const most = rule.most ?? 4096
  if (text.length > most) report.error(node, 'too-long', `${named(fields, name)} has more than ${most} characters.`)
  if (text === '' && rule.required) missing(report, fields, name)
  return text === '' && rule.required ? undefined : text
}

export function scalarText(node: Node): string | undefined {
  if (!isScalar(node)) return undefined
  const { value, source } = node
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? (source ?? String(value)) : undefined
}

export function readBoolean(report: Report, fields: Fields, name: string): boolean | undefined {
  const node = fields.values.get(name)
  if (!node) return undefined
  if (isScalar(node) && typeof node.value === 'boolean') return node.value
  wrongType(report, node, named(fields, name), 'true or false')
  return undefined
}

export function readCount(report: Report, fields: Fields, name: string, most: number): number | undefined {
  const node = fields.values.get(name)
  if (!node) return undefined
  if (isScalar(node) && typeof node.value === 'number' && Number.isInteger(node.value)) {
    if (node.value >= 1 && node.value <= most) return node.value
  }
  wrongType(report, node, named(fields, name), `a whole number from 1 to ${most}`)
  return undefined
}

/** One of a few words. */
export function readChoice<const T extends string>(
  report: Report,
  fields: Fields,
  name: string,
  choices: readonly T[],
): T | undefined {
  const text = readText(report, fields, name)
  if (text === undefined) return undefined
  const found = choices.find((choice) => choice === text)
  if (found === undefined) {
    const near = nearest(text, choices)
    const fix = near ? `Did you mean \`${near}\`?` : `One of ${choices.join(', ')}.`
    const node = fields.values.get(name)
    if (node && !isRuntimeInput(node))
      report.error(node, 'wrong-value', `${named(fields, name)} cannot be \`${text.slice(0, 128)}\`.`, fix)
  }
  return found
}

/** Seconds, at most `most`. */
export function readDuration(report: Report, fields: Fields, name: string, most: number): number | undefined {
  const text = readText(report, fields, name)
  const node = fields.values.get(name)
  if (!text || !node || isRuntimeInput(node)) return undefined
  const form = 'Use units w, d, h, m, s as in `10m`, `1h 30m` or `1d2h`; bare seconds have two or more digits (`30s`).'
  const seconds = text.includes('<+') ? undefined : parseDuration(text)
  if (text.includes('<+'))
    report.error(node, 'not-offered', `${named(fields, name)} cannot be an expression yet.`, form)
  else if (seconds === undefined) report.error(node, 'bad-timeout', `${named(fields, name)} is not a duration.`, form)
  else if (seconds > most)
    report.error(node, 'bad-timeout', `${named(fields, name)} is longer than ${Math.floor(most / 86_400)} days.`)
  return seconds
}

export function readTexts(report: Report, fields: Fields, name: string): readonly string[] {
  const texts: string[] = []
  for (const item of readItems(report, fields, name)) {
    const text = scalarText(item)
    if (text === undefined) wrongType(report, item, `an entry of ${named(fields, name)}`, 'a text')
    else texts.push(text)
  }
  return texts
}

export function readItems(report: Report, fields: Fields, name: string): readonly Node[] {
  const node = fields.values.get(name)
  if (!node) return []
  if (isSeq(node)) return node.items as Node[]
  wrongType(report, node, named(fields, name), 'a list')
  return []
}

export function readTextMap(report: Report, fields: Fields, name: string): Readonly<Record<string, string>> {
  const node = fields.values.get(name)
  if (!node) return {}
  const map: Record<string, string> = {}
  if (!isMap(node)) {
    wrongType(report, node, named(fields, name), 'a mapping of texts')
    return map
  }
  for (const pair of node.items) {
    const value = pair.value ? scalarText(pair.value as Node) : ''
    const key = scalarText(pair.key as Node)
    if (value === undefined || key === undefined)
      wrongType(report, pair.key as Node, `an entry of ${named(fields, name)}`, 'a text')
    else Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true })
  }
  return map
}

/** Where an entry of a mapping stands; the mapping itself when it has none of that name. */
export function entryAt(node: Node, name: string): Node {
  if (!isMap(node)) return node
  return (node.items.find((pair) => scalarText(pair.key as Node) === name)?.key as Node | undefined) ?? node
}

/** A list of names, as they are read in a sentence. */
export const words = (text: string): readonly string[] => text.split(' ')
