// What the path of an expression refers to, by the graph alone; used at save to find mistakes and at run time to read the value.
import { type Condition, expressionsOf, parseCondition } from './condition.ts'
import { type Expression, parseExpression, parseTemplate, type Problem } from './expression.ts'
import {
  appliesAfter,
  type ContainerNode,
  type Graph,
  type GraphNode,
  nodeOf,
  stageOf,
  withAncestors,
} from './graph.ts'
import type { Report } from './read/report.ts'
import { suggest } from './suggest.ts'

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
  | { readonly kind: 'constant'; readonly value: string }
  | { readonly kind: 'fact'; readonly fact: FactPath }
  /** `owner`: a container's id, or `''` for the pipeline. */
  | { readonly kind: 'variable'; readonly owner: string; readonly name: string }
  | { readonly kind: 'status'; readonly node: string }
  | { readonly kind: 'output'; readonly node: string; readonly path: readonly string[] }
export type Located = Reference | { readonly unknown: string; readonly fix?: string }

/** `owner`: the node in whose scope it is written, `''` for the pipeline's own fields. */
export function locate(graph: Graph, owner: string, path: readonly string[]): Located {
  const [root, ...rest] = path
  const fact = factPaths.find((name) => name === path.join('.'))
  if (fact) return { kind: 'fact', fact }
  if (root === 'pipeline') return locateInPipeline(graph, rest)
  const here = owner === '' ? undefined : nodeOf(graph, owner)
  if (!here) return unknownRoot(root, ['pipeline', 'org', 'project'])
  const ancestors = withAncestors(graph, owner)
  if (root === 'stage') return locateInNode(graph, stageOf(graph, owner), rest)
  if (root === 'execution') return locateInSection(graph, stageOf(graph, owner), rest)
  if (root === 'step') return locateInNode(graph, here, rest)
  if (root === 'stepGroup') {
    const group = ancestors.find((node) => node.kind === 'group')
    return group ? locateInNode(graph, group, rest) : { unknown: 'it stands in no step group' }
  }
  if (root === 'steps') return locateNearby(graph, ancestors, rest)
  return unknownRoot(root, ['pipeline', 'stage', 'stepGroup', 'step', 'steps', 'execution', 'org', 'project'])
}

function unknownRoot(root: string | undefined, roots: readonly string[]): Located {
  const near = suggest(root ?? '', roots)
  const fix = near ? `Did you mean \`${near}\`?` : `It may begin with ${roots.join(', ')}.`
  return { unknown: `nothing is called \`${(root ?? '').slice(0, 128)}\` here`, fix }
}

function unknownName(what: string, name: string | undefined, names: readonly string[]): Located {
  const near = suggest(name ?? '', names)
  const fix = near ? `Did you mean \`${near}\`?` : names.length > 0 ? `There is ${names.join(', ')}.` : 'There is none.'
  return { unknown: name === undefined ? `${what} is not named` : `there is no ${what} \`${name.slice(0, 128)}\``, fix }
}

function locateInPipeline(graph: Graph, rest: readonly string[]): Located {
  const [name, second] = rest
  const { pipeline } = graph
  if (rest.length === 1 && (name === 'identifier' || name === 'name' || name === 'description'))
    return { kind: 'constant', value: pipeline[name] }
  if (rest.length === 1 && name === 'orgIdentifier') return { kind: 'fact', fact: 'org.identifier' }
  if (rest.length === 1 && name === 'projectIdentifier') return { kind: 'fact', fact: 'project.identifier' }
  if (name === 'tags' && second !== undefined && Object.hasOwn(pipeline.tags, second))
    return { kind: 'constant', value: pipeline.tags[second] ?? '' }
  if (name === 'variables') return locateVariable(pipeline.variables, '', rest.slice(1))
  if (name === 'stages') {
    const ids = graph.stages.flat()
    const stage = ids.find((id) => id === second)
    if (stage === undefined) return unknownName('stage', second, ids)
    return locateInNode(graph, nodeOf(graph, stage), rest.slice(2))
  }
  const names = ['identifier', 'name', 'description', 'tags', 'variables', 'stages']
  return unknownName('field of the pipeline', name, [...names, ...factPaths.flatMap(lastName)])
}
const lastName = (path: string): readonly string[] => path.split('.').slice(1, 2)

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

function locateInNode(graph: Graph, node: GraphNode, rest: readonly string[]): Located {
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
    return locateInSection(graph, node, rest.slice(2))
  if (node.kind === 'group' && (name === 'steps' || name === 'rollbackSteps')) return locateInSection(graph, node, rest)
  const section = node.kind === 'stage' ? 'spec.execution.steps' : 'steps'
  return unknownName(`field of ${node.identifier}`, name, [
    section,
    'variables',
    'status',
    'identifier',
    'name',
    'type',
  ])
}

/** `rest` begins with `steps` or `rollbackSteps`. */
function locateInSection(graph: Graph, container: ContainerNode, rest: readonly string[]): Located {
  const [section, identifier] = rest
  if (section !== 'steps' && section !== 'rollbackSteps')
    return unknownName('section', section, ['steps', 'rollbackSteps'])
  const ids = container[section].flat()
  const found = ids.find((id) => nodeOf(graph, id).identifier === identifier)
  if (found === undefined) {
    const names = ids.map((id) => nodeOf(graph, id).identifier)
    return unknownName(`step in ${container.identifier}`, identifier, names)
  }
  return locateInNode(graph, nodeOf(graph, found), rest.slice(2))
}

/** `steps.X`: beside the writer, then beside what holds it, up to the stage. */
function locateNearby(graph: Graph, ancestors: readonly GraphNode[], rest: readonly string[]): Located {
  const [identifier] = rest
  const seen: string[] = []
  for (const container of ancestors) {
    if (container.kind === 'step') continue
    const ids = [...container.steps.flat(), ...container.rollbackSteps.flat()]
    const found = ids.find((id) => nodeOf(graph, id).identifier === identifier)
    if (found !== undefined) return locateInNode(graph, nodeOf(graph, found), rest.slice(1))
    seen.push(...ids.map((id) => nodeOf(graph, id).identifier))
  }
  return unknownName('step', identifier, seen)
}

const outputsOf: Readonly<Record<string, readonly string[]>> = {
  DBSchemaApply: ['preStartTag', 'changeSets'],
  DBSchemaRollback: ['changeSets'],
  DBSchemaUpdateSQL: ['sqlCommands', 'changeSets'],
  DBSchemaRollbackSQL: ['sqlCommands', 'changeSets'],
}

/** Checks every text that was read: each expression must refer to something that is known before. */
export function checkReferences(graph: Graph, report: Report): void {
  for (const written of report.texts) {
    const found = written.kind === 'condition' ? conditionExpressions(written.text) : textExpressions(written.text)
    if ('problem' in found) {
      report.error(
        report.offsetOf(written.at, found.part),
        'bad-expression',
        `The expression is wrong: ${found.problem}.`,
      )
      continue
    }
    for (const expression of found.expressions) checkExpression(graph, report, written, expression)
  }
  for (const id of graph.order) warnOfUnseenApplies(graph, report, id)
}

function textExpressions(text: string): { readonly expressions: readonly Expression[] } | Problem {
  const template = parseTemplate(text)
  return 'problem' in template ? template : { expressions: template.parts.filter((part) => typeof part === 'object') }
}

function conditionExpressions(text: string): { readonly expressions: readonly Expression[] } | Problem {
  const parsed = parseCondition(text)
  const condition: Condition | undefined = 'condition' in parsed ? parsed.condition : undefined
  const expressions: Expression[] = []
  for (const raw of condition ? expressionsOf(condition) : []) {
    const expression = parseExpression(raw)
    if ('problem' in expression) return expression
    expressions.push(expression)
  }
  return { expressions }
}

function checkExpression(
  graph: Graph,
  report: Report,
  written: { readonly at: Parameters<Report['offsetOf']>[0]; readonly owner: string; readonly kind: string },
  expression: Expression,
): void {
  const at = report.offsetOf(written.at, expression.raw)
  if (expression.kind === 'secret') {
    if (written.kind !== 'variable')
      report.error(at, 'bad-expression', 'A secret cannot stand here: this text is shown to people and kept.')
    return
  }
  const located = locate(graph, written.owner, expression.path)
  if ('unknown' in located) {
    report.error(at, 'bad-expression', `${expression.raw} cannot be read: ${located.unknown}.`, located.fix)
    return
  }
  if (located.kind === 'variable' && written.kind !== 'variable' && isSecret(graph, located.owner, located.name))
    report.error(at, 'bad-expression', 'A secret variable cannot stand here: this text is shown to people and kept.')
  if (located.kind === 'output') checkOutput(graph, report, at, written.owner, expression.raw, located)
}

export function isSecret(graph: Graph, owner: string, name: string): boolean {
  return variableOf(graph, owner, name)?.type === 'Secret'
}

export function variableOf(graph: Graph, owner: string, name: string) {
  const holder = owner === '' ? graph.pipeline : nodeOf(graph, owner)
  return 'variables' in holder ? holder.variables.find((variable) => variable.name === name) : undefined
}

function checkOutput(
  graph: Graph,
  report: Report,
  at: number,
  owner: string,
  raw: string,
  located: Extract<Reference, { kind: 'output' }>,
): void {
  const source = nodeOf(graph, located.node)
  const position = owner === '' ? -1 : nodeOf(graph, owner).position
  if (source.position >= position)
    report.error(at, 'bad-expression', `${raw} refers to ${source.id}, which has not run by then.`)
  const known = outputsOf[source.type] ?? []
  const [name] = located.path
  if (name !== undefined && !known.some((output) => output.toLowerCase() === name.toLowerCase())) {
    const fix = known.length > 0 ? `It has ${known.join(', ')}.` : 'It has none.'
    report.error(at, 'bad-expression', `A step of type ${source.type} has no output \`${name.slice(0, 128)}\`.`, fix)
  }
}

/** An approval before an apply whose SQL nobody previewed shows the approver nothing. */
function warnOfUnseenApplies(graph: Graph, report: Report, id: string): void {
  const node = nodeOf(graph, id)
  const at = report.places.get(id)
  if (node.type !== 'HarnessApproval' || !at) return
  const previewed = new Set(
    graph.order.slice(0, node.position).flatMap((other) => {
      const before = nodeOf(graph, other)
      if (before.kind !== 'step' || before.work.type !== 'DBSchemaUpdateSQL') return []
      return [`${before.work.dbSchema}/${before.work.dbInstance}`]
    }),
  )
  const later = appliesAfter(graph, id).map((apply) => `${apply.dbSchema}/${apply.dbInstance}`)
  const unseen = [...new Set(later)].filter((target) => !previewed.has(target))
  if (unseen.length > 0)
    report.warning(
      at,
      'approval-without-preview',
      `${node.identifier} decides about ${unseen.join(', ')} without showing the SQL.`,
      'Put a DBSchemaUpdateSQL step for it before the approval.',
    )
}
