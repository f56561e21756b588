// Expands loops: each iteration becomes a node of its own. Done once, when a run starts, so that a run is a fixed graph.
import type {
  Batch,
  ElementDocument,
  Iteration,
  ListText,
  PipelineDocument,
  StageDocument,
  Strategy,
} from './document.ts'
import { buildGraph } from './graph.ts'
import { asText } from './expression/value.ts'
import { resolveText, resolveValue, type Values } from './resolve.ts'
import type { Facts, NodeState } from './state.ts'

/** Limits of the compatible product. */
const MOST_ITERATIONS = 256
const MOST_NODES = 5000
/** A loop in a group in a group …: every pass takes one level. */
const MOST_PASSES = 8

export type Expanded =
  | { readonly document: PipelineDocument }
  /** `node`: the loop whose values cannot be known or are too many. */
  | { readonly problem: string; readonly node: string }

const idle: NodeState = { status: 'NotStarted', output: {}, attempts: 0, tries: 0 }

class Hopeless extends Error {
  readonly node: string
  constructor(node: string, message: string) {
    super(message)
    this.node = node
  }
}

export function expandLoops(document: PipelineDocument, facts: Facts): Expanded {
  let current = document
  try {
    for (let pass = 0; pass < MOST_PASSES; pass += 1) {
      const graph = buildGraph(current)
      if (graph.order.length > MOST_NODES)
        return { node: '', problem: `The run would have more than ${MOST_NODES} stages, groups and steps` }
      if (graph.order.every((id) => !graph.nodes.get(id)?.strategy)) return { document: current }
      const values: Values = { graph, facts, node: () => idle }
      const stages = current.stages.map((batch) => expandBatch(values, batch, '', expandInStage))
      current = { ...current, stages }
    }
    return { node: '', problem: 'Loops stand in loops too deeply' }
  } catch (error) {
    if (error instanceof Hopeless) return { node: error.node, problem: error.message }
    throw error
  }
}

type Inside<T> = (values: Values, item: T, id: string) => T

function expandBatch<T extends StageDocument | ElementDocument>(
  values: Values,
  batch: Batch<T>,
  parent: string,
  within: Inside<T>,
): Batch<T> {
  return batch.flatMap((item) => {
    const id = parent === '' ? item.identifier : `${parent}.${item.identifier}`
    // What is inside may read the values of the loop around it: that is expanded first.
    return item.strategy ? iterate(values, item, id, item.strategy) : [within(values, item, id)]
  })
}

const expandInStage: Inside<StageDocument> = (values, stage, id) => ({ ...stage, ...sections(values, stage, id) })
const expandInElement: Inside<ElementDocument> = (values, element, id) =>
  element.kind === 'step' ? element : { ...element, ...sections(values, element, id) }

function sections(
  values: Values,
  of: { readonly steps: readonly Batch<ElementDocument>[]; readonly rollbackSteps: readonly Batch<ElementDocument>[] },
  id: string,
) {
  const inside = (batches: readonly Batch<ElementDocument>[]) =>
    batches.map((batch) => expandBatch(values, batch, id, expandInElement))
  return { steps: inside(of.steps), rollbackSteps: inside(of.rollbackSteps) }
}

type Round = Omit<Iteration['values'], 'strategy'> & { readonly label: string }

function iterate<T extends StageDocument | ElementDocument>(
  values: Values,
  item: T,
  id: string,
  strategy: Strategy,
): readonly T[] {
  const rounds = roundsOf(values, id, strategy)
  if (rounds.length === 0) throw new Hopeless(id, `The loop of ${id} has nothing to go over`)
  if (rounds.length > MOST_ITERATIONS)
    throw new Hopeless(id, `The loop of ${id} has ${rounds.length} iterations; at most ${MOST_ITERATIONS} are taken`)
  const limit = strategy.maxConcurrency === undefined ? undefined : numberOf(values, id, strategy.maxConcurrency, 1)
  const { strategy: _, ...rest } = item
  return rounds.map(({ label, ...round }, index) => {
    const identifier = `${item.identifier}_${index}`
    const iteration: Iteration = {
      of: item.identifier,
      index,
      total: rounds.length,
      onFailure: strategy.onFailure,
      ...(limit === undefined ? {} : { limit }),
      values: {
        ...round,
        strategy: { iteration: index, iterations: rounds.length, identifierPostFix: `_${index}`, ...round },
      },
    }
    const name = nameOf(values, id, item, strategy, iteration) ?? `${item.name} (${label})`
    return { ...rest, identifier, name: name.slice(0, 256), iteration } as unknown as T
  })
}

/** `nodeName` reads the values of its own iteration, which no node of the graph has yet. */
function nameOf(
  values: Values,
  id: string,
  item: StageDocument | ElementDocument,
  { nodeName }: Strategy,
  iteration: Iteration,
): string | undefined {
  const node = values.graph.nodes.get(id)
  if (nodeName === undefined || !node) return undefined
  const nodes = new Map(values.graph.nodes)
  nodes.set(id, { ...node, strategy: undefined, iteration })
  const found = resolveText({ ...values, graph: { ...values.graph, nodes } }, id, nodeName)
  return 'text' in found ? `${item.name} ${found.text}` : undefined
}

function roundsOf(values: Values, id: string, strategy: Strategy): readonly Round[] {
  switch (strategy.kind) {
    case 'matrix':
      return matrixRounds(values, id, strategy)
    case 'parallelism':
      return count(numberOf(values, id, strategy.count, 1)).map((index) => ({ label: String(index) }))
    case 'repeat':
      break
  }
  return repeatRounds(values, id, strategy)
}

const count = (number: number): readonly number[] => Array.from({ length: number }, (_, index) => index)

function matrixRounds(values: Values, id: string, strategy: Extract<Strategy, { kind: 'matrix' }>): readonly Round[] {
  let rows: readonly Readonly<Record<string, unknown>>[] = [{}]
  for (const [axis, list] of Object.entries(strategy.axes)) {
    const items = listOf(values, id, list, `axis ${axis}`)
    if (rows.length * items.length > MOST_NODES)
      throw new Hopeless(id, `The matrix of ${id} has more than ${MOST_NODES} combinations`)
    rows = rows.flatMap((row) => items.map((item) => ({ ...row, [axis]: item })))
  }
  const left = rows.filter((row) => !strategy.exclude.some((out) => isExcluded(row, out)))
  return left.map((matrix) => ({ matrix, label: Object.values(matrix).map(asText).join(', ') }))
}

const isExcluded = (row: Readonly<Record<string, unknown>>, out: Readonly<Record<string, string>>): boolean =>
  Object.entries(out).every(([axis, value]) => asText(row[axis] ?? null) === value)

function repeatRounds(values: Values, id: string, strategy: Extract<Strategy, { kind: 'repeat' }>): readonly Round[] {
  if (strategy.items === undefined) {
    const times = numberOf(values, id, strategy.times ?? 1, 1)
    if (times > MOST_NODES) throw new Hopeless(id, `The loop of ${id} has ${times} iterations`)
    return count(times).map((index) => ({ repeat: { item: index, index }, label: String(index) }))
  }
  const all = slice(values, id, strategy, listOf(values, id, strategy.items, 'items'))
  if (strategy.partitionSize === undefined)
    return all.map((item, index) => ({ repeat: { item, index }, label: asText(item) }))
  const size = Math.max(1, numberOf(values, id, strategy.partitionSize, 1))
  const parts = count(Math.ceil(all.length / size)).map((part) => all.slice(part * size, (part + 1) * size))
  return parts.map((partition, index) => ({
    repeat: { item: partition, partition, index },
    label: partition.map(asText).join(', '),
  }))
}

/** `start` and `end` are places in the list, or percents of it. */
function slice(
  values: Values,
  id: string,
  { start, end, unit }: Extract<Strategy, { kind: 'repeat' }>,
  all: readonly unknown[],
): readonly unknown[] {
  const place = (written: number | string | undefined, otherwise: number): number => {
    if (written === undefined) return otherwise
    const number = numberOf(values, id, written, 0)
    return unit === 'Percentage' ? Math.round((all.length * number) / 100) : number
  }
  return all.slice(place(start, 0), place(end, all.length))
}

function numberOf(values: Values, id: string, written: number | string, least: number): number {
  if (typeof written === 'number') return written
  const found = resolveText(values, id, written)
  if ('unresolved' in found) throw new Hopeless(id, `${found.unresolved} has no value: ${found.because}`)
  const number = Number(found.text.trim() || 'x')
  if (Number.isInteger(number) && number >= least) return number
  throw new Hopeless(id, `${written} gives \`${found.text.slice(0, 64)}\`, which is no whole number from ${least} on`)
}

/** The items of a list; a text is JSON or separated by commas. */
function listOf(values: Values, id: string, list: ListText, what: string): readonly unknown[] {
  const items = typeof list === 'string' ? listOfText(values, id, list, what) : list
  return items.flatMap((item) => {
    if (typeof item !== 'string' || !item.includes('<+')) return [item]
    return listOfText(values, id, item, what)
  })
}

function listOfText(values: Values, id: string, text: string, what: string): readonly unknown[] {
  const found = resolveValue(values, id, text)
  if ('unresolved' in found)
    throw new Hopeless(id, `The ${what} of the loop of ${id} has no value: ${found.unresolved}: ${found.because}`)
  if (Array.isArray(found.value)) return found.value as unknown[]
  const written = asText(found.value).trim()
  if (written.startsWith('[')) {
    try {
      const parsed: unknown = JSON.parse(written)
      if (Array.isArray(parsed)) return parsed as unknown[]
    } catch {
      // Not JSON: brackets around a list that is separated by commas.
      return splitList(written.replace(/^\[|\]$/g, ''))
    }
  }
  return splitList(written)
}

const splitList = (text: string): readonly string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
