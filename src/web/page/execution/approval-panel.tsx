// A step that waits for people: what would run, what was said, and the decision, bound to exactly the SQL that was shown.
import { Button, Textarea } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Approval } from '#contract/api/approval'
import { useApi } from '../../api.ts'
import { approvalLook } from '../../model/status.ts'
import { Icon } from '../../part/icon.tsx'
import { FaultNotice, Loading, Notice } from '../../part/notice.tsx'
import { StatusPill } from '../../part/status.tsx'
import { Ago } from '../../part/time.tsx'
import { approvalQuery, planQuery, type Scope } from '../../query.ts'
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
      {approval.data ? <Said approval={approval.data} /> : null}
      {plans.data ? <PlanView plans={plans.data} /> : fault ? null : <Loading />}
      {approval.data?.status === 'WAITING' && plans.data ? (
        <Decision scope={scope} approval={approval.data} plans={plans.data} decided={refresh} />
      ) : null}
    </div>
  )
}

function Said({ approval }: { readonly approval: Approval }) {
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
        {approvers.userGroups.length > 0 ? <span>by {approvers.userGroups.join(', ')}</span> : null}
        <span>
          requested <Ago at={approval.createdAt} />
        </span>
        {approval.status === 'WAITING' ? (
          <span>
            expires <Ago at={approval.deadline} />
          </span>
        ) : null}
      </p>
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

function Decision({
  scope,
  approval,
  plans,
  decided,
}: {
  readonly scope: Scope
  readonly approval: Approval
  readonly plans: readonly Plan[]
  readonly decided: () => Promise<unknown>
}) {
  const api = useApi()
  const queries = useQueryClient()
  const [comments, setComments] = useState('')
  const decide = useMutation({
    mutationFn: (action: 'APPROVE' | 'REJECT') =>
      api.decideApproval({
        params: { ...scope, approval: approval.id },
        body: { action, comments: comments.trim(), planDigests: plans.map((plan) => plan.digest) },
      }),
    onSettled: () => Promise.all([queries.invalidateQueries({ queryKey: ['approval'] }), decided()]),
  })
  if (!approval.decidable) {
    return (
      <div className={style.decision}>
        <Notice tone="calm" title={approval.notDecidableBecause ?? 'You may not decide this.'}>
          <p className="soft">Somebody else has to review the SQL and decide.</p>
        </Notice>
      </div>
    )
  }
  return (
    <div className={style.decision}>
      {decide.error ? <FaultNotice error={decide.error} /> : null}
      <div className={style.form}>
        <Textarea
          className={style.comments}
          label="Comment"
          placeholder="Optional; kept with the decision"
          autosize
          minRows={1}
          maxRows={4}
          maxLength={4096}
          value={comments}
          onChange={(event) => setComments(event.currentTarget.value)}
        />
        <Button
          variant="outline"
          color="red"
          leftSection={<Icon name="close" size={13} />}
          loading={decide.isPending && decide.variables === 'REJECT'}
          disabled={decide.isPending}
          onClick={() => decide.mutate('REJECT')}
        >
          Reject
        </Button>
        <Button
          leftSection={<Icon name="check" size={14} />}
          loading={decide.isPending && decide.variables === 'APPROVE'}
          disabled={decide.isPending}
          onClick={() => decide.mutate('APPROVE')}
        >
          Approve this SQL
        </Button>
      </div>
    </div>
  )
}
