// Approvals: those that wait first, then what was decided, by whom and why.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Approval } from '#contract/api/approval'
import { useApi } from '../api.ts'
import { approvalLook } from '../model/status.ts'
import { ButtonLink } from '../part/button-link.tsx'
import { Empty, FaultNotice, Loading } from '../part/notice.tsx'
import { Page, Panel } from '../part/page.tsx'
import { StatusPill } from '../part/status.tsx'
import table from '../part/table.module.css'
import { Ago } from '../part/time.tsx'
import { approvalsQuery, type Scope } from '../query.ts'
import { useScope } from '../shell/scope.ts'

export function ApprovalList() {
  const scope = useScope()
  const { data, error, refetch } = useQuery(approvalsQuery(useApi(), scope))
  const waiting = data?.filter((one) => one.status === 'WAITING') ?? []
  const decided = data?.filter((one) => one.status !== 'WAITING') ?? []
  return (
    <Page title="Approvals">
      {error ? <FaultNotice error={error} retry={() => void refetch()} /> : null}
      <Panel title="Waiting">
        {!data && !error ? <Loading rows={2} /> : null}
        {data && waiting.length === 0 ? (
          <Empty icon="approvals" title="Nothing waits for you">
            <p>When a pipeline reaches an approval step, it appears here with the SQL that would run.</p>
          </Empty>
        ) : null}
        {waiting.length > 0 ? <ApprovalTable rows={waiting} scope={scope} /> : null}
      </Panel>
      {decided.length > 0 ? (
        <Panel title="Decided">
          <ApprovalTable rows={decided} scope={scope} />
        </Panel>
      ) : null}
    </Page>
  )
}

function ApprovalTable({ rows, scope }: { readonly rows: readonly Approval[]; readonly scope: Scope }) {
  return (
    <div className={table.wrap}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Approval</th>
            <th scope="col">Pipeline</th>
            <th scope="col">Status</th>
            <th scope="col">Decided by</th>
            <th scope="col">Requested</th>
            <th scope="col">Deadline</th>
            <th scope="col">
              <span className="unseen">Decide</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((approval) => (
            <ApprovalRow key={approval.id} approval={approval} scope={scope} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function ApprovalRow({ approval, scope }: { readonly approval: Approval; readonly scope: Scope }) {
  const target = {
    to: '/orgs/$org/projects/$project/executions/$execution',
    params: { ...scope, execution: approval.execution },
    search: { step: approval.node },
  } as const
  const waits = approval.status === 'WAITING'
  const people = approval.activities.map((activity) => activity.name).join(', ')
  return (
    <tr>
      <th scope="row">
        <Link {...target}>{approval.name}</Link>
      </th>
      <td className="code">{approval.pipeline}</td>
      <td>
        <StatusPill look={approvalLook(approval.status)} reason={approval.notDecidableBecause} />
      </td>
      <td>{people === '' ? <span className="faint">nobody yet</span> : people}</td>
      <td>
        <Ago at={approval.createdAt} />
      </td>
      <td>{waits ? <Ago at={approval.deadline} /> : <span className="faint">–</span>}</td>
      <td className={table.end}>
        {waits ? (
          <ButtonLink {...target} size="compact-sm" variant={approval.decidable ? 'filled' : 'default'}>
            {approval.decidable ? 'Review and decide' : 'Look at it'}
          </ButtonLink>
        ) : null}
      </td>
    </tr>
  )
}
