// Outputs of type Secret: nobody is shown them, and they are read only where a secret may stand.
import { type Graph, nodeOf } from './graph.ts'
import type { Reference } from './locate.ts'
import { isProgramStep } from './program.ts'

/** The step and the name, where the reference is of a secret output. */
export function secretOutputOf(
  graph: Graph,
  reference: Reference,
): { readonly node: string; readonly name: string } | undefined {
  if (reference.kind !== 'output') return undefined
  const { node, path } = reference
  const [first = '', wanted] = path
  const source = nodeOf(graph, node)
  if (source.kind !== 'step' || !isProgramStep(source.work) || wanted === undefined) return undefined
  const { work } = source
  if ((work.type !== 'ShellScript' && work.type !== 'Run') || first.toLowerCase() !== 'outputvariables')
    return undefined
  const output = work.outputs.find(({ name }) => name.toLowerCase() === wanted.toLowerCase())
  return output?.secret ? { node, name: output.name } : undefined
}
