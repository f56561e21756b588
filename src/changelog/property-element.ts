// property elements: one name with its value, or a whole .properties file.
import { attribute, booleanOf, contextFilterOf, doubtUnknown, textOf } from './attribute.ts'
import { splitDbms } from './dbms.ts'
import { checkDbms, checkExpression } from './filter.ts'
import { doubt, problem } from './finding.ts'
import { checkPairs, lineAttribute, placeAtEnd } from './formatted-sql-attribute.ts'
import type { Frame } from './frame.ts'
import { splitLabels } from './label.ts'
import type { ChangelogNode } from './node.ts'
import { resolvePath } from './path.ts'
import { parseProperties } from './properties-file.ts'
import type { Reading } from './reading.ts'
import { readBytes } from './load.ts'
import { attributesOf } from './vocabulary.ts'
import type { Span } from '#contract/diagnostic'

/** Defines what the element says in the scope of the frame. */
export async function defineProperty(node: ChangelogNode, frame: Frame, reading: Reading): Promise<void> {
  const { report } = reading
  const { format } = frame
  if (format !== 'xml') doubtUnknown(node, attributesOf.property, report)
  // In YAML and JSON the original engine reads context only.
  const contextFilter = format === 'xml' ? contextFilterOf(node, report) : (textOf(node, 'context', report) ?? '')
  const ignored = format === 'xml' ? undefined : attribute(node, 'contextFilter', report)
  if (ignored) {
    const message = 'contextFilter of a property has no effect in YAML and JSON.'
    report(doubt('no-effect', message, ignored.span, 'Write context instead.'))
  }
  if (!checkExpression(contextFilter, node.span, reading, report)) return
  const dbms = splitDbms(textOf(node, 'dbms', report))
  checkDbms(dbms, attribute(node, 'dbms', report)?.span ?? node.span, report)
  const filters = { contextFilter, labels: splitLabels(textOf(node, 'labels', report)), dbms }
  const isGlobal = booleanOf(node, 'global', { format, otherwise: true }, report)
  const file = textOf(node, 'file', report)
  if (file !== undefined) {
    for (const [name, value] of await readPairs(node, file, frame, reading)) {
      frame.scope.define({ name, value, ...filters }, isGlobal)
    }
    return
  }
  const name = textOf(node, 'name', report)
  const value = textOf(node, 'value', report)
  if (name === undefined || name === '') {
    report(problem('missing-attribute', 'The property has no name.', node.span, 'Add name and value, or file.'))
  } else if (value !== undefined) frame.scope.define({ name, value, ...filters }, isGlobal)
}

async function readPairs(
  node: ChangelogNode,
  file: string,
  frame: Frame,
  reading: Reading,
): Promise<readonly (readonly [string, string])[]> {
  const { report } = reading
  const options = { format: frame.format, otherwise: false }
  const isRelative = booleanOf(node, 'relativeToChangelogFile', options, report)
  const mustExist = booleanOf(node, 'errorIfMissing', { ...options, otherwise: true }, report)
  const path = resolvePath(file, isRelative ? frame.file : undefined)
  const span = attribute(node, 'file', report)?.span ?? node.span
  const bytes = await readBytes(path, span, reading)
  if (bytes === 'refused') return []
  if (bytes !== undefined) return parseProperties(bytes)
  if (mustExist) {
    const fix = 'Correct the path, or set errorIfMissing to false.'
    report(problem('missing-properties-file', `There is no file ${JSON.stringify(path)}.`, span, fix))
  }
  return []
}

/** A `--property` line of formatted SQL. */
export function definePropertyLine(text: string, span: Span, frame: Frame, reading: Reading): void {
  const name = lineAttribute(text, 'name')
  const value = lineAttribute(text, 'value')
  const pairs = text.replace(/^[ \t\v\f]*--[ \t\v\f]*property/i, '')
  checkPairs('property', pairs, placeAtEnd(span, pairs), reading.report)
  if (name === undefined) {
    reading.report(
      problem('missing-attribute', 'The property has no name.', span, 'Write --property name:NAME value:VALUE.'),
    )
    return
  }
  const contextFilter = lineAttribute(text, 'contextFilter') ?? lineAttribute(text, 'context') ?? ''
  if (!checkExpression(contextFilter, span, reading, reading.report) || value === undefined) return
  const dbms = splitDbms(lineAttribute(text, 'dbms'))
  checkDbms(dbms, span, reading.report)
  const isGlobal = (lineAttribute(text, 'global') ?? 'true').toLowerCase() === 'true'
  frame.scope.define({ name, value, contextFilter, labels: splitLabels(lineAttribute(text, 'labels')), dbms }, isGlobal)
}
