// Finds the place of a failing statement in the user's file, whatever format the SQL is written in.
import type { FileSource } from '#changelog/source'
import type { Span } from '#contract/diagnostic'
import type { PlannedStatement } from '../plan.ts'

/**
 * The line and column of `position` (offset in the statement) or of the statement's start. Looks for the very line of SQL within
 * the span of the change: indentation of YAML and CDATA of XML do not matter, and what a writer generated is simply not found.
 */
export async function locate(
  files: FileSource,
  statement: PlannedStatement,
  position: number | undefined,
): Promise<Span | undefined> {
  const bytes = await files.read(statement.span.file)
  if (bytes === undefined) return undefined
  const lines = new TextDecoder().decode(bytes).split(/\r\n|\r|\n/)
  return locateInLines(lines, statement, position ?? firstVisible(statement.sql))
}

export function locateInLines(
  lines: readonly string[],
  statement: PlannedStatement,
  position: number,
): Span | undefined {
  const { sql, span } = statement
  const wanted = sql.split(/\r\n|\r|\n/)
  const { index, column } = lineOf(wanted, position)
  const target = wanted[index] ?? ''
  const text = target.trim()
  if (text === '') return undefined
  const last = Math.min(span.endLine ?? lines.length, lines.length)
  const candidates: { readonly line: number; readonly start: number; readonly score: number }[] = []
  for (let line = span.line; line <= last; line += 1) {
    const start = (lines[line - 1] ?? '').indexOf(text)
    if (start >= 0) {
      // Of statements that are equal word for word the one that the splitting of the text found there.
      const expected = line === span.line + index ? 0.5 : 0
      candidates.push({ line, start, score: agreement(lines, wanted, line, index) + expected })
    }
  }
  const best = candidates.toSorted((a, b) => b.score - a.score || a.line - b.line)[0]
  if (best === undefined) return undefined
  const inside = Math.max(0, column - (target.length - target.trimStart().length))
  return { file: span.file, line: best.line, column: best.start + inside + 1 }
}

/** How many of the statement's other lines stand where they should around a candidate; tells equal lines apart. */
function agreement(lines: readonly string[], wanted: readonly string[], line: number, index: number): number {
  return wanted.filter((text, other) => (lines[line - 1 + other - index] ?? '').includes(text.trim())).length
}

function lineOf(wanted: readonly string[], position: number): { readonly index: number; readonly column: number } {
  let rest = position
  for (const [index, text] of wanted.entries()) {
    if (rest <= text.length) return { index, column: rest }
    rest -= text.length + 1
  }
  return { index: 0, column: 0 }
}

function firstVisible(sql: string): number {
  return Math.max(0, sql.search(/\S/))
}
