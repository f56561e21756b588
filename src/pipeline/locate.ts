// What the path of an expression refers to, by the graph alone; used at save to find mistakes and at run time to read the value.
import { answerNames } from './expression/template.ts'
import { type ContainerNode, type Graph, type GraphNode, nodeOf, stageOf, withAncestors } from './graph.ts'
import { nearest } from '#contract/spelling'

/** Facts of a run, by the path they are read with. */
export const factPaths = [
  'pipeline.executionId',
  'pipeline.sequenceId',
  'pipeline.startTs',
  'pipeline.triggerType',
  'pipeline.triggeredBy.name',
  'pipeline.triggeredBy.email',
  'org.identifier',
  'project.identifier',
] as const
export type FactPath = (typeof factPaths)[number]

export type Reference =
  | { readonly kind: 'constant'; readonly value: unknown }
  | { readonly kind: 'fact'; readonly fact: FactPath }
  /** `owner`: a container's id, or `''` for the pipeline. */
  | { readonly kind: 'variable'; readonly owner: string; readonly name: string }
  | { readonly kind: 'status'; readonly node: string }
  | { readonly kind: 'output'; readonly node: string; readonly path: readonly string[] }
  /** What the trigger told; nothing of it is known before. */
  | { readonly kind: 'trigger'; readonly path: readonly string[] }
  /** What a person gives when the step begins. */
  | { readonly kind: 'late'; readonly node: string; readonly key: string }
  /** Of a loop whose values are known only when the run starts. */
  | { readonly kind: 'iteration'; readonly node: string }

export type Located = Reference | { readonly unknown: string; readonly fix?: string }

/** Where an expression stands: `owner` is its node, `''` for the pipeline; `levels` that node and all around it. */
interface Place {
  readonly graph: Graph
  readonly owner: string
  readonly levels: readonly GraphNode[]
}

const roots = ['pipeline', 'stage', 'stepGroup', 'step', 'steps', 'execution', 'variables', 'org', 'project']
const moreRoots = ['trigger', 'matrix', 'repeat', 'strategy']
/** Words of the compatible product for which there is nothing here, with what to read instead. */
const otherRoots: Readonly<Record<string, string>> = {
  env: 'There are no environments here: use a variable of the stage.',
  infra: 'There is no infrastructure here: use a variable of the stage.',
  service: 'There are no services here: use a variable of the stage.',
  artifacts: 'There are no artifacts here.',
  variable: 'There are no variables outside of a pipeline: use <+pipeline.variables.…>.',
  datetime: 'Use <+pipeline.startTs>, milliseconds since 1970.',
  inputSet: 'Use a variable of the pipeline and give its value in the input set.',
}

/** `owner`: the node in whose scope it is written, `''` for the pipeline's own fields. */
export function locate(graph: Graph, owner: string, path: readonly string[]): Located {
  const [root = '', ...rest] = path
  const levels = owner === '' ? [] : withAncestors(graph, owner)
  const place: Place = { graph, owner, levels }
  const fact = factPaths.find((name) => name === path.join('.'))
  if (fact) return { kind: 'fact', fact }
  if (root === 'pipeline') return locateInPipeline(place, rest)
  if (root === 'trigger') return { kind: 'trigger', path: rest }
  if (root === 'eventPayload') return { kind: 'trigger', path: ['payload', ...rest] }
  if (root === 'variables') return locateNearVariable(place, rest)
  const [here] = levels
  if (root === 'executionInput' && here && graph.pipeline.lateInputs?.some(({ key }) => key === rest[0]))
    return { kind: 'late', node: here.id, key: rest[0] ?? '' }
  if (here?.type === 'Http' && answerNames.has(root)) return { kind: 'output', node: here.id, path }
  if (!here) return unknownRoot(root, ['pipeline', 'trigger', 'variables', 'org', 'project'])
  switch (root) {
    case 'stage':
      return locateInNode(place, stageOf(graph, owner), rest)
    case 'execution':
      return locateInSection(place, stageOf(graph, owner), rest)
    case 'step':
      return locateInNode(place, here, rest)
    case 'stepGroup': {
      const group = levels.find((node) => node.kind === 'group')
      return group ? locateInNode(place, group, rest) : { unknown: 'it stands in no step group' }
    }
    case 'steps':
      return locateNearby(place, rest)
    case 'matrix':
    case 'repeat':
    case 'strategy':
      return locateInLoop(place, root, rest)
    default:
      return unknownRoot(root, [...roots, ...moreRoots])
  }
}

function unknownRoot(root: string, known: readonly string[]): Located {
  const unknown = `nothing is called \`${root.slice(0, 128)}\` here`
  const other = Object.hasOwn(otherRoots, root) ? otherRoots[root] : undefined
  if (other !== undefined) return { unknown, fix: other }
  const near = nearest(root, known)
  return { unknown, fix: near ? `Did you mean \`${near}\`?` : `It may begin with ${known.join(', ')}.` }
}

function unknownName(what: string, name: string | undefined, names: readonly string[]): Located {
  const near = nearest(name ?? '', names)
  const fix = near ? `Did you mean \`${near}\`?` : names.length > 0 ? `There is ${names.join(', ')}.` : 'There is none.'
  return { unknown: name === undefined ? `${what} is not named` : `there is no ${what} \`${name.slice(0, 128)}\``, fix }
}

function locateInPipeline(place: Place, rest: readonly string[]): Located {
  const [name, second] = rest
  const { graph } = place
  const { pipeline } = graph
  if (rest.length === 1 && (name === 'identifier' || name === 'name' || name === 'description'))
    return { kind: 'constant', value: pipeline[name] }
  if (rest.length === 1 && name === 'orgIdentifier') return { kind: 'fact', fact: 'org.identifier' }
  if (rest.length === 1 && name === 'projectIdentifier') return { kind: 'fact', fact: 'project.identifier' }
  if (name === 'tags' && second !== undefined && Object.hasOwn(pipeline.tags, second))
    return { kind: 'constant', value: pipeline.tags[second] ?? '' }
  if (name === 'variables') return locateVariable(pipeline.variables, '', rest.slice(1))
  if (name === 'stages') return locateAmong(place, graph.stages.flat(), 'stage', rest.slice(1))
  const names = ['identifier', 'name', 'description', 'tags', 'variables', 'stages']
  return unknownName('field of the pipeline', name, [...names, ...factPaths.flatMap(lastName)])
}

const lastName = (path: FactPath): readonly string[] => {
  const [root, name] = path.split('.')
  return root === 'pipeline' && name ? [name] : []
}

function locateVariable(
  variables: readonly { readonly name: string }[],
  owner: string,
  rest: readonly string[],
): Located {
  // Names of variables may hold dots.
  const name = rest.join('.')
  if (variables.some((variable) => variable.name === name)) return { kind: 'variable', owner, name }
  const names = variables.map((variable) => variable.name)
  return unknownName('variable', rest.length === 0 ? undefined : name, names)
}

/** `variables.x`: of the nearest level that has it. */
function locateNearVariable({ graph, levels }: Place, rest: readonly string[]): Located {
  const name = rest.join('.')
  const holder = levels.find((level) => 'variables' in level && level.variables.some((one) => one.name === name))
  if (holder && 'variables' in holder) return locateVariable(holder.variables, holder.id, rest)
  return locateVariable(graph.pipeline.variables, '', rest)
}

function locateInNode(place: Place, node: GraphNode, rest: readonly string[]): Located {
  const [name, second] = rest
  if (rest.length === 1 && (name === 'identifier' || name === 'name' || name === 'type'))
    return { kind: 'constant', value: node[name] }
  if (rest.length === 1 && (name === 'status' || name === 'currentStatus' || name === 'liveStatus'))
    return { kind: 'status', node: node.id }
  if (node.kind === 'step') {
    if (name === 'output' && second !== undefined) return { kind: 'output', node: node.id, path: rest.slice(1) }
    return unknownName(`field of step ${node.identifier}`, name, ['output', 'status', 'identifier', 'name', 'type'])
  }
  if (name === 'variables') return locateVariable(node.variables, node.id, rest.slice(1))
  if (node.kind === 'stage' && name === 'spec' && second === 'execution')
    return locateInSection(place, node, rest.slice(2))
  if (node.kind === 'group' && (name === 'steps' || name === 'rollbackSteps')) return locateInSection(place, node, rest)
  const section = node.kind === 'stage' ? 'spec.execution.steps' : 'steps'
  const names = [section, 'variables', 'status', 'identifier', 'name', 'type']
  return unknownName(`field of ${node.identifier}`, name, names)
}

/** `rest` begins with `steps` or `rollbackSteps`. */
function locateInSection(place: Place, container: ContainerNode, rest: readonly string[]): Located {
  const [section, ...inside] = rest
  if (section !== 'steps' && section !== 'rollbackSteps')
    return unknownName('section', section, ['steps', 'rollbackSteps'])
  return locateAmong(place, container[section].flat(), `step in ${container.identifier}`, inside)
}

/** `rest` begins with the identifier of one of `ids`. */
function locateAmong(place: Place, ids: readonly string[], what: string, rest: readonly string[]): Located {
  const found = among(place, ids, rest[0])
  if (!found)
    return unknownName(
      what,
      rest[0],
      ids.map((id) => nodeOf(place.graph, id).identifier),
    )
  return inside(place, found, rest)
}

interface Found {
  readonly node: GraphNode
  /** Named as an iteration of a loop that is not expanded yet. */
  readonly later?: true
}

/** By identifier; by that of its loop when the writer stands in the loop; before expansion also by that of an iteration. */
function among(place: Place, ids: readonly string[], identifier: string | undefined): Found | undefined {
  const nodes = ids.map((id) => nodeOf(place.graph, id))
  const exact = nodes.find((node) => node.identifier === identifier)
  if (exact) return { node: exact }
  const around = nodes.find((node) => node.iteration?.of === identifier && place.levels.includes(node))
  if (around) return { node: around }
  const looped = nodes.find(
    (node) => node.strategy && identifier !== undefined && identifier.replace(/_\d+$/, '') === node.identifier,
  )
  return looped && { node: looped, later: true }
}

function inside(place: Place, { node, later }: Found, rest: readonly string[]): Located {
  if (node.strategy && !later && !place.levels.includes(node))
    return {
      unknown: `\`${node.identifier}\` is a loop and has no value of its own`,
      fix: `Name an iteration: \`${node.identifier}_0\` is the first.`,
    }
  const located = locateInNode(place, node, rest.slice(1))
  return later && !('unknown' in located) ? { kind: 'iteration', node: node.id } : located
}

/** `steps.X`: beside the writer, then beside what holds it, up to the stage. */
function locateNearby(place: Place, rest: readonly string[]): Located {
  const seen: string[] = []
  for (const container of place.levels) {
    if (container.kind === 'step') continue
    const ids = [...container.steps.flat(), ...container.rollbackSteps.flat()]
    const found = among(place, ids, rest[0])
    if (found) return inside(place, found, rest)
    seen.push(...ids.map((id) => nodeOf(place.graph, id).identifier))
  }
  return unknownName('step', rest[0], seen)
}

/** `matrix.axis`, `repeat.item`, `strategy.iteration` of the nearest loop that has it. */
function locateInLoop({ levels }: Place, root: 'matrix' | 'repeat' | 'strategy', rest: readonly string[]): Located {
  const [name, ...path] = rest
  const loops = levels.filter((level) => level.iteration ?? level.strategy)
  if (loops.length === 0)
    return { unknown: 'it stands in no loop', fix: 'Add a `strategy` to the step, group or stage.' }
  const names: string[] = []
  for (const { id, iteration, strategy } of loops) {
    const values = iteration?.values[root]
    const known = values ? Object.keys(values) : (strategy?.names[root] ?? [])
    names.push(...known)
    if (name === undefined || !known.includes(name)) continue
    return values ? { kind: 'constant', value: within(values[name], path) } : { kind: 'iteration', node: id }
  }
  return unknownName(`value of \`${root}\``, name, names)
}

function within(value: unknown, path: readonly string[]): unknown {
  let found = value
  for (const name of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return null
    found = (found as Readonly<Record<string, unknown>>)[name]
  }
  return found
}
