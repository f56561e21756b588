// Compares a snapshot with an expected one, which is a subset with rules of its own (see the description of the corpus).

type Json = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Kinds that the open-source snapshot of the original engine reads. */
const kinds = new Set([
  'catalog',
  'column',
  'foreignkey',
  'index',
  'primarykey',
  'schema',
  'sequence',
  'table',
  'uniqueconstraint',
  'view',
])

export function snapshotDifference(expected: unknown, actual: unknown): string | undefined {
  const trouble: string[] = []
  if (matches(withoutForeignKinds(expected), actual, '', trouble)) return undefined
  return trouble.length === 0 ? 'the snapshot does not match' : trouble.join('\n')
}

/** Kinds are the keys of `objects`, such as `liquibase.structure.core.StoredProcedure`. */
function withoutForeignKinds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutForeignKinds)
  if (!isObject(value)) return value
  const entries = Object.entries(value).filter(([key]) => {
    const kind = /^(?:liquibase|com\.datical)\.[\w.]*\.(\w+)$/.exec(key)?.[1]
    return kind === undefined || kinds.has(kind.toLowerCase())
  })
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutForeignKinds(inner)]))
}

function matches(expected: unknown, actual: unknown, path: string, trouble: string[]): boolean {
  if (isObject(expected)) return objectMatches(expected, actual, path, trouble)
  if (Array.isArray(expected)) return arrayMatches(expected, actual, path, trouble)
  const equal =
    typeof expected === 'string' && typeof actual === 'string' ? textMatches(expected, actual) : expected === actual
  if (!equal) trouble.push(`${path}: expected ${JSON.stringify(expected)}, is ${shown(actual)}`)
  return equal
}

function objectMatches(expected: Json, actual: unknown, path: string, trouble: string[]): boolean {
  if (!isObject(actual)) {
    trouble.push(`${path}: expected an object, is ${shown(actual)}`)
    return false
  }
  if (expected['_noMatch'] === true) return negativeHolds(expected, actual, path, trouble)
  return Object.entries(expected)
    .map(([key, value]) => {
      if (key in actual) return matches(value, actual[key], `${path}/${key}`, trouble)
      trouble.push(`${path}/${key}: is missing`)
      return false
    })
    .every(Boolean)
}

/** Every expected element has an actual one of its own. */
function arrayMatches(expected: readonly unknown[], actual: unknown, path: string, trouble: string[]): boolean {
  if (!Array.isArray(actual)) {
    trouble.push(`${path}: expected a list, is ${shown(actual)}`)
    return false
  }
  const candidates = expected.map((element) =>
    actual.flatMap((other, index) => (matches(element, other, '', []) ? [index] : [])),
  )
  const taken = new Map<number, number>()
  const assign = (element: number, seen: Set<number>): boolean =>
    (candidates[element] ?? []).some((index) => {
      if (seen.has(index)) return false
      seen.add(index)
      const other = taken.get(index)
      if (other !== undefined && !assign(other, seen)) return false
      taken.set(index, element)
      return true
    })
  const unmatched = expected.filter((_, element) => !assign(element, new Set()))
  for (const element of unmatched) trouble.push(...closest(element, actual, path))
  return unmatched.length === 0
}

/** What is wrong with the element that is nearest to what was expected. */
function closest(expected: unknown, actual: readonly unknown[], path: string): readonly string[] {
  const tries = actual.map((other, index) => {
    const trouble: string[] = []
    matches(expected, other, `${path}[${index}]`, trouble)
    return trouble
  })
  const best = tries.toSorted((a, b) => a.length - b.length)[0] ?? []
  return [`${path}: nothing matches ${shown(expected)}; nearest:`, ...best.map((line) => `    ${line}`)]
}

function negativeHolds(expected: Json, actual: Json, path: string, trouble: string[]): boolean {
  const field = expected['_noMatchField']
  const others = Object.entries(expected).filter(([key]) => !key.startsWith('_noMatch'))
  if (others.some(([key]) => !(key in actual))) return true
  const holds = others.every(([key, value]) => {
    const [first] = Array.isArray(value) ? (value as readonly unknown[]) : [value]
    const elements = Array.isArray(actual[key]) ? (actual[key] as readonly unknown[]) : [actual[key]]
    if (!isObject(first)) return true
    return typeof field === 'string' ? differsOnlyIn(first, elements, field) : isAbsent(first, elements)
  })
  if (!holds) trouble.push(`${path}: ${shown(expected)} must not match`)
  return holds
}

function isAbsent(first: Json, elements: readonly unknown[]): boolean {
  const [wanted] = flat(first)
  if (wanted === undefined) return true
  return !elements.some((element) => valueAt(element, wanted.path)?.toLowerCase() === wanted.text.toLowerCase())
}

function differsOnlyIn(first: Json, elements: readonly unknown[], field: string): boolean {
  const properties = flat(first)
  return elements.some((element) =>
    properties.every(({ path, text }) => {
      const equal = valueAt(element, path)?.toLowerCase() === text.toLowerCase()
      return path.includes(field) ? !equal : equal
    }),
  )
}

interface Property {
  readonly path: readonly string[]
  readonly text: string
}

/** The properties of an element; of a property that is an object only its first key counts. */
function flat(element: Json, path: readonly string[] = []): readonly Property[] {
  return Object.entries(element).flatMap(([key, value]) => {
    if (!isObject(value)) return [{ path: [...path, key], text: String(value) }]
    const inner = Object.keys(element).length === 1 ? value : Object.fromEntries(Object.entries(value).slice(0, 1))
    return flat(inner, [...path, key])
  })
}

function valueAt(element: unknown, path: readonly string[]): string | undefined {
  let value: unknown = element
  for (const key of path) value = isObject(value) ? value[key] : undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function textMatches(expected: string, actual: string): boolean {
  if (expected.toLowerCase() === actual.toLowerCase()) return true
  try {
    return new RegExp(`^(?:${expected})$`, 's').test(actual)
  } catch {
    return false
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 400 ? `${text.slice(0, 400)}…` : text
}
