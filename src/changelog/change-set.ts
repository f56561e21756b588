// Reads a changeSet element of the structured formats: attributes, changes, rollback and the rest, in the order of the file.
import { attribute, booleanOf, choiceOf, contextFilterOf, textOf } from './attribute.ts'
import { normaliseCheckSum } from './check-sum.ts'
import { matchesDbms, splitDbms } from './dbms.ts'
import { checkDbms, checkExpression } from './filter.ts'
import { doubt, problem, type Report, softened } from './finding.ts'
import type { Frame } from './frame.ts'
import { splitLabels } from './label.ts'
import type { ChangeSet, PreconditionContainer, Rollback, SqlVisitor } from './model.ts'
import { modifyChange, type PropertyRemoval, removeProperties } from './modification.ts'
import type { ChangelogNode } from './node.ts'
import { storedLogicalPath } from './path.ts'
import { readPreconditions } from './precondition.ts'
import type { PlacedChangeSet, Reading } from './reading.ts'
import { joinRollbacks, readRollback } from './rollback.ts'
import { didYouMean, nearest } from '#contract/spelling'
import { readModifySql } from './sql-visitor.ts'
import { attributesOf } from './vocabulary.ts'

const quotingChoices = ['LEGACY', 'QUOTE_ALL_OBJECTS', 'QUOTE_ONLY_RESERVED_WORDS'] as const
const structureNames = [
  'changes',
  'rollback',
  'preConditions',
  'preconditions',
  'modifySql',
  'validCheckSum',
  'validCheckSums',
]
const otherNames = ['comment', 'alwaysRun', 'filePath']
const attributeNames = new Set([...attributesOf.changeSet, ...otherNames].map((name) => name.toLowerCase()))

/** A change set in its place, its texts expanded already. One that `dbms` excludes is marked, and its errors are warnings. */
export function readChangeSet(
  node: ChangelogNode,
  frame: Frame,
  removals: readonly PropertyRemoval[],
  reading: Reading,
): PlacedChangeSet {
  const dbms = splitDbms(textOf(node, 'dbms', reading.report))
  const isSkipped = !matchesDbms(dbms, reading.database.shortName)
  const report = isSkipped ? softened(reading.report) : reading.report
  const own = textOf(node, 'logicalFilePath', report) ?? ''
  const firstPath = own.trim() === '' ? (frame.logicalPath ?? frame.file) : storedLogicalPath(own)
  const changeSet = build(node, { frame, dbms, path: firstPath, removals, reading, report })
  return { changeSet, hasLogicalPath: own.trim() !== '', firstPath, isSkipped }
}

interface Place {
  readonly frame: Frame
  readonly dbms: readonly string[]
  readonly path: string
  readonly removals: readonly PropertyRemoval[]
  readonly reading: Reading
  readonly report: Report
}

function build(node: ChangelogNode, place: Place): ChangeSet {
  const { frame, dbms, path, report, reading } = place
  const { format } = frame
  const boolean = (name: string, otherwise: boolean) => booleanOf(node, name, { format, otherwise }, report)
  const contextFilter = contextFilterOf(node, report)
  const contextNode = attribute(node, 'contextFilter', report) ?? attribute(node, 'context', report)
  if (contextNode) checkExpression(contextFilter, contextNode.span, reading, report)
  const dbmsNode = attribute(node, 'dbms', report)
  if (dbmsNode) checkDbms(dbms, dbmsNode.span, report)
  const runWith = textOf(node, 'runWith', report) || frame.modification?.runWith
  const { validCheckSums, preconditions, changes, rollback, sqlVisitors } = readParts(node, place)
  const { id, author } = identityOf(node, reading, report)
  return {
    id,
    author,
    path,
    physicalPath: frame.file,
    span: node.span,
    contextFilter,
    inheritedContextFilters: frame.contextFilters,
    labels: splitLabels(textOf(node, 'labels', report)),
    inheritedLabels: frame.labels,
    dbms,
    runAlways: boolean('runAlways', boolean('alwaysRun', false)),
    runOnChange: boolean('runOnChange', false),
    failOnError: boolean('failOnError', true),
    onValidationFail: choiceOf(node, 'onValidationFail', ['HALT', 'MARK_RAN'] as const, report) ?? 'HALT',
    runInTransaction: boolean('runInTransaction', true),
    runOrder: choiceOf(node, 'runOrder', ['first', 'last'] as const, report),
    ignore: boolean('ignore', false) || frame.ignore,
    objectQuotingStrategy: choiceOf(node, 'objectQuotingStrategy', quotingChoices, report) ?? frame.quoting,
    runWith: runWith || undefined,
    runWithSpoolFile: textOf(node, 'runWithSpoolFile', report) ?? frame.modification?.runWithSpoolFile,
    created: textOf(node, 'created', report),
    comment: commentOf(node),
    validCheckSums,
    preconditions,
    changes,
    rollback,
    sqlVisitors,
    format,
  }
}

function identityOf(
  node: ChangelogNode,
  reading: Reading,
  report: Report,
): { readonly id: string; readonly author: string } {
  const id = textOf(node, 'id', report) ?? ''
  const author = textOf(node, 'author', report) ?? ''
  if (id.trim() === '') {
    const place = attribute(node, 'id', report)?.span ?? node.span
    const isBare = node.children.length === 0
    const fix = isBare
      ? 'Give it an id; in YAML what belongs to a change set is indented further than the word changeSet.'
      : 'Give it an id that is unique for author and file.'
    report(problem('empty-id', 'The change set has no id.', place, fix))
  }
  if (author.trim() === '') {
    const place = attribute(node, 'author', report)?.span ?? node.span
    const make = reading.settings.strict ? problem : doubt
    report(make('empty-author', 'The change set has no author.', place, 'Give it an author.'))
  }
  return { id, author }
}

/** All comments, one a line; comments inside `changes` are none. */
function commentOf(node: ChangelogNode): string {
  const comments = node.children.filter((child) => child.name.toLowerCase() === 'comment')
  return comments
    .map((comment) => comment.value ?? '')
    .join('\n')
    .trim()
}

interface Parts {
  validCheckSums: string[]
  preconditions: PreconditionContainer | undefined
  changes: ChangelogNode[]
  rollback: Rollback | undefined
  sqlVisitors: SqlVisitor[]
}

function readParts(node: ChangelogNode, place: Place): Parts {
  const parts: Parts = {
    validCheckSums: [],
    preconditions: undefined,
    changes: [],
    rollback: undefined,
    sqlVisitors: [],
  }
  const rollbacks: Rollback[] = []
  const visit = (parent: ChangelogNode) => {
    for (const child of parent.children) {
      if (parent === node && attributeNames.has(child.name.toLowerCase())) continue
      if (child.name === 'changes') visit(child)
      else readPart(child, parts, rollbacks, place)
    }
  }
  visit(node)
  parts.rollback = joinRollbacks(rollbacks)
  parts.validCheckSums = [...new Set(parts.validCheckSums)]
  return parts
}

function readPart(child: ChangelogNode, parts: Parts, rollbacks: Rollback[], place: Place): void {
  const { frame, report, path } = place
  switch (child.name) {
    case 'validCheckSum':
    case 'validCheckSums':
      parts.validCheckSums.push(...readCheckSums(child, report))
      return
    case 'preConditions':
    case 'preconditions':
      if (parts.preconditions) {
        const message = `These preconditions replace those of line ${parts.preconditions.span.line}.`
        report(doubt('duplicate-preconditions', message, child.span, 'Put all preconditions into one element.'))
      }
      parts.preconditions = readPreconditions(
        child,
        { format: frame.format, level: 'changeSet', changelogPath: path },
        report,
      )
      return
    case 'modifySql':
      parts.sqlVisitors.push(...readModifySql(child, frame.format, report))
      return
    case 'rollback': {
      const changeOf = (nested: ChangelogNode) => changeIn(nested, 'rollback', place)
      rollbacks.push(readRollback(child, { changelogPath: path, changeOf }, report))
      return
    }
    default: {
      const change = changeIn(child, 'changeSet', place)
      if (change) parts.changes.push(modifyChange(change, frame.modification))
    }
  }
}

/** The child as a change, or undefined when it is none and what is wrong has been reported. */
function changeIn(child: ChangelogNode, parent: 'changeSet' | 'rollback', place: Place): ChangelogNode | undefined {
  const { reading, report, frame, removals } = place
  const known = reading.knownChangeTypes
  if (child.name === 'comment' && child.children.length === 0) {
    if (parent === 'changeSet') {
      const message = 'A comment inside changes is ignored.'
      report(doubt('ignored-entry', message, child.span, 'Put it directly under changeSet.'))
    }
    return undefined
  }
  if (known?.has(child.name)) return removeProperties(child, removals, reading.database.shortName)
  const names = parent === 'changeSet' ? [...structureNames, ...attributesOf.changeSet] : attributesOf.rollback
  const isScalar = child.children.length === 0 && frame.format !== 'xml'
  // Without the list of change types only what looks like a misspelt attribute is known to be no change.
  if (known === undefined && !(isScalar && nearest(child.name, names) !== undefined)) {
    return removeProperties(child, removals, reading.database.shortName)
  }
  const fix = `Correct the name; it is case-sensitive.${didYouMean(child.name, [...(known ?? []), ...names])}`
  if (isScalar) {
    const message = `${parent} knows no ${JSON.stringify(child.name)}; it is ignored.`
    report(doubt('ignored-entry', message, child.span, fix))
  } else {
    const make = reading.settings.changeLogParseMode === 'LAX' ? doubt : problem
    report(make('unknown-change-type', `There is no change type ${JSON.stringify(child.name)}.`, child.span, fix))
  }
  return undefined
}

function readCheckSums(node: ChangelogNode, report: Report): readonly string[] {
  const nested = node.children.find((child) => child.name !== 'comment')
  if (nested) {
    const message = `${node.name} takes a text or a list of texts; this entry is ignored.`
    report(doubt('ignored-entry', message, nested.span, 'Write "- 9:…" without a name in front.'))
  }
  const texts = node.items ?? (node.value === undefined ? [] : [node.value])
  return texts.map(normaliseCheckSum)
}
