// Approvals: those that wait first, then what was decided, by whom and why.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Approval } from '#contract/api/approval'
import { useApi } from '../api.ts'
import { approvalLook } from '../model/status.ts'
import { ButtonLink } from '../part/button-link.tsx'
import { List, Table } from '../part/list.tsx'
import { Empty } from '../part/notice.tsx'
import { Page } from '../part/page.tsx'
import { StatusPill } from '../part/status.tsx'
import table from '../part/table.module.css'
import { Ago } from '../part/time.tsx'
import { approvalsQuery, type Scope } from '../query.ts'
import { useScope } from '../shell/scope.ts'

const columns = [
  'Approval',
  'Pipeline',
  'Status',
  'Decided by',
  'Requested',
  'Deadline',
  { title: 'Decide', unseen: true },
] as const
const wordsOf = (one: Approval): string =>
  [one.name, one.pipeline, ...one.activities.map((activity) => activity.name)].join(' ')

export function ApprovalList() {
  const scope = useScope()
  const answer = useQuery(approvalsQuery(useApi(), scope))
  const waiting = answer.data?.filter((one) => one.status === 'WAITING')
  const decided = answer.data?.filter((one) => one.status !== 'WAITING')
  return (
    <Page title="Approvals">
      <List
        title="Waiting"
        answer={{ ...answer, data: waiting }}
        textOf={wordsOf}
        empty={
          <Empty icon="approvals" title="Nothing waits for you">
            <p>When a pipeline reaches an approval step, it appears here with the SQL that would run.</p>
          </Empty>
        }
      >
        {(rows) => <ApprovalTable label="Waiting" rows={rows} scope={scope} />}
      </List>
      {decided && decided.length > 0 ? (
        <List title="Decided" answer={{ ...answer, data: decided, error: null }} textOf={wordsOf} empty={null}>
          {(rows) => <ApprovalTable label="Decided" rows={rows} scope={scope} />}
        </List>
      ) : null}
    </Page>
  )
}

function ApprovalTable({
  label,
  rows,
  scope,
}: {
  readonly label: string
  readonly rows: readonly Approval[]
  readonly scope: Scope
}) {
  return (
    <Table label={label} columns={columns}>
      {rows.map((approval) => (
        <ApprovalRow key={approval.id} approval={approval} scope={scope} />
      ))}
    </Table>
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
