// Looks up the attributes of a node: names without case, booleans and choices checked, with the place of every mistake.
import { doubt, problem, type Report } from './finding.ts'
import type { ChangeSet } from './model.ts'
import type { ChangelogNode } from './node.ts'
import { didYouMean } from '#contract/spelling'

export type Format = ChangeSet['format']

/** The child of that name; a second one is an error, as only one can count. */
export function attribute(node: ChangelogNode, name: string, report: Report): ChangelogNode | undefined {
  const wanted = name.toLowerCase()
  const [found, second] = node.children.filter((child) => child.name.toLowerCase() === wanted)
  if (second) {
    const message = `${node.name} has both ${found!.name} and ${second.name}, which are the same.`
    report(problem('duplicate-attribute', message, second.span, 'Remove one of the two.'))
  }
  return found
}

/** The text of an attribute; undefined when it is absent, null or holds no text. */
export function textOf(node: ChangelogNode, name: string, report: Report): string | undefined {
  const found = attribute(node, name, report)
  if (found?.items) {
    const message = `${found.name} takes a text, not a list; it is read as ${JSON.stringify(found.value)}.`
    report(doubt('list-instead-of-text', message, found.span, `Write ${found.name}: "${found.items.join(',')}".`))
  }
  if (found && found.children.length > 0) {
    report(problem('bad-value', `${found.name} takes a text, not a map.`, found.span, `Write ${found.name}: TEXT.`))
  }
  return found?.value
}

/** `contextFilter`, else `context`; empty when neither says anything. */
export function contextFilterOf(node: ChangelogNode, report: Report): string {
  const text = textOf(node, 'contextFilter', report)
  const used = text !== undefined && text.trim() !== '' ? text : (textOf(node, 'context', report) ?? '')
  return used.trim() === '' ? '' : used
}

/**
 * Only `true` in any case is true, everything else is false without a word in the original engine. In XML blanks around it do not
 * count, as the schema collapses them.
 */
export function booleanOf(
  node: ChangelogNode,
  name: string,
  options: { readonly format: Format; readonly otherwise: boolean },
  report: Report,
): boolean {
  const text = textOf(node, name, report)
  if (text === undefined) return options.otherwise
  const value = (options.format === 'xml' ? text.trim() : text).toLowerCase()
  if (value !== 'true' && value !== 'false') {
    const message = `${JSON.stringify(text)} is not a boolean and counts as false.`
    report(doubt('bad-boolean', message, attribute(node, name, report)!.span, 'Write true or false.'))
  }
  return value === 'true'
}

/** One of several words, as they are written; another one is an error and counts as absent. */
export function choiceOf<Choice extends string>(
  node: ChangelogNode,
  name: string,
  choices: readonly Choice[],
  report: Report,
  fold: (text: string) => string = (text) => text,
): Choice | undefined {
  const found = attribute(node, name, report)
  if (found?.value === undefined) return undefined
  const text = fold(found.value)
  const choice = choices.find((candidate) => candidate === text)
  if (choice === undefined) {
    const message = `${found.name} cannot be ${JSON.stringify(found.value)}.`
    const fix = `Write one of ${choices.join(', ')}.${didYouMean(found.value, choices)}`
    report(problem('bad-value', message, found.span, fix))
  }
  return choice
}

/** Reports the children that the element does not know; the original engine ignores them in YAML and JSON. */
export function doubtUnknown(node: ChangelogNode, known: readonly string[], report: Report): void {
  const names = new Set(known.map((name) => name.toLowerCase()))
  for (const child of node.children) {
    if (names.has(child.name.toLowerCase())) continue
    const message = `${node.name} knows no ${JSON.stringify(child.name)}; it is ignored.`
    report(doubt('unknown-attribute', message, child.span, `Remove it.${didYouMean(child.name, known)}`))
  }
}
