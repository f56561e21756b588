// Why a step that waits is not taken: the delegates that were considered for its attempt.
import { useQuery } from '@tanstack/react-query'
import type { ExecutionNode } from '#contract/api/execution'
import { useApi } from '../../api.ts'
import { ConsideredList } from '../../part/considered.tsx'
import { consideredQuery, type Scope } from '../../query.ts'

export function StepDelegates({
  scope,
  execution,
  node,
}: {
  readonly scope: Scope
  readonly execution: string
  readonly node: ExecutionNode
}) {
  const isOpen = node.status === 'Queued'
  const isWanted = node.attempt !== null && (isOpen || node.fault?.code === 'no-delegate')
  const query = consideredQuery(useApi(), scope, execution, node.attempt ?? '', isOpen)
  const { data } = useQuery({ ...query, enabled: isWanted })
  return isWanted && data ? <ConsideredList rows={data} /> : null
}
