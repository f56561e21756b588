// From which stages a run that failed can be gone on: the first one that is not done, and those before it.
import type { Execution } from '#contract/api/execution'
import { brokenStatuses, positiveStatuses } from '#contract/pipeline/status'

export const mayRetry = ({ status }: Pick<Execution, 'status'>): boolean =>
  status === 'Aborted' || brokenStatuses.has(status)

/** In document order; the last one is where the run ended. The server has the last word: it knows what was rolled back. */
export function retryStages({ nodes }: Pick<Execution, 'nodes'>): { readonly value: string; readonly label: string }[] {
  const stages = nodes.filter((node) => node.kind === 'stage')
  const end = stages.findIndex((stage) => !positiveStatuses.has(stage.status))
  return stages.slice(0, end + 1).map(({ id, name }) => ({ value: id, label: name }))
}
