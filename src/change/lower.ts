// Turns SQL text of the user into single statements, each with its place in the user's file.
import type { ChangelogNode } from '#changelog/node'
import type { Span } from '#contract/diagnostic'
import { type SplitOptions, type SplitStatement, splitSql } from './split.ts'
import type { Statement } from './statement.ts'

/** Where the text begins. */
export interface TextPlace {
  readonly span: Span
  /** Columns that were cut from each line but the first. */
  readonly indent: number
  /** Can lines be counted inside the text? Otherwise every statement has the place of the whole. */
  readonly exact: boolean
}

export const placeInFile = (file: string): TextPlace => ({ span: { file, line: 1, column: 1 }, indent: 0, exact: true })

/** The place of the text of a node: its own value, or the child that holds it. */
export function placeOfText(node: ChangelogNode): TextPlace {
  const { valueSpan, valueIndent = 0, span } = node
  return valueSpan ? { span: valueSpan, indent: valueIndent, exact: true } : { span, indent: 0, exact: false }
}

export function lowerSql(text: string, options: SplitOptions, place: TextPlace): readonly Statement[] {
  return splitSql(text, options).map((statement) => ({
    type: 'raw-sql',
    sql: statement.sql,
    endDelimiter: options.endDelimiter,
    span: spanOf(statement, place),
  }))
}

function spanOf({ line, column }: SplitStatement, { span, indent, exact }: TextPlace): Span {
  if (!exact) return span
  const offset = line === 1 ? span.column - 1 : indent
  return { file: span.file, line: span.line + line - 1, column: column + offset }
}
