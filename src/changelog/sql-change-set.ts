// Change sets from SQL files: each block of a formatted file, and a plain file as the one change set that it is.
import { checkDbms, checkExpression } from './filter.ts'
import { normaliseCheckSum } from './check-sum.ts'
import { splitDbms } from './dbms.ts'
import { doubt, problem } from './finding.ts'
import { checkPairs, lineAttribute, lineBoolean } from './formatted-sql-attribute.ts'
import { readSqlPreconditions } from './formatted-sql-precondition.ts'
import { looksFormatted, type SqlBlock } from './formatted-sql.ts'
import { expanderOf, type Frame } from './frame.ts'
import { indentOf, trimmed } from './java-text.ts'
import { splitLabels } from './label.ts'
import type { ChangeSet, Rollback } from './model.ts'
import type { ChangelogNode } from './node.ts'
import { normalisePath } from './path.ts'
import { type Positions, positionsOf } from './position.ts'
import type { PlacedChangeSet, Reading } from './reading.ts'
import { doubtEmpty } from './rollback.ts'

/** One for all: most change sets have no labels, visitors and the like. */
const none: readonly never[] = []

/** A block of formatted SQL; properties in its texts are expanded. `dbms` never drops it while reading. */
export function sqlChangeSet(block: SqlBlock, frame: Frame, reading: Reading): PlacedChangeSet {
  const { report } = reading
  const { attributes, lineSpan } = block
  const expand = expanderOf(
    frame,
    reading.settings,
    { id: block.id, author: block.author },
    ({ code, message, fix }) => {
      report(problem(code, message, lineSpan, fix))
    },
  )
  const text = (name: Parameters<typeof lineAttribute>[1]) => expand(lineAttribute(attributes, name) ?? '')
  const firstPath = normalisePath(text('logicalFilePath')) || (frame.logicalPath ?? frame.file)
  const filter = text('contextFilter') || text('context')
  const contextFilter = filter.trim() === '' ? '' : filter
  const dbms = splitDbms(text('dbms'))
  checkExpression(contextFilter, lineSpan, reading, report)
  checkDbms(dbms, lineSpan, report)
  const runWith = lineAttribute(attributes, 'runWith') ?? frame.modification?.runWith
  const spoolFile = lineAttribute(attributes, 'runWithSpoolFile') ?? frame.modification?.runWithSpoolFile
  // Every field is written out: spread from another object they took half as much memory again, and reading twice the time.
  const changeSet: ChangeSet = {
    id: expand(block.id),
    author: expand(block.author),
    path: firstPath,
    physicalPath: frame.file,
    span: block.span,
    contextFilter,
    inheritedContextFilters: frame.contextFilters,
    inheritedLabels: frame.labels,
    labels: splitLabels(text('labels')),
    dbms,
    runAlways: lineBoolean(attributes, 'runAlways', false),
    runOnChange: lineBoolean(attributes, 'runOnChange', false),
    failOnError: lineBoolean(attributes, 'failOnError', true),
    onValidationFail: 'HALT',
    runInTransaction: lineBoolean(attributes, 'runInTransaction', true),
    runOrder: undefined,
    ignore: lineBoolean(attributes, 'ignore', false) || frame.ignore,
    objectQuotingStrategy: 'LEGACY',
    runWith: runWith && expand(runWith),
    runWithSpoolFile: spoolFile && expand(spoolFile),
    created: undefined,
    comment: block.comment,
    validCheckSums: block.checkSums.length === 0 ? none : [...new Set(block.checkSums.map(normaliseCheckSum))],
    preconditions: readSqlPreconditions(block, expand, report),
    changes: [sqlNode(block, expand, frame)],
    rollback: rollbackOf(block, expand, firstPath, reading),
    sqlVisitors: none,
    format: 'formatted-sql',
  }
  return { changeSet, hasLogicalPath: false, firstPath, isSkipped: false }
}

function option(name: string, value: string, near: ChangelogNode['span']): ChangelogNode {
  return { name, value, children: none, span: near }
}

function sqlNode(block: SqlBlock, expand: (text: string) => string, frame: Frame): ChangelogNode {
  const { attributes, lineSpan, sql, sqlSpan } = block
  const value = expand(sql)
  const stripDefault = (frame.modification?.stripComments ?? 'true').trim().toLowerCase() === 'true'
  const delimiter = lineAttribute(attributes, 'endDelimiter') ?? (value.endsWith('\n/') ? '\n/$' : undefined)
  const keepsLines = block.isContiguous && value.split('\n').length === sql.split('\n').length
  return {
    name: 'sql',
    value: value === '' ? undefined : value,
    children: [
      option('splitStatements', String(lineBoolean(attributes, 'splitStatements', true)), lineSpan),
      option('stripComments', String(lineBoolean(attributes, 'stripComments', stripDefault)), lineSpan),
      ...(delimiter === undefined ? [] : [option('endDelimiter', delimiter, lineSpan)]),
    ],
    span: sqlSpan,
    ...(keepsLines ? { valueSpan: sqlSpan } : {}),
  }
}

function rollbackOf(
  block: SqlBlock,
  expand: (text: string) => string,
  path: string,
  reading: Reading,
): Rollback | undefined {
  const text = block.rollback.join('\n').trim()
  const { attributes, rollbackSpan: span = block.lineSpan } = block
  if (text === '') return undefined
  // Only a single line says that there is nothing to do.
  if (/^(?:not required|empty).*$/i.test(text)) return { span, changes: [], references: [] }
  if (text.toLowerCase().includes('changesetid')) return referenceOf(text, span, path, reading)
  doubtEmpty(text, span, reading.report)
  const delimiter = lineAttribute(attributes, 'rollbackEndDelimiter')
  const node: ChangelogNode = {
    name: 'sql',
    value: expand(text),
    children: [
      option('splitStatements', String(lineBoolean(attributes, 'rollbackSplitStatements', true)), span),
      option('stripComments', 'false', span),
      ...(delimiter === undefined ? [] : [option('endDelimiter', delimiter, span)]),
    ],
    span,
  }
  return { span, changes: [node], references: [] }
}

function referenceOf(text: string, span: Rollback['span'], path: string, reading: Reading): Rollback {
  const pick = (name: string) => new RegExp(`${name}:(\\S+)`, 'i').exec(text)?.[1]
  const id = pick('changesetId')
  const author = pick('changesetAuthor')
  if (id === undefined || author === undefined) {
    const missing = id === undefined ? 'changesetId' : 'changesetAuthor'
    const fix = 'Write --rollback changesetId:ID changesetAuthor:AUTHOR, or avoid the word "changesetid" in the SQL.'
    reading.report(problem('rollback-reference', `The rollback names no ${missing}.`, span, fix))
    return { span, changes: [], references: [] }
  }
  checkPairs('rollback', text, () => span, reading.report)
  return { span, changes: [], references: [{ id, author, path: pick('changesetPath') ?? path, span }] }
}

/** A whole file as one change set that runs as one statement; it is not expanded. */
export function plainSqlChangeSet(text: string, frame: Frame, reading: Reading): PlacedChangeSet {
  const positions = positionsOf(frame.file, text)
  const formatted = looksFormatted(text)
  if (formatted !== undefined) {
    const message = 'The file is run as one statement: it does not begin with the header of formatted SQL.'
    const fix = 'Make "--liquibase formatted sql" its first line, or remove this directive.'
    reading.report(doubt('no-header', message, positions.line(formatted), fix))
  }
  const stripComments = (frame.modification?.stripComments ?? 'false').trim().toLowerCase()
  const identity = { author: 'includeAll', id: rawIdOf(frame.file, reading) }
  const { sql, span } = trimmedSql(text, positions)
  const firstPath = frame.logicalPath ?? frame.file
  const changeSet: ChangeSet = {
    ...identity,
    path: firstPath,
    physicalPath: frame.file,
    inheritedContextFilters: frame.contextFilters,
    inheritedLabels: frame.labels,
    span: positions.span(0, text.length),
    contextFilter: '',
    labels: [],
    dbms: [],
    runAlways: false,
    runOnChange: false,
    failOnError: true,
    onValidationFail: 'HALT',
    runInTransaction: true,
    runOrder: undefined,
    ignore: frame.ignore,
    objectQuotingStrategy: 'LEGACY',
    runWith: frame.modification?.runWith,
    runWithSpoolFile: frame.modification?.runWithSpoolFile,
    created: undefined,
    comment: '',
    validCheckSums: [],
    preconditions: undefined,
    changes: [
      {
        name: 'sql',
        value: sql === '' ? undefined : sql,
        children: [option('splitStatements', 'false', span), option('stripComments', stripComments, span)],
        span,
        ...(sql === '' ? {} : { valueSpan: span }),
      },
    ],
    rollback: undefined,
    sqlVisitors: none,
    format: 'sql',
  }
  return { changeSet, hasLogicalPath: false, firstPath, isSkipped: false }
}

/** Liquibase 4.30 put the path into the id; what it has recorded stays recorded. */
function rawIdOf(file: string, reading: Reading): string {
  const old = `raw_${file.replaceAll('/', '_')}`
  return reading.isRecorded({ path: file, id: old, author: 'includeAll' }) ? old : 'raw'
}

function trimmedSql(
  text: string,
  positions: Positions,
): { readonly sql: string; readonly span: ChangelogNode['span'] } {
  const sql = trimmed(text)
  const start = indentOf(text)
  return { sql: sql.replaceAll('\r\n', '\n'), span: positions.span(start, start + sql.length) }
}
