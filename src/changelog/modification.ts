// modifyChangeSets and removeChangeSetProperty: what a changelog changes about the change sets below and after it.
import { textOf } from './attribute.ts'
import { matchesDbms, splitDbms } from './dbms.ts'
import { doubt, problem, type Report } from './finding.ts'
import type { Modification } from './frame.ts'
import type { ChangelogNode } from './node.ts'

/** Takes a property away from the columns of addColumn, on some databases, in the change sets after it in the same file. */
export interface PropertyRemoval {
  readonly change: string
  readonly dbms: readonly string[]
  readonly property: string
}

const removable = ['afterColumn', 'beforeColumn', 'position']

/** Undefined when the element has no effect, which is then reported. */
export function readRemoval(node: ChangelogNode, report: Report): PropertyRemoval | undefined {
  const change = textOf(node, 'change', report) ?? ''
  const property = textOf(node, 'remove', report) ?? ''
  const dbms = splitDbms(textOf(node, 'dbms', report))
  if (change !== 'addColumn') {
    const message = `removeChangeSetProperty has no effect on ${JSON.stringify(change)}.`
    report(doubt('no-effect', message, node.span, 'It works on addColumn only.'))
    return undefined
  }
  if (!removable.includes(property)) {
    const message = `removeChangeSetProperty cannot remove ${JSON.stringify(property)}.`
    report(problem('bad-value', message, node.span, `Name one of ${removable.join(', ')}; use one element for each.`))
    return undefined
  }
  if (dbms.length === 0) {
    const message = 'removeChangeSetProperty without dbms has no effect.'
    report(doubt('no-effect', message, node.span, 'Name the databases in dbms, or write dbms="all".'))
    return undefined
  }
  return { change, dbms, property }
}

/** The change without what was taken away for this database. */
export function removeProperties(
  change: ChangelogNode,
  removals: readonly PropertyRemoval[],
  shortName: string,
): ChangelogNode {
  const names = removals
    .filter((removal) => removal.change === change.name && matchesDbms(removal.dbms, shortName))
    .map((removal) => removal.property.toLowerCase())
  if (names.length === 0) return change
  const isColumn = (node: ChangelogNode) => node.name === 'column' || node.name === 'columns'
  const without = (node: ChangelogNode): ChangelogNode => ({
    ...node,
    children: node.children
      .filter((child) => !(isColumn(node) && names.includes(child.name.toLowerCase())))
      .map((child) => (isColumn(child) ? without(child) : child)),
  })
  return without(change)
}

/** What a `modifyChangeSets` element gives; what it leaves out comes from one around it. */
export function readModification(node: ChangelogNode, outer: Modification | undefined, report: Report): Modification {
  const endDelimiter = textOf(node, 'endDelimiter', report)
  if (endDelimiter !== undefined) {
    const message = 'endDelimiter of modifyChangeSets has no effect in the open-source edition, and not here.'
    report(doubt('no-effect', message, node.span, 'Write endDelimiter on the sql and sqlFile changes.'))
  }
  return {
    runWith: textOf(node, 'runWith', report) ?? outer?.runWith,
    runWithSpoolFile: textOf(node, 'runWithSpoolFile', report) ?? outer?.runWithSpoolFile,
    stripComments: textOf(node, 'stripComments', report) ?? outer?.stripComments,
  }
}

/** sql and sqlFile changes that do not say themselves whether comments are stripped. */
export function modifyChange(change: ChangelogNode, modification: Modification | undefined): ChangelogNode {
  const value = modification?.stripComments
  if (value === undefined || (change.name !== 'sql' && change.name !== 'sqlFile')) return change
  if (change.children.some((child) => child.name.toLowerCase() === 'stripcomments')) return change
  const stripComments: ChangelogNode = { name: 'stripComments', value, children: [], span: change.span }
  return { ...change, children: [...change.children, stripComments] }
}
