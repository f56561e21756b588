// The part of a pipeline that holds its inputs, as an input set has it: what somebody is asked to fill in, or what a run was given.
import { type Document, isMap, isScalar, isSeq, type Node, type Pair, parseDocument, stringify } from 'yaml'
import { scalarText } from './field.ts'
import { supplyInputs } from './input.ts'
import { asksForInput } from './input-declaration.ts'
import type { StartInputs } from './pipeline.ts'
import { readInputSet } from './pipeline.ts'
import { Report } from './report.ts'

/** Says which part of the pipeline something is, so that its place is found again. */
const identity: ReadonlySet<string> = new Set(['identifier', 'type'])
/** A variable has no identifier. */
const nameOnly = 'name'

/**
 * YAML text; undefined when the pipeline asks for nothing, or cannot be read. With `start` each input that has a value there, or a
 * default, is shown with it; what is asked for when its step begins stays as it is written.
 */
export function inputTemplate(source: string, start?: StartInputs): string | undefined {
  const asking = parse(source)
  if (!asking) return undefined
  const giving = start ? supplied(source, start) : asking
  const pipeline = prune(pipelineOf(asking), pipelineOf(giving))
  return pipeline === undefined ? undefined : stringify({ pipeline }, { lineWidth: 0 })
}

function parse(source: string): Document.Parsed | undefined {
  const document = parseDocument(source, { prettyErrors: false, uniqueKeys: false })
  return document.errors.length === 0 ? document : undefined
}

const pipelineOf = (document: Document): Node | undefined =>
  isMap(document.contents) ? document.contents.get('pipeline', true) : undefined

/** The same document with its inputs replaced. Findings are nobody's here: the run was checked when it started. */
function supplied(source: string, { sets, typed }: StartInputs): Document {
  const document = parseDocument(source, { prettyErrors: false, uniqueKeys: false })
  const report = new Report('pipeline.yaml', source)
  const given = sets.map((set) => readInputSet(set.source, set.file))
  supplyInputs(report, document, pipelineOf(document) ?? null, { sets: given, typed, partial: true })
  return document
}

/** What of `asking` asks for an input, with the values at the same places of `giving`. */
function prune(asking: Node | null | undefined, giving: Node | null | undefined): unknown {
  if (isMap(asking)) return pruneMap(asking.items as Pair<Node, Node | null>[], giving)
  if (isSeq(asking)) return pruneList(asking.items as Node[], isSeq(giving) ? (giving.items as Node[]) : [])
  if (!isScalar(asking) || !asks(asking)) return undefined
  const late = giving && scalarText(giving)?.startsWith('<+executionInput.')
  return (late ? asking : (giving ?? asking)).toJSON()
}

function pruneMap(pairs: readonly Pair<Node, Node | null>[], giving: Node | null | undefined): unknown {
  const found: Record<string, unknown> = {}
  const known: Record<string, unknown> = {}
  for (const { key, value } of pairs) {
    const name = isScalar(key) ? String(key.value) : ''
    const there = isMap(giving) ? (giving.get(name, true) as Node | undefined) : undefined
    const kept = prune(value, there)
    if (kept !== undefined) found[name] = kept
    else if ((identity.has(name) || name === nameOnly) && isScalar(value)) known[name] = value.toJSON()
  }
  if (Object.keys(found).length === 0) return undefined
  if ('identifier' in known) delete known[nameOnly]
  return { ...known, ...found }
}

/** Texts in a list are found by their number, so such a list stays whole. */
function pruneList(asking: readonly Node[], giving: readonly Node[]): unknown {
  if (asking.some((item) => isScalar(item) && asks(item)))
    return asking.map((item, index) => (giving[index] ?? item).toJSON() as unknown)
  const kept = asking.flatMap((item, index) => prune(item, giving[index]) ?? [])
  return kept.length > 0 ? kept : undefined
}

const asks = (node: Node): boolean => asksForInput(scalarText(node) ?? '')
