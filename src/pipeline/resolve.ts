// Gives expressions their values from the state of a run. Secrets are never resolved here: their text is left as it is.
import { evaluate, type Resolved, type Unresolved } from './expression/evaluate.ts'
import { parseCondition, parseTemplate, soleExpression } from './expression/template.ts'
import type { Syntax } from './expression/syntax.ts'
import { asText, isTrue } from './expression/value.ts'
import { type Graph, nodeOf } from './graph.ts'
import { locate, type Reference } from './locate.ts'
import type { Facts, NodeState } from './state.ts'
import { isSecret, variableOf } from './variable.ts'

export type { Unresolved } from './expression/evaluate.ts'

/** What values are read from. */
export interface Values {
  readonly graph: Graph
  readonly facts: Facts
  node(id: string): NodeState
}

/** Variables may refer to variables, but not for ever, and not a hundred times in each of a hundred. */
const DEEPEST = 15
const MOST_READ = 10_000
const LONGEST = 262_144

interface Reading {
  readonly values: Values
  readonly missing: 'null' | 'error'
  read: number
}

/** The text with every expression replaced. */
export function resolveText(values: Values, owner: string, text: string): { readonly text: string } | Unresolved {
  const resolved = resolveValue(values, owner, text)
  if ('unresolved' in resolved) return resolved
  const found = asText(resolved.value)
  if (found.length > LONGEST) return { unresolved: text.slice(0, 256), because: 'its value is longer than 256 KiB' }
  return { text: found }
}

/** The value of a text; it keeps its type when the text is one expression and nothing else. */
export function resolveValue(values: Values, owner: string, text: string): Resolved {
  return textValue({ values, missing: 'error', read: 0 }, owner, text, 0)
}

/** The value of a condition; expressions without a value count as null, and what cannot be calculated is not met. */
export function resolveCondition(values: Values, owner: string, text: string): boolean {
  const parsed = parseCondition(text)
  if ('problem' in parsed) throw new Error(`The condition ${text} was not checked at save.`)
  const found = syntaxValue({ values, missing: 'null', read: 0 }, owner, parsed.syntax, text, 0)
  return 'value' in found && isTrue(found.value)
}

function textValue(reading: Reading, owner: string, text: string, depth: number): Resolved {
  const template = parseTemplate(text)
  if ('problem' in template) return { unresolved: template.part, because: template.problem }
  const sole = soleExpression(template.parts)
  if (sole) return syntaxValue(reading, owner, sole.syntax, sole.raw, depth)
  let joined = ''
  for (const part of template.parts) {
    const found = typeof part === 'string' ? { value: part } : syntaxValue(reading, owner, part.syntax, part.raw, depth)
    if ('unresolved' in found) return found
    joined += asText(found.value)
    if (joined.length > LONGEST) return { unresolved: text.slice(0, 256), because: 'its value is longer than 256 KiB' }
  }
  return { value: joined }
}

function syntaxValue(reading: Reading, owner: string, syntax: Syntax, raw: string, depth: number): Resolved {
  if (depth > DEEPEST) return { unresolved: raw, because: 'it refers to itself' }
  const { missing } = reading
  return evaluate(syntax, raw, {
    missing,
    read: (path, written) => {
      reading.read += 1
      if (reading.read > MOST_READ) return { unresolved: raw, because: 'it reads too many values' }
      const located = locate(reading.values.graph, owner, path)
      if ('unknown' in located) return { unresolved: written, because: located.unknown }
      return read(reading, written, located, depth)
    },
  })
}

function read(reading: Reading, raw: string, reference: Reference, depth: number): Resolved {
  const { values } = reading
  switch (reference.kind) {
    case 'constant':
      return { value: reference.value }
    case 'fact':
      return { value: values.facts[reference.fact] }
    case 'status':
      return { value: values.node(reference.node).status }
    case 'output':
      return readOutput(values, raw, reference.node, reference.path)
    case 'late': {
      const value = values.node(reference.node).inputs?.[reference.key]
      return value === undefined ? { unresolved: raw, because: 'it was not given yet' } : { value }
    }
    case 'trigger':
      return readTrigger(values, raw, reference.path)
    case 'iteration':
      return { unresolved: raw, because: 'its loop is expanded when the run starts' }
    case 'variable':
      break
  }
  const { owner, name } = reference
  if (isSecret(values.graph, owner, name)) return { unresolved: raw, because: 'it is a secret' }
  return textValue(reading, owner, variableOf(values.graph, owner, name)?.value ?? '', depth + 1)
}

function readOutput(values: Values, raw: string, node: string, path: readonly string[]): Resolved {
  let value: unknown = values.node(node).output
  for (const name of path) value = property(value, name)
  if (value !== undefined && value !== null) return { value }
  const because = `${nodeOf(values.graph, node).id} gave no output ${path.join('.')}`
  return { unresolved: raw, because, source: node }
}

function readTrigger(values: Values, raw: string, path: readonly string[]): Resolved {
  let value: unknown = values.facts.trigger
  if (value === undefined) return { unresolved: raw, because: 'the run was not started by a trigger' }
  for (const name of path) value = property(value, name)
  return value === undefined || value === null
    ? { unresolved: raw, because: 'the trigger told no such value' }
    : { value }
}

/** Documents write both `changeSets` and `ChangeSets`; names that differ only by case are the same output. */
function property(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  const record = value as Readonly<Record<string, unknown>>
  if (Object.hasOwn(record, name)) return record[name]
  const key = Object.keys(record).find((other) => other.toLowerCase() === name.toLowerCase())
  return key === undefined ? undefined : record[key]
}
