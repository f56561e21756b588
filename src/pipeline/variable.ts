// Variables of the pipeline, its stages and groups, by their owner.
import type { Variable } from './document.ts'
import { type Graph, nodeOf } from './graph.ts'

/** `owner`: a container's id, or `''` for the pipeline. */
export function variableOf(graph: Graph, owner: string, name: string): Variable | undefined {
  const holder = owner === '' ? graph.pipeline : nodeOf(graph, owner)
  return 'variables' in holder ? holder.variables.find((variable) => variable.name === name) : undefined
}

export function isSecret(graph: Graph, owner: string, name: string): boolean {
  return variableOf(graph, owner, name)?.type === 'Secret'
}
