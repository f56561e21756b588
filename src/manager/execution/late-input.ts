// Values that a step asks for in the middle of a run: what is wanted, and checking what is given.
import type { PipelineDocument } from '#pipeline/document'
import { Fault } from '#contract/fault'
import { buildGraph, type Graph } from '#pipeline/graph'
import { lateInputsOf } from '#pipeline/late-input'
import { problemOfValue } from '#pipeline/read/input-declaration'
import { missing } from '../entity/scope.ts'
import type { Executor } from '../store/port.ts'
import type { Run } from './run.ts'

const LONGEST = 65_536

const wantedOf = (graph: Graph, id: string) => {
  const node = graph.nodes.get(id)
  return node ? lateInputsOf(graph, node) : []
}

/** The values by their keys; those that are not given have their defaults. Raises `conflict` and `invalid-input`. */
export function checkInputs(run: Run, node: string, given: Readonly<Record<string, string>>): Record<string, string> {
  const state = run.state.nodes[node]
  if (!state) throw missing('Node', node)
  // A stage shows the same when only a step in it waits.
  if (state.status !== 'InputWaiting' || (run.graph.nodes.get(node)?.kind !== 'step' && !state.asks))
    throw new Fault('conflict', `The step ${node} does not wait for inputs; it is ${state.status}.`)
  const wanted = wantedOf(run.graph, node)
  const other = Object.keys(given).find((name) => !wanted.some((input) => input.name === name))
  if (other !== undefined)
    throw new Fault('invalid-input', `The step asks for no input ${other.slice(0, 256)}.`, {
      hint: `It asks for ${wanted.map(({ name }) => name).join(', ')}.`,
    })
  const values: Record<string, string> = {}
  for (const input of wanted) {
    const value = given[input.name] ?? input.default
    const problem =
      value === undefined ? 'was not given and has no default' : problemOfValue(input, value.slice(0, LONGEST + 1))
    if (value === undefined || problem !== undefined || value.length > LONGEST)
      throw new Fault('invalid-input', `The input ${input.name} ${problem ?? `is longer than ${LONGEST} characters`}.`)
    values[input.key] = value
  }
  return values
}

/** The run as it will be: what was given may name the instance. */
export function withInputs(run: Run, node: string, inputs: Readonly<Record<string, string>>): Run {
  const { nodes } = run.state
  const state = nodes[node]
  return state ? { ...run, state: { ...run.state, nodes: { ...nodes, [node]: { ...state, inputs } } } } : run
}

/** What the steps that wait for inputs ask for, by the id of the step. */
export async function readWanted(db: Executor, execution: string, nodes: readonly string[]) {
  if (nodes.length === 0) return new Map<string, never[]>()
  const row = await db.selectFrom('execution').where('id', '=', execution).select('document').executeTakeFirstOrThrow()
  const graph = buildGraph(row.document as PipelineDocument)
  return new Map(
    nodes.map((id) => [
      id,
      wantedOf(graph, id).map(({ name, allowed, many, pattern, default: fallback }) => ({
        name,
        ...(fallback === undefined ? {} : { default: fallback }),
        ...(allowed ? { allowed: [...allowed] } : {}),
        ...(many ? { many } : {}),
        ...(pattern === undefined ? {} : { pattern }),
      })),
    ]),
  )
}
