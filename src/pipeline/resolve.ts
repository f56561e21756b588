// Gives expressions their values from the state of a run. Secrets are never resolved here: their text is left as it is.
import { type Condition, evaluate, parseCondition } from './condition.ts'
import { parseExpression, parseTemplate, soleExpression } from './expression.ts'
import { type Graph, nodeOf } from './graph.ts'
import { isSecret, locate, type Reference, variableOf } from './reference.ts'
import type { Facts, NodeState } from './state.ts'

/** What values are read from. */
export interface Values {
  readonly graph: Graph
  readonly facts: Facts
  node(id: string): NodeState
}
/** `source`: the step whose output is missing, if that is the trouble. */
export interface Unresolved {
  readonly unresolved: string
  readonly because: string
  readonly source?: string
}
export type Resolved = { readonly value: unknown } | Unresolved

/** Variables may refer to variables, but not for ever. */
const DEEPEST = 15
const LONGEST = 262_144

/** The text with every expression replaced. */
export function resolveText(values: Values, owner: string, text: string): { readonly text: string } | Unresolved {
  const resolved = resolveValue(values, owner, text, 0)
  if ('unresolved' in resolved) return resolved
  const found = asText(resolved.value)
  if (found.length > LONGEST) return { unresolved: text.slice(0, 256), because: 'its value is longer than 256 KiB' }
  return { text: found }
}

/** The value of a condition; expressions without a value count as null. */
export function resolveCondition(values: Values, owner: string, text: string): boolean {
  const parsed = parseCondition(text)
  if ('problem' in parsed) throw new Error(`The condition ${text} was not checked at save.`)
  const condition: Condition = parsed.condition
  return evaluate(condition, (raw) => {
    const found = resolveExpression(values, owner, raw, 0)
    return 'unresolved' in found ? null : found.value
  })
}

function resolveValue(values: Values, owner: string, text: string, depth: number): Resolved {
  const template = parseTemplate(text)
  if ('problem' in template) return { unresolved: template.part, because: template.problem }
  const sole = soleExpression(template.parts)
  if (sole) return resolveExpression(values, owner, sole.raw, depth)
  let joined = ''
  for (const part of template.parts) {
    const found = typeof part === 'string' ? { value: part } : resolveExpression(values, owner, part.raw, depth)
    if ('unresolved' in found) return found
    joined += asText(found.value)
    if (joined.length > LONGEST) return { unresolved: text.slice(0, 256), because: 'its value is longer than 256 KiB' }
  }
  return { value: joined }
}

function resolveExpression(values: Values, owner: string, raw: string, depth: number): Resolved {
  if (depth > DEEPEST) return { unresolved: raw, because: 'it refers to itself' }
  const expression = parseExpression(raw)
  if ('problem' in expression) return { unresolved: raw, because: expression.problem }
  if (expression.kind === 'secret') return { value: raw }
  const located = locate(values.graph, owner, expression.path)
  if ('unknown' in located) return { unresolved: raw, because: located.unknown }
  return read(values, raw, located, depth)
}

function read(values: Values, raw: string, reference: Reference, depth: number): Resolved {
  if (reference.kind === 'constant') return { value: reference.value }
  if (reference.kind === 'fact') return { value: values.facts[reference.fact] }
  if (reference.kind === 'status') return { value: values.node(reference.node).status }
  if (reference.kind === 'output') return readOutput(values, raw, reference.node, reference.path)
  const { owner, name } = reference
  if (isSecret(values.graph, owner, name)) return { unresolved: raw, because: 'it is a secret' }
  return resolveValue(values, owner, variableOf(values.graph, owner, name)?.value ?? '', depth + 1)
}

function readOutput(values: Values, raw: string, node: string, path: readonly string[]): Resolved {
  let value: unknown = values.node(node).output
  for (const name of path) value = property(value, name)
  if (value !== undefined && value !== null) return { value }
  const because = `${nodeOf(values.graph, node).id} gave no output ${path.join('.')}`
  return { unresolved: raw, because, source: node }
}

/** Documents write both `changeSets` and `ChangeSets`; names that differ only by case are the same output. */
function property(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  const record = value as Readonly<Record<string, unknown>>
  if (Object.hasOwn(record, name)) return record[name]
  const key = Object.keys(record).find((other) => other.toLowerCase() === name.toLowerCase())
  return key === undefined ? undefined : record[key]
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
