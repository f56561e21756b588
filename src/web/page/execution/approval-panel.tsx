// A step that waits for people: what would run, what was said, and the decision, bound to exactly the SQL that was shown.
import { useQuery } from '@tanstack/react-query'
import type { Approval } from '#contract/api/approval'
import { useApi } from '../../api.ts'
import { approvalLook } from '../../model/status.ts'
import { Digest } from '../../part/copy.tsx'
import { FaultNotice, Loading } from '../../part/notice.tsx'
import { StatusPill } from '../../part/status.tsx'
import { Ago } from '../../part/time.tsx'
import { approvalQuery, planQuery } from '../../query.ts'
import { ApprovalDecision } from './approval-decision.tsx'
import style from './approval-panel.module.css'
import { type Plan, PlanView } from './plan-view.tsx'
import type { StepProps } from './step-detail.tsx'

export function ApprovalPanel({
  scope,
  execution,
  node,
  refresh,
  approval: id,
}: StepProps & { readonly approval: string }) {
  const api = useApi()
  const approval = useQuery(approvalQuery(api, scope, id))
  const plans = useQuery(planQuery(api, scope, execution.id, node.id))
  const fault = approval.error ?? plans.error
  return (
    <div className={style.panel}>
      {fault ? (
        <div className={style.pad}>
          <FaultNotice error={fault} retry={() => void Promise.all([approval.refetch(), plans.refetch()])} />
        </div>
      ) : null}
      {approval.data ? <Said approval={approval.data} plans={plans.data ?? []} /> : null}
      {plans.data ? <PlanView plans={plans.data} /> : fault ? null : <Loading />}
      {approval.data?.status === 'WAITING' && plans.data ? (
        <ApprovalDecision scope={scope} approval={approval.data} plans={plans.data} decided={refresh} />
      ) : null}
    </div>
  )
}

function Said({ approval, plans }: { readonly approval: Approval; readonly plans: readonly Plan[] }) {
  const { approvers, activities } = approval
  const given = activities.filter((one) => one.action === 'APPROVE').length
  return (
    <div className={style.said}>
      {approval.message ? <p className={style.message}>{approval.message}</p> : null}
      <p className={style.rules}>
        <span>
          {given} of {approvers.minimumCount} {approvers.minimumCount === 1 ? 'approval' : 'approvals'}
        </span>
        {approvers.disallowPipelineExecutor ? <span>not by who started the run</span> : null}
        {approvers.userGroups.length > 0 ? <span>by members of {approvers.userGroups.join(', ')}</span> : null}
        {approvers.disallowedUserEmails.length > 0 ? (
          <span>not by {approvers.disallowedUserEmails.join(', ')}</span>
        ) : null}
        <span>
          requested <Ago at={approval.createdAt} />
        </span>
        {approval.status === 'WAITING' ? (
          <span>
            expires <Ago at={approval.deadline} />
          </span>
        ) : null}
      </p>
      {approval.planDigests.length > 0 ? <BoundTo approval={approval} plans={plans} /> : null}
      <GivenInputs approval={approval} />
      {activities.length > 0 ? (
        <ul className={style.activities}>
          {activities.map((one) => (
            <li key={`${one.user} ${one.at}`}>
              <StatusPill look={approvalLook(one.action === 'APPROVE' ? 'APPROVED' : 'REJECTED')} />
              <span title={one.user}>{one.name}</span>
              <span className="soft">
                <Ago at={one.at} />
              </span>
              {one.comments ? <span className={style.comment}>“{one.comments}”</span> : null}
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  )
}

/** The plans that the decision is about: an apply that would run others is refused. */
function BoundTo({ approval, plans }: { readonly approval: Approval; readonly plans: readonly Plan[] }) {
  return (
    <p className={style.rules}>
      {approval.planDigests.map((digest) => {
        const instance = plans.find((plan) => plan.digest === digest)?.dbInstance
        return (
          <span key={digest}>
            {approval.status === 'APPROVED' ? 'approved' : 'about'} plan <Digest value={digest} />
            {instance === undefined ? null : ` of ${instance}`}
          </span>
        )
      })}
    </p>
  )
}

function GivenInputs({ approval: { givenInputs } }: { readonly approval: Approval }) {
  const given = Object.entries(givenInputs).filter(([, value]) => value !== '')
  if (given.length === 0) return null
  return (
    <dl className={style.given} aria-label="Values given by approvers">
      {given.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
