// The SQL that a preview step produced: the script, or its change sets one by one.
import { useQuery } from '@tanstack/react-query'
import type { ExecutionNode } from '#contract/api/execution'
import { useApi } from '../../api.ts'
import { FaultNotice, Loading } from '../../part/notice.tsx'
import { planQuery, type Scope } from '../../query.ts'
import style from './execution.module.css'
import { PlanView } from './plan-view.tsx'

export function StepPlan({
  scope,
  execution,
  node,
}: {
  readonly scope: Scope
  readonly execution: string
  readonly node: ExecutionNode
}) {
  const { data, error, refetch } = useQuery(planQuery(useApi(), scope, execution, node.id))
  if (error) {
    return (
      <div className={style.pad}>
        <FaultNotice error={error} retry={() => void refetch()} />
      </div>
    )
  }
  if (!data) return <Loading />
  return <PlanView plans={data} />
}
