// rollback elements: own changes, text that is SQL, or other change sets that are applied again.
import type { Span } from '#contract/diagnostic'
import { textOf } from './attribute.ts'
import { doubt, problem, type Report } from './finding.ts'
import { trimmed } from './java-text.ts'
import type { Rollback } from './model.ts'
import type { ChangelogNode } from './node.ts'
import { nearest } from '#contract/spelling'
import { attributesOf } from './vocabulary.ts'

export interface RollbackPlace {
  /** What a reference means when it names no file. */
  readonly changelogPath: string
  /** Sorts out what is no change; undefined when the child is not to be run. */
  readonly changeOf: (child: ChangelogNode) => ChangelogNode | undefined
}

/** What one `rollback` element says. Nothing inside means that there is nothing to do. */
export function readRollback(node: ChangelogNode, place: RollbackPlace, report: Report): Rollback {
  if (node.items) {
    const message = 'rollback takes a text or changes, not a list of texts.'
    report(problem('bad-value', message, node.span, 'Write "- sql: …" for each of them.'))
  }
  const attributes = attributesOf.rollback.map((name) => name.toLowerCase())
  const nested = node.children.filter((child) => !attributes.includes(child.name.toLowerCase()))
  const changes = nested.map(place.changeOf).filter((change) => change !== undefined)
  const id = textOf(node, 'changeSetId', report)
  const reference = {
    path: textOf(node, 'changeSetPath', report) ?? place.changelogPath,
    id: id ?? '',
    author: textOf(node, 'changeSetAuthor', report) ?? '',
    span: node.span,
  }
  const sql = node.items ? undefined : sqlOf(node, report)
  return {
    span: node.span,
    changes: [...changes.filter(({ name }) => name !== 'empty'), ...(sql ? [sql] : [])],
    references: id === undefined ? [] : [reference],
  }
}

/** Several elements add up. */
export function joinRollbacks(rollbacks: readonly Rollback[]): Rollback | undefined {
  const [first] = rollbacks
  if (first === undefined) return undefined
  return {
    span: first.span,
    changes: rollbacks.flatMap(({ changes }) => changes),
    references: rollbacks.flatMap(({ references }) => references),
  }
}

/** The text as one sql change that is split at `;` and stripped of comments. */
function sqlOf(node: ChangelogNode, report: Report): ChangelogNode | undefined {
  const text = trimmed(node.value ?? '')
  if (text === '' || text.toLowerCase() === 'empty') return undefined
  if (/^not required/i.test(text)) {
    const message = `${JSON.stringify(text.slice(0, 60))} would be run as SQL.`
    report(doubt('rollback-text', message, node.span, 'Leave the rollback empty when there is nothing to do.'))
  }
  doubtEmpty(text, node.span, report)
  const option = (name: string): ChangelogNode => ({ name, value: 'true', children: [], span: node.span })
  const { span, valueSpan, valueIndent } = node
  // When something was trimmed in front, the place of the value is not that of the text.
  const place = valueSpan && node.value?.startsWith(text) ? { valueSpan, ...(valueIndent ? { valueIndent } : {}) } : {}
  return { name: 'sql', value: text, children: [option('splitStatements'), option('stripComments')], span, ...place }
}

/** A word that is nearly `empty` would be run. */
export function doubtEmpty(text: string, span: Span, report: Report): void {
  if (!/^\w+$/.test(text) || nearest(text, ['empty']) === undefined) return
  const message = `The rollback ${JSON.stringify(text)} is taken for SQL.`
  report(doubt('misspelt-directive', message, span, 'Write "empty" where nothing is to be done.'))
}
