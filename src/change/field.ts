// Kinds of attributes of a change: how each is read from a node, checked, and printed for the checksum.
import type { ChangelogNode } from '#changelog/node'
import type { Diagnostic, Span } from '#contract/diagnostic'
import type { ChecksumForm } from './change.ts'
import { type TextPlace, placeOfText } from './lower.ts'
import type { Printed } from './serialise.ts'
import { nearest } from '#contract/spelling'

/** One element that is being read, and what was found about it. */
export interface Reading {
  readonly node: ChangelogNode
  /** How messages call it, for example `createTable` or `column of createTable`. */
  readonly title: string
  readonly dbms: string
  report(diagnostic: Diagnostic): void
}

export interface Field<Value> {
  /** Names of child elements that belong to it. */
  readonly elements: readonly string[]
  /** Not written by anybody: it is derived from the node. */
  readonly derived?: boolean
  /** Undefined, and not read, in an element without a child that belongs to it. */
  readonly optional?: boolean
  read(reading: Reading, name: string): Value
  /** Undefined leaves it out of the checksum. */
  print(value: Value, form: ChecksumForm): Printed | undefined
}

export type Fields = Readonly<Record<string, Field<unknown>>>
export type AttributesOf<F> = {
  readonly [Name in keyof F]: F[Name] extends Field<infer Value> ? Value : never
}

/** Databases (short names) on which an attribute must be there, or all. */
export type RequiredOn = 'all' | readonly string[]

export interface FieldOptions {
  readonly required?: RequiredOn
  /** Does it count for the checksum? `version-8` = only there. */
  readonly hashed?: 'always' | 'never' | 'version-8'
  /** Also the text of the element itself, as in `<sql>select 1</sql>`. */
  readonly direct?: boolean
  /** An old name of the same attribute. */
  readonly alias?: string
}

/** The child of that name; letter case does not matter. Two of them are an error. */
export function childOf(reading: Reading, name: string, alias?: string): ChangelogNode | undefined {
  const named = childrenNamed(reading.node, name)
  const found = alias === undefined ? named : [...named, ...childrenNamed(reading.node, alias)]
  const second = found[1]
  if (second) {
    report(reading, 'change/duplicate-attribute', `${reading.title} has "${second.name}" twice`, second.span, {
      fix: 'Keep one of them.',
    })
  }
  return found[0]
}

function childrenNamed({ children }: ChangelogNode, name: string): readonly ChangelogNode[] {
  const found: ChangelogNode[] = []
  for (const child of children) if (isSame(child.name, name)) found.push(child)
  return found
}

/** Names are written as they are meant nearly always. */
function isSame(written: string, name: string): boolean {
  return written === name || (written.length === name.length && written.toLowerCase() === name.toLowerCase())
}

export function report(
  reading: Reading,
  code: string,
  message: string,
  span: Span,
  more: { readonly severity?: Diagnostic['severity']; readonly fix?: string } = {},
): void {
  reading.report({
    code,
    severity: more.severity ?? 'error',
    message,
    span,
    ...(more.fix === undefined ? {} : { fix: more.fix }),
  })
}

function textOf(reading: Reading, name: string, options: FieldOptions): string | undefined {
  const child = childOf(reading, name, options.alias)
  const value = child?.value ?? (options.direct ? reading.node.value : undefined)
  const required = options.required === 'all' || options.required?.includes(reading.dbms)
  if (required && (value === undefined || value === '')) missing(reading, name)
  return value
}

export function notAllowed(reading: Reading, name: string, span: Span): void {
  report(reading, 'change/not-supported', `${name} is not allowed on ${reading.dbms}`, span, {
    fix: `Remove ${name}, or give the change set a dbms list without ${reading.dbms}.`,
  })
}

export function missing(reading: Reading, name: string): void {
  const on = ` on ${reading.dbms}`
  report(reading, 'change/missing-attribute', `${reading.title} needs "${name}"${on}`, reading.node.span, {
    fix: `Add the attribute "${name}".`,
  })
}

/** It may be left out, and the text of the element itself is not for it. */
const isOptional = (options: FieldOptions): boolean => !options.direct && options.required === undefined

const counts = (options: FieldOptions, form: ChecksumForm): boolean =>
  options.hashed !== 'never' && (options.hashed !== 'version-8' || form.version === 8)

function textField<Value extends string | undefined>(options: FieldOptions): Field<Value> {
  return {
    elements: options.alias === undefined ? [] : [options.alias],
    optional: isOptional(options),
    read: (reading, name) => textOf(reading, name, options) as Value,
    print: (value, form) => (counts(options, form) ? value : undefined),
  }
}

export const text = (options: FieldOptions = {}): Field<string | undefined> => textField(options)

/** Empty when it is missing; then there is an error and the change is not used. */
export function requiredText(options: Omit<FieldOptions, 'required'> = {}): Field<string> {
  const field = textField<string | undefined>({ ...options, required: 'all' })
  return { ...field, optional: false, read: (reading, name) => field.read(reading, name) ?? '' }
}

/** Printed for the checksum also when it was not given. */
export function textOrDefault(value: string): Field<string> {
  const field = textField<string | undefined>({})
  return { elements: [], read: (reading, name) => field.read(reading, name) ?? value, print: (given) => given }
}

/** Not an attribute, but where the text of one stands: of the element itself or of a child. */
export function textPlace(...names: readonly string[]): Field<TextPlace> {
  return {
    elements: [],
    derived: true,
    read: (reading) => placeOfText(reading.node.children.find((child) => names.includes(child.name)) ?? reading.node),
    print: () => undefined,
  }
}

/** Not an attribute, but whether a text was given under this old name or as the text of the element. */
export function given(name: string): Field<boolean> {
  return {
    elements: [],
    derived: true,
    read: (reading) => childOf(reading, name) !== undefined || reading.node.value !== undefined,
    print: () => undefined,
  }
}

/** Not an attribute, but a name under which another one is hashed. */
export function hashedAs(): Field<string | undefined> {
  return { elements: [], derived: true, read: () => undefined, print: (value) => value }
}

/** `true` in any case is true, as in Java; anything else is false, with a warning when it is not `false`. */
export function boolean(options: FieldOptions = {}): Field<boolean | undefined> {
  return {
    elements: [],
    optional: isOptional(options),
    read(reading, name) {
      const value = textOf(reading, name, options)
      if (value === undefined) return undefined
      const lower = value.toLowerCase()
      if (lower !== 'true' && lower !== 'false') warnBoolean(reading, name, value)
      return lower === 'true'
    },
    print: (value, form) => (value === undefined || !counts(options, form) ? undefined : String(value)),
  }
}

function warnBoolean(reading: Reading, name: string, value: string): void {
  const span = childOf(reading, name)?.span ?? reading.node.span
  report(reading, 'change/not-a-boolean', `"${name}" is "${value}", which counts as false`, span, {
    severity: 'warning',
    fix: 'Write true or false.',
  })
}

/** A whole number of any size, kept as text. */
export function integer(options: FieldOptions = {}): Field<string | undefined> {
  return {
    elements: [],
    optional: isOptional(options),
    read(reading, name) {
      const value = textOf(reading, name, options)?.trim()
      if (value === undefined || value === '') return undefined
      if (/^[+-]?\d+$/.test(value)) return BigInt(value.replace(/^\+/, '')).toString()
      const span = childOf(reading, name)?.span ?? reading.node.span
      report(reading, 'change/not-a-number', `"${name}" is "${value}", which is not a whole number`, span, {
        fix: 'Write digits only.',
      })
      return undefined
    },
    print: (value, form) => (counts(options, form) ? value : undefined),
  }
}

/** A function or expression of the database. */
export const expression = (options: FieldOptions = {}): Field<string | undefined> => textField(options)

export interface SequenceName {
  readonly schemaName: string | undefined
  readonly name: string
}

/** `name` or `schema.name`. */
export function sequence(): Field<SequenceName | undefined> {
  return {
    elements: [],
    optional: true,
    read(reading, name) {
      const value = textOf(reading, name, {})
      if (value === undefined) return undefined
      const dot = value.indexOf('.')
      return dot < 0
        ? { schemaName: undefined, name: value }
        : { schemaName: value.slice(0, dot), name: value.slice(dot + 1) }
    },
    print: (value) => (value?.schemaName === undefined ? value?.name : `${value.schemaName}.${value.name}`),
  }
}

/** A child element with fields of its own, such as `constraints`. Printed without its name. */
export function nested<F extends Fields>(fields: F): Field<AttributesOf<F> | undefined> {
  const readNested = fieldReader(fields)
  return {
    elements: [],
    optional: true,
    read(reading, name) {
      const child = childOf(reading, name)
      return child && readNested({ ...reading, node: child, title: `${name} of ${reading.title}` })
    },
    print: (value, form) => value && { kind: 'object', fields: printFields(fields, value, form) },
  }
}

/** Elements of one name, directly below the change (XML) or inside a list (YAML, JSON). */
export function list<F extends Fields, Item>(
  element: string,
  fields: F,
  convert: (raw: AttributesOf<F>, reading: Reading) => Item,
  print: ((item: Item, form: ChecksumForm) => Printed) | undefined,
  options: { readonly required?: boolean } = {},
): Field<readonly Item[]> {
  const readItem = fieldReader(fields)
  return {
    elements: [element],
    read(reading, name) {
      const nodes = elementsOf(reading, name, element)
      if (nodes.length === 0 && options.required) missing(reading, name)
      return nodes.map((node) => {
        const item: Reading = { ...reading, node, title: `${element} of ${reading.title}` }
        return convert(readItem(item), item)
      })
    },
    print(items, form) {
      if (!print || items.length === 0) return undefined
      return { kind: 'list', items: items.map((item) => print(item, form) as string) }
    },
  }
}

function elementsOf(reading: Reading, wrapper: string, element: string): readonly ChangelogNode[] {
  const found: ChangelogNode[] = []
  for (const child of reading.node.children) {
    if (isSame(child.name, element)) found.push(child)
    else if (isSame(child.name, wrapper)) {
      const inside = childrenNamed(child, element)
      found.push(...inside)
      if (inside.length < child.children.length) warnOthers(reading, child, element)
    }
  }
  return found
}

/** What stands in a list under another name than its elements have; each name once. */
function warnOthers(reading: Reading, wrapper: ChangelogNode, element: string): void {
  const others = new Map<string, ChangelogNode>()
  for (const child of wrapper.children)
    if (!isSame(child.name, element) && !others.has(child.name)) others.set(child.name, child)
  const title = `${wrapper.name} of ${reading.title}`
  for (const other of others.values()) warnUnknown({ ...reading, title }, other, [element])
}

/** Reads all fields and warns of children that are none. */
export function readFields<F extends Fields>(fields: F, reading: Reading): AttributesOf<F> {
  return fieldReader(fields)(reading)
}

/**
 * The same for a table of fields that many elements are read by. An element has few of the many attributes that it may have, so it
 * is asked for those whose children it has, and for those that must always be looked at; all in the order of the table.
 */
export function fieldReader<F extends Fields>(fields: F): (reading: Reading) => AttributesOf<F> {
  const entries = Object.entries(fields)
  const known = new Map<string, string>()
  const positions = new Map<string, number[]>()
  const always: number[] = []
  for (const [position, [name, field]] of entries.entries()) {
    if (!field.optional) always.push(position)
    if (field.derived) continue
    for (const element of [name, ...field.elements]) {
      known.set(element.toLowerCase(), element)
      if (!field.optional) continue
      const same = positions.get(element.toLowerCase())
      if (same) same.push(position)
      else positions.set(element.toLowerCase(), [position])
    }
  }
  return (reading) => {
    const attributes: Record<string, unknown> = {}
    const asked = [...always]
    let unknown: ChangelogNode[] | undefined
    for (const child of reading.node.children) {
      const key = child.name.toLowerCase()
      for (const position of positions.get(key) ?? []) insert(asked, position)
      if (!known.has(key)) (unknown ??= []).push(child)
    }
    for (const position of asked) {
      const [name, field] = entries[position]!
      attributes[name] = field.read(reading, name)
    }
    if (unknown) for (const child of byName(unknown)) warnUnknown(reading, child, known.values())
    return attributes as AttributesOf<F>
  }
}

/** Into a short list that rises; once. */
function insert(sorted: number[], value: number): void {
  let index = sorted.length
  while (index > 0 && sorted[index - 1]! > value) index -= 1
  if (sorted[index - 1] !== value) sorted.splice(index, 0, value)
}

/** Those of one name together, at the place of the first. */
function byName(nodes: readonly ChangelogNode[]): readonly ChangelogNode[] {
  const found = new Map<string, ChangelogNode[]>()
  for (const node of nodes) {
    const name = node.name.toLowerCase()
    const same = found.get(name)
    if (same) same.push(node)
    else found.set(name, [node])
  }
  return [...found.values()].flat()
}

function warnUnknown(reading: Reading, child: ChangelogNode, known: Iterable<string>): void {
  const near = nearest(child.name, known)
  report(reading, 'change/unknown-attribute', `${reading.title} has no "${child.name}"; it is ignored`, child.span, {
    severity: 'warning',
    fix: near === undefined ? 'Remove it.' : `Did you mean "${near}"?`,
  })
}

export function printFields<F extends Fields>(
  fields: F,
  attributes: AttributesOf<F>,
  form: ChecksumForm,
): readonly (readonly [string, Printed | undefined])[] {
  const printed: [string, Printed][] = []
  // Most attributes are not given, and what is not given is not printed.
  for (const name in attributes) {
    const value = attributes[name]
    const text = value === undefined ? undefined : fields[name]?.print(value, form)
    if (text !== undefined) printed.push([name, text])
  }
  return printed
}
