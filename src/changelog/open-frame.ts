// What a changelog file begins with: its own attributes, and what the include and the files around it hand on.
import type { Span } from '#contract/diagnostic'
import { attribute, choiceOf, contextFilterOf, type Format, textOf } from './attribute.ts'
import { checkExpression } from './filter.ts'
import { doubt, problem } from './finding.ts'
import { logicalPathOfHeader } from './formatted-sql.ts'
import { expanderOf, expandTree, type Frame } from './frame.ts'
import type { Inclusion } from './include.ts'
import type { ChangelogNode } from './node.ts'
import type { PropertyScope } from './property.ts'
import type { Reading } from './reading.ts'
import { attributesOf } from './vocabulary.ts'

const quotingChoices = ['LEGACY', 'QUOTE_ALL_OBJECTS', 'QUOTE_ONLY_RESERVED_WORDS'] as const

/** What surrounds a file: nothing for the root, else the including file and what its element says. */
export interface Surroundings {
  readonly parent: Frame | undefined
  readonly scope: PropertyScope
  readonly inclusion: Inclusion | undefined
}

/** What is handed on from outside; the file itself has not been asked yet. */
export function outerFrame(file: string, format: Format, around: Surroundings): Frame {
  const { parent, scope, inclusion } = around
  return {
    file,
    format,
    parent,
    contextFilters: [...filled(inclusion?.contextFilter), ...(parent?.contextFilters ?? [])],
    labels: [...(inclusion && inclusion.labels.length > 0 ? [inclusion.labels] : []), ...(parent?.labels ?? [])],
    ignore: (inclusion?.ignore ?? false) || (parent?.ignore ?? false),
    modification: inclusion?.modification ?? parent?.modification,
    scope,
    quoting: 'LEGACY',
    logicalPath: undefined,
  }
}

/** The path that the header of a formatted SQL file names. */
export function readHeader(text: string, outer: Frame, reading: Reading): Frame {
  const written = logicalPathOfHeader(text)
  const place: Span = { file: outer.file, line: 1, column: 1 }
  const expand = expanderOf(outer, reading.settings, {}, ({ code, message, fix }) => {
    reading.report(problem(code, message, place, fix))
  })
  return { ...outer, logicalPath: written && expand(written) }
}

/** The attributes of databaseChangeLog, expanded with the properties that are known by then. */
export function readOwnAttributes(root: ChangelogNode, outer: Frame, reading: Reading): Frame {
  const { report } = reading
  const names = attributesOf.databaseChangeLog.map((name) => name.toLowerCase())
  const attributes = root.children.filter((child) => names.includes(child.name.toLowerCase()))
  const own = expandTree({ ...root, children: attributes }, outer, reading.settings, {}, report)
  const contextFilter = contextFilterOf(own, report)
  checkExpression(contextFilter, attribute(own, 'contextFilter', report)?.span ?? own.span, reading, report)
  const logicalPath = textOf(own, 'logicalFilePath', report)
  if (logicalPath?.trim() === '') {
    const message = 'logicalFilePath is blank, and so is FILENAME in the history for the change sets of this file.'
    const place = attribute(own, 'logicalFilePath', report)?.span ?? own.span
    report(doubt('blank-logical-path', message, place, 'Remove it, once no database has run them.'))
  }
  return {
    ...outer,
    contextFilters: [...filled(contextFilter), ...outer.contextFilters],
    quoting: choiceOf(own, 'objectQuotingStrategy', quotingChoices, report) ?? 'LEGACY',
    logicalPath,
  }
}

function filled(text: string | undefined): readonly string[] {
  return text === undefined || text === '' ? [] : [text]
}
