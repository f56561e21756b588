// Contexts: the expression of a change set against the names that a run is given, and the other way round.
import { Fault } from '#contract/fault'
import { holds, parseExpression, type Term } from './expression.ts'
import type { ChangeSet } from './model.ts'

type Filtered = Pick<ChangeSet, 'contextFilter' | 'inheritedContextFilters'>

/**
 * Whether a run with `--contexts` takes the change set. `runtimeContexts` is a comma list of names, or an expression; empty
 * takes everything but `@name`. Its own expression must hold for the names, or the text given for the run, as an expression,
 * for what the change set says; and what changelogs and includes around it say must hold for the names, too.
 * Raises Fault `invalid-input` for an expression that cannot be parsed.
 */
export function matchesContexts(changeSet: Filtered, runtimeContexts: string): boolean {
  const { contextFilter, inheritedContextFilters } = changeSet
  // Nearly all, and each is asked about twice.
  if (runtimeContexts === '' && contextFilter === '' && inheritedContextFilters.length === 0) return true
  const names = splitNames(runtimeContexts)
  const full = fullContext(changeSet)
  const reversed = () => holds(terms(runtimeContexts), full === '' ? [] : [full])
  if (!reversed() && !holds(terms(contextFilter), names)) return false
  return inheritedContextFilters.every((filter) => holds(terms(filter), names))
}

/** Whether one expression, such as that of a property, holds for the contexts of a run. */
export function contextHolds(filter: string, runtimeContexts: string): boolean {
  return holds(terms(filter), splitNames(runtimeContexts))
}

/**
 * What CONTEXTS of the history table holds; empty when there is no expression. Those around the change set come first, nearest
 * first, each in parentheses when it has a comma or a blank.
 */
export function fullContext(changeSet: Filtered): string {
  const filters = [...changeSet.inheritedContextFilters, changeSet.contextFilter].filter((filter) => filter !== '')
  return filters.map((filter) => (/[, ]/.test(filter) ? `(${filter})` : filter)).join(' AND ')
}

function splitNames(text: string): readonly string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

export function terms(text: string): readonly Term[] {
  const expression = parseExpression(text)
  if (expression.terms) return expression.terms
  throw new Fault('invalid-input', expression.mistake, {
    hint: 'Use names with "and", "or", "not", "!" and balanced parentheses; a comma means "or".',
  })
}
