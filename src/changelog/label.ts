// Labels: the names of a change set against the expression that a run is given.
import { terms } from './context.ts'
import { holds } from './expression.ts'
import type { ChangeSet } from './model.ts'

type Labelled = Pick<ChangeSet, 'labels' | 'inheritedLabels'>

/**
 * Whether a run with `--label-filter` takes the change set: the expression must hold for its labels together with those of
 * includes around it. Empty takes everything. Raises Fault `invalid-input` for a filter that cannot be parsed.
 */
export function matchesLabels(changeSet: Labelled, labelFilter: string): boolean {
  const filter = terms(labelFilter)
  return filter.length === 0 || holds(filter, [...changeSet.inheritedLabels.flat(), ...changeSet.labels])
}

/** Whether labels that are no change set's, such as those of a property, pass the filter of a run. */
export function labelsHold(labels: readonly string[], labelFilter: string): boolean {
  return matchesLabels({ labels, inheritedLabels: [] }, labelFilter)
}

/** What LABELS of the history table holds; empty when there are none. */
export function fullLabels(changeSet: Labelled): string {
  return [...changeSet.inheritedLabels, changeSet.labels]
    .filter((labels) => labels.length > 0)
    .map((labels) => labels.join(','))
    .join(',')
}

/** One for all change sets that have none. */
const none: readonly string[] = []

/** A comma list as labels: lower case, trimmed, each once, in order. */
export function splitLabels(text: string | undefined): readonly string[] {
  if (text === undefined || text.trim() === '') return none
  return [...new Set(text.split(',').map((label) => label.trim().toLowerCase()))]
}
