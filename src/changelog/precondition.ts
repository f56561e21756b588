// Preconditions: containers with what to do when they fail, logic, and checks with their attributes.
import { attribute, choiceOf, type Format, textOf } from './attribute.ts'
import { doubt, problem, type Report } from './finding.ts'
import type { OnProblem, Precondition, PreconditionContainer } from './model.ts'
import type { ChangelogNode } from './node.ts'
import { didYouMean } from '#contract/spelling'
import { attributesOf, preconditionAttributes } from './vocabulary.ts'

export interface PreconditionPlace {
  readonly format: Format
  /** `changelog`: CONTINUE and MARK_RAN make no sense there. */
  readonly level: 'changelog' | 'changeSet'
  /** What changeSetExecuted means when it names no file. */
  readonly changelogPath: string
}

export const onProblemChoices: readonly OnProblem[] = ['HALT', 'CONTINUE', 'MARK_RAN', 'WARN']
export const onSqlOutputChoices = ['IGNORE', 'TEST', 'FAIL'] as const
const logicNames = ['and', 'or', 'not']
const wrapperNames = ['preConditions', 'preconditions']
const upper = (text: string) => text.toUpperCase()

/** Reads a `preConditions` element. */
export function readPreconditions(
  node: ChangelogNode,
  place: PreconditionPlace,
  report: Report,
): PreconditionContainer {
  const onFail = choiceOf(node, 'onFail', onProblemChoices, report, upper) ?? 'HALT'
  const onError = choiceOf(node, 'onError', onProblemChoices, report, upper) ?? 'HALT'
  if (place.level === 'changelog') {
    for (const [name, value] of Object.entries({ onFail, onError })) {
      if (value === 'HALT' || value === 'WARN') continue
      const message = `${name} of a changelog can only be HALT or WARN; ${value} is for change sets.`
      report(doubt('bad-value', message, attribute(node, name, report)!.span, 'Write HALT or WARN.'))
    }
  }
  if (node.value !== undefined) {
    const message = `${node.name} holds a text where preconditions belong.`
    report(problem('unexpected-text', message, node.span, 'Use preconditions such as tableExists.'))
  }
  const options = attributesOf.preConditions.map((name) => name.toLowerCase())
  const conditions = node.children.filter((child) => !options.includes(child.name.toLowerCase()))
  return {
    span: node.span,
    onFail,
    onError,
    onSqlOutput: choiceOf(node, 'onSqlOutput', onSqlOutputChoices, report, upper) ?? 'IGNORE',
    onFailMessage: textOf(node, 'onFailMessage', report),
    onErrorMessage: textOf(node, 'onErrorMessage', report),
    conditions: readConditions(conditions, place, report),
  }
}

/** A container inside a container: what an included changelog demands, or a nested element. */
export function nestPreconditions(container: PreconditionContainer): Precondition {
  const { conditions, span, onFail, onError } = container
  return { type: 'and', conditions, span, onFail, onError }
}

function readConditions(
  nodes: readonly ChangelogNode[],
  place: PreconditionPlace,
  report: Report,
): readonly Precondition[] {
  return nodes.map((node) => readCondition(node, place, report)).filter((condition) => condition !== undefined)
}

function readCondition(node: ChangelogNode, place: PreconditionPlace, report: Report): Precondition | undefined {
  const { name, span } = node
  if (name === 'and' || name === 'or' || name === 'not') {
    return { type: name, conditions: readConditions(node.children, place, report), span }
  }
  if (wrapperNames.includes(name)) return nestPreconditions(readPreconditions(node, place, report))
  if (Object.hasOwn(preconditionAttributes, name)) return readCheck(node, place, report)
  const known = [...logicNames, ...Object.keys(preconditionAttributes)]
  const isIgnored = place.format !== 'xml' && node.children.length === 0
  const fix = `Correct the name; it is case-sensitive.${didYouMean(name, [...known, ...attributesOf.preConditions])}`
  if (isIgnored) {
    const message = `There is no precondition or option ${JSON.stringify(name)}; it is ignored.`
    report(doubt('unknown-precondition', message, span, fix))
  } else report(problem('unknown-precondition', `There is no precondition ${JSON.stringify(name)}.`, span, fix))
  return undefined
}

function readCheck(node: ChangelogNode, place: PreconditionPlace, report: Report): Precondition {
  const { name, span } = node
  const { required, optional } = preconditionAttributes[name]!
  const known = [...required, ...optional]
  const attributes: Record<string, string> = {}
  for (const child of node.children) {
    if (name === 'customPrecondition' && /^params?$/.test(child.name)) continue
    if (known.includes(child.name)) {
      if (child.value !== undefined) attributes[child.name] = child.value
      continue
    }
    const message = `${name} knows no ${JSON.stringify(child.name)}; it is ignored.`
    const fix = `Remove it; names are case-sensitive here.${didYouMean(child.name, known)}`
    report(doubt('unknown-attribute', message, child.span, fix))
  }
  if (name === 'sqlCheck' && node.value !== undefined) attributes['sql'] = node.value
  if (name === 'changeSetExecuted') attributes['changeLogFile'] ??= place.changelogPath
  if (name === 'customPrecondition') {
    Object.assign(attributes, readParameters(node))
    const message =
      'A customPrecondition is a Java class, which cannot be run here; it counts as an error when it is evaluated.'
    report(doubt('not-supported', message, span, 'Use sqlCheck, or another of the built-in preconditions.'))
  }
  for (const missing of required.filter((attributeName) => (attributes[attributeName] ?? '') === '')) {
    if (missing === 'expectedResult' && attributes[missing] === '') continue
    report(problem('missing-attribute', `${name} needs ${missing}.`, span, `Add ${missing}.`))
  }
  const rows = attributes['expectedRows']
  if (name === 'rowCount' && rows !== undefined && !/^[-+]?\d+$/.test(rows)) {
    report(problem('bad-value', `${JSON.stringify(rows)} is not a number of rows.`, span, 'Write a whole number.'))
  }
  return { type: 'check', name, attributes, span }
}

/** `param` elements as `param.<name>`. */
function readParameters(node: ChangelogNode): Readonly<Record<string, string>> {
  const wrapped = node.children.filter((child) => child.name === 'params').flatMap((child) => child.children)
  const parameters = [...node.children, ...wrapped].filter((child) => child.name === 'param')
  const value = (parameter: ChangelogNode, name: string) =>
    parameter.children.find((child) => child.name === name)?.value
  return Object.fromEntries(
    parameters.map((parameter) => [`param.${value(parameter, 'name') ?? ''}`, value(parameter, 'value') ?? '']),
  )
}
