// Checks the expressions of a document once its graph is known: each must refer to something that is known before.
import { functionNames, methodNames, namespaces, problemOfCall } from '../expression/function.ts'
import { parseCondition, parseTemplate } from '../expression/template.ts'
import { partsOf, type Problem, type Syntax } from '../expression/syntax.ts'
import { sequentialPair } from '../barrier.ts'
import { appliesAfter, type Graph, type GraphNode, nodeOf, withAncestors } from '../graph.ts'
import { locate, type Reference } from '../locate.ts'
import { commandRules } from '#contract/delegate/command'
import { isDatabaseWork } from '../document.ts'
import { isProgramStep } from '../program.ts'
import { nearest } from '#contract/spelling'
import { secretOutputOf } from '../secret-output.ts'
import { isSecret } from '../variable.ts'
import { asksForInput } from './input-declaration.ts'
import type { Report, WrittenText } from './report.ts'

/** What each type of step gives to later ones; undefined: anything. */
const outputsOf: Readonly<Record<string, readonly string[] | undefined>> = {
  DBSchemaApply: ['preStartTag', 'changeSets'],
  DBSchemaRollback: ['changeSets'],
  DBSchemaUpdateSQL: ['sqlCommands', 'changeSets', 'planDigest'],
  DBSchemaRollbackSQL: ['sqlCommands', 'changeSets', 'planDigest'],
  DBTestAndPreview: ['changeSets', 'sqlCommands', 'rollbackCommands', 'directory'],
  LiquibaseCommand: ['result', 'resultTruncated', 'changeSets', 'sqlCommands', 'planDigest'],
  ShellScript: ['outputVariables', 'exitCode'],
  Run: ['outputVariables', 'exitCode'],
  Http: ['outputVariables', 'httpResponseCode', 'httpResponseBody', 'httpMethod'],
  Wait: [],
  Barrier: [],
  GitClone: ['commitSha', 'branch', 'directory'],
  Queue: [],
  Email: [],
  HarnessApproval: ['approverInputs'],
}

export function checkReferences(graph: Graph, report: Report): void {
  for (const written of report.texts) checkText(graph, report, written)
  for (const id of graph.order) {
    warnOfUnseenApplies(graph, report, id)
    checkDrop(graph, report, id)
  }
  checkBarriers(graph, report)
}

function checkText(graph: Graph, report: Report, written: WrittenText): void {
  // An input that nobody has given yet.
  if (asksForInput(written.text)) return
  const found = syntaxesOf(written)
  if ('problem' in found) {
    const at = report.offsetOf(written.at, found.part, found.at)
    return report.error(at, 'bad-expression', `The expression is wrong: ${found.problem}.`)
  }
  for (const syntax of found.syntaxes) checkSyntax(graph, report, written, syntax, written.kind === 'variable')
}

function syntaxesOf({ text, kind }: WrittenText): { readonly syntaxes: readonly Syntax[] } | Problem {
  if (kind === 'condition') {
    const parsed = parseCondition(text)
    return 'problem' in parsed ? parsed : { syntaxes: [parsed.syntax] }
  }
  const template = parseTemplate(text)
  if ('problem' in template) return template
  return { syntaxes: template.parts.flatMap((part) => (typeof part === 'object' ? [part.syntax] : [])) }
}

/** `alone`: a secret may stand here, because nothing is calculated with it. */
function checkSyntax(graph: Graph, report: Report, written: WrittenText, syntax: Syntax, alone: boolean): void {
  if (syntax.kind === 'secret' && !alone && written.kind !== 'script')
    report.error(
      report.offsetOf(written.at, syntax.raw, syntax.at),
      'bad-expression',
      'A secret cannot stand here: this text is shown to people and kept.',
    )
  if (syntax.kind === 'path') checkPath(graph, report, written, syntax)
  if (syntax.kind === 'call') checkCall(report, written, syntax)
  const space = syntax.kind === 'call' && isNamespace(syntax.of)
  for (const part of partsOf(syntax))
    if (!(space && part === (syntax as { of?: Syntax }).of)) checkSyntax(graph, report, written, part, false)
}

const isNamespace = (of: Syntax | undefined): boolean =>
  of?.kind === 'path' && of.path.length === 1 && namespaces.has(of.path[0] ?? '')

function checkCall(report: Report, written: WrittenText, syntax: Extract<Syntax, { kind: 'call' }>): void {
  const { of, name, given, raw, at } = syntax
  const space = of?.kind === 'path' && isNamespace(of) ? `${of.path[0]}.` : ''
  const kind = of && space === '' ? 'method' : 'function'
  const problem = problemOfCall(kind, space + name, given.length)
  if (problem === undefined) return
  const near = nearest(space + name, kind === 'method' ? methodNames : functionNames)
  const fix = near && near !== space + name ? `Did you mean \`${near}\`?` : undefined
  report.error(report.offsetOf(written.at, raw, at), 'bad-expression', `The expression is wrong: ${problem}.`, fix)
}

function checkPath(
  graph: Graph,
  report: Report,
  written: WrittenText,
  { path, raw, at: offset }: Extract<Syntax, { kind: 'path' }>,
): void {
  const at = report.offsetOf(written.at, raw, offset)
  const located = locate(graph, written.owner, path)
  if ('unknown' in located) {
    report.error(at, 'bad-expression', `${raw} cannot be read: ${located.unknown}.`, located.fix)
    return
  }
  const secret = located.kind === 'variable' && isSecret(graph, located.owner, located.name)
  if (secret && written.kind !== 'variable' && written.kind !== 'script')
    report.error(at, 'bad-expression', 'A secret variable cannot stand here: this text is shown to people and kept.')
  if (secretOutputOf(graph, located) !== undefined && written.kind !== 'script')
    report.error(
      at,
      'bad-expression',
      'A secret output cannot stand here: this text is shown to people and kept.',
      'It is read in scripts, their environment, and requests.',
    )
  const late = located.kind === 'output' || located.kind === 'status'
  if (written.kind === 'loop' && late)
    report.error(
      at,
      'bad-expression',
      `${raw} is not known when the run starts, and that is when loops are expanded.`,
      'Use a variable, an input or a value of the trigger.',
    )
  if (located.kind === 'output') checkOutput(graph, report, at, written, raw, located)
}

function checkOutput(
  graph: Graph,
  report: Report,
  at: number,
  { owner, afterwards }: WrittenText,
  raw: string,
  located: Extract<Reference, { kind: 'output' }>,
): void {
  const source = nodeOf(graph, located.node)
  const position = owner === '' ? -1 : nodeOf(graph, owner).position
  const own = afterwards === true && located.node === owner
  if (source.position >= position && !own)
    report.error(at, 'bad-expression', `${raw} refers to ${source.id}, which has not run by then.`)
  const known = Object.hasOwn(outputsOf, source.type) ? outputsOf[source.type] : undefined
  const [name] = located.path
  if (known && name !== undefined && !known.some((output) => output.toLowerCase() === name.toLowerCase())) {
    const fix = known.length > 0 ? `It has ${known.join(', ')}.` : 'It has none.'
    report.error(at, 'bad-expression', `A step of type ${source.type} has no output \`${name.slice(0, 128)}\`.`, fix)
  }
  checkVariable(report, at, source, located.path)
}

/** Output variables have the names that their step gives them. */
function checkVariable(report: Report, at: number, source: GraphNode, [first = '', name]: readonly string[]): void {
  if (
    source.kind !== 'step' ||
    !isProgramStep(source.work) ||
    source.work.type === 'GitClone' ||
    first.toLowerCase() !== 'outputvariables'
  )
    return
  const names = source.work.outputs.map((output) => output.name)
  if (name === undefined || names.some((known) => known.toLowerCase() === name.toLowerCase())) return
  const fix = names.length > 0 ? `It has ${names.join(', ')}.` : 'It has none.'
  report.error(at, 'bad-expression', `${source.id} has no output variable \`${name.slice(0, 128)}\`.`, fix)
}

/** Whoever waits for a step that can only come later waits for ever. */
function checkBarriers(graph: Graph, report: Report): void {
  const pair = sequentialPair(graph)
  if (pair)
    report.error(
      report.places.get(pair.second) ?? 0,
      'wrong-place',
      `${pair.first} and ${pair.second} can never be at the barrier ${pair.barrier} at the same time.`,
      'Put them into different branches of one `parallel`.',
    )
  for (const id of graph.order) {
    const inLoop = withAncestors(graph, id).some((level) => level.strategy?.maxConcurrency !== undefined)
    if (nodeOf(graph, id).type === 'Barrier' && inLoop)
      report.error(
        report.places.get(id) ?? 0,
        'wrong-place',
        'A barrier cannot stand in a loop with maxConcurrency: its iterations are never all there.',
      )
  }
}

/** The instances, as they are written, of which a step before that place shows what would be done. */
function shownBefore(graph: Graph, position: number, what: 'update' | 'drop'): ReadonlySet<string> {
  return new Set(
    graph.order.slice(0, position).flatMap((id) => {
      const node = nodeOf(graph, id)
      if (node.kind !== 'step' || !isDatabaseWork(node.work)) return []
      const { work } = node
      const plans = work.type === 'LiquibaseCommand' ? commandRules[work.command].plans : undefined
      const shows = work.type === 'DBSchemaUpdateSQL' ? 'update' : plans
      return shows === what ? [`${work.dbSchema}/${work.dbInstance}`] : []
    }),
  )
}

/** It drops what a step before has listed, and without such a list nothing. */
function checkDrop(graph: Graph, report: Report, id: string): void {
  const node = nodeOf(graph, id)
  const at = report.places.get(id)
  if (node.kind !== 'step' || node.work.type !== 'LiquibaseCommand' || node.work.command !== 'drop-all' || !at) return
  const { dbSchema, dbInstance } = node.work
  if (shownBefore(graph, node.position, 'drop').has(`${dbSchema}/${dbInstance}`)) return
  report.error(
    at,
    'missing-field',
    `${node.identifier} would drop everything in ${dbSchema}/${dbInstance}, and no step before it lists what that is.`,
    'Put a LiquibaseCommand step with the command drop-all-sql before it, and an approval between them.',
  )
}

/** An approval before an apply whose SQL nobody previewed shows the approver nothing. */
function warnOfUnseenApplies(graph: Graph, report: Report, id: string): void {
  const node = nodeOf(graph, id)
  const at = report.places.get(id)
  if (node.type !== 'HarnessApproval' || !at) return
  const later = appliesAfter(graph, id)
  for (const plan of ['update', 'drop'] as const) {
    const applies = later.filter(({ drops = false }) => drops === (plan === 'drop'))
    const targets = applies.map((apply) => `${apply.dbSchema}/${apply.dbInstance}`)
    const shown = shownBefore(graph, node.position, plan)
    const unseen = [...new Set(targets)].filter((target) => !shown.has(target))
    if (unseen.length > 0)
      report.warning(
        at,
        'approval-without-preview',
        `${node.identifier} decides about ${unseen.join(', ')} without showing ${plan === 'drop' ? 'what is dropped' : 'the SQL'}.`,
        `Put a ${plan === 'drop' ? 'drop-all-sql' : 'DBSchemaUpdateSQL'} step for it before the approval.`,
      )
  }
}
