// Checks expressions and database lists as soon as they are read, so that a mistake is found before anything runs.
import type { Span } from '#contract/diagnostic'
import { parseExpression } from './expression.ts'
import { doubt, problem, type Report } from './finding.ts'
import { didYouMean } from '#contract/spelling'
import { databaseNames } from './vocabulary.ts'

/**
 * Reports a context expression that cannot be evaluated. Without contexts the original engine never looks at it, so it is only
 * worth a warning then. Returns whether it is good.
 */
export function checkExpression(text: string, span: Span, run: { readonly contexts: string }, report: Report): boolean {
  const { mistake } = parseExpression(text)
  if (mistake === undefined) return true
  const make = run.contexts.trim() === '' ? doubt : problem
  const fix = 'Use names with "and", "or", "not", "!" and balanced parentheses; a comma means "or".'
  report(make('bad-expression', mistake, span, fix))
  return false
}

/** Reports names that no database has: `postgres` for `postgresql` silently excludes a change set everywhere. */
export function checkDbms(list: readonly string[], span: Span, report: Report): void {
  for (const entry of list) {
    const name = entry.replace(/^!\s*/, '')
    if (name === 'all' || name === 'none' || name.includes('${') || databaseNames.includes(name)) continue
    const fix = `Use the short name of a database.${name === 'postgres' ? ' Did you mean "postgresql"?' : didYouMean(name, databaseNames)}`
    report(doubt('unknown-dbms', `No database has the short name ${JSON.stringify(name)}.`, span, fix))
  }
}
