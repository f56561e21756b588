// The project at a glance: what waits for people, what ran, what was deployed, and whether anybody is there to do the work.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Approval } from '#contract/api/approval'
import { useApi } from '../api.ts'
import { ButtonLink } from '../part/button-link.tsx'
import { ExecutionTable } from '../part/execution-table.tsx'
import { Icon } from '../part/icon.tsx'
import { Empty, FaultNotice, Loading } from '../part/notice.tsx'
import { Page, Panel } from '../part/page.tsx'
import { Ago } from '../part/time.tsx'
import { approvalsQuery, delegatesQuery, executionsQuery, overviewQuery, type Scope } from '../query.ts'
import { useScope } from '../shell/scope.ts'
import style from './overview.module.css'
import { MigrationState } from './overview-state.tsx'

const inProject = '/orgs/$org/projects/$project'

export function Overview() {
  const scope = useScope()
  return (
    <Page title="Overview">
      <Figures scope={scope} />
      <Waiting scope={scope} />
      <div className={style.columns}>
        <LatestExecutions scope={scope} />
        <div className={style.column}>
          <MigrationState scope={scope} />
          <RecentDeployments scope={scope} />
        </div>
      </div>
    </Page>
  )
}

function Figures({ scope }: { readonly scope: Scope }) {
  const api = useApi()
  const overview = useQuery(overviewQuery(api, scope))
  const delegates = useQuery(delegatesQuery(api))
  const waiting = useQuery(approvalsQuery(api, scope, 'WAITING'))
  const connected = delegates.data?.filter((one) => one.connected).length
  const fault = overview.error ?? delegates.error ?? waiting.error
  return (
    <>
      {fault ? <FaultNotice error={fault} retry={() => void overview.refetch()} /> : null}
      <ul className={style.figures}>
        <Figure label="DB schemas" value={overview.data?.dbSchemaCount}>
          <Link to={`${inProject}/schemas`} params={scope}>
            All schemas
          </Link>
        </Figure>
        <Figure label="DB instances" value={overview.data?.dbInstanceCount}>
          <span>databases that are deployed to</span>
        </Figure>
        <Figure label="Waiting approvals" value={waiting.data?.length} urgent={(waiting.data?.length ?? 0) > 0}>
          <Link to={`${inProject}/approvals`} params={scope}>
            All approvals
          </Link>
        </Figure>
        <Figure label="Delegates connected" value={connected} urgent={connected === 0}>
          {connected === 0 ? (
            <Link to="/delegates">Nobody can run a step: start one</Link>
          ) : (
            <Link to="/delegates">of {delegates.data?.length ?? 0}</Link>
          )}
        </Figure>
      </ul>
    </>
  )
}

function Figure({
  label,
  value,
  urgent = false,
  children,
}: {
  readonly label: string
  readonly value: number | undefined
  readonly urgent?: boolean
  readonly children: ReactNode
}) {
  return (
    <li className={style.figure} data-urgent={urgent || undefined}>
      <span className={style.label}>{label}</span>
      <span className={`${style.value} number`}>{value ?? '–'}</span>
      <span className={style.below}>{children}</span>
    </li>
  )
}

function Waiting({ scope }: { readonly scope: Scope }) {
  const approvals = useQuery(approvalsQuery(useApi(), scope, 'WAITING')).data ?? []
  if (approvals.length === 0) return null
  return (
    <ul className={style.waiting} aria-label="Waiting for approval">
      {approvals.map((approval) => (
        <WaitingApproval key={approval.id} approval={approval} scope={scope} />
      ))}
    </ul>
  )
}

function WaitingApproval({ approval, scope }: { readonly approval: Approval; readonly scope: Scope }) {
  return (
    <li>
      <Icon name="approvals" size={18} />
      <div className={style.waitingText}>
        <p>
          <strong>{approval.name}</strong> of {approval.pipeline}, requested <Ago at={approval.createdAt} />
        </p>
        <p className="soft cut">{approval.notDecidableBecause ?? approval.message}</p>
      </div>
      <ButtonLink
        to={`${inProject}/executions/$execution`}
        params={{ ...scope, execution: approval.execution }}
        search={{ step: approval.node }}
        variant={approval.decidable ? 'filled' : 'default'}
      >
        {approval.decidable ? 'Review and decide' : 'Look at it'}
      </ButtonLink>
    </li>
  )
}

function LatestExecutions({ scope }: { readonly scope: Scope }) {
  const { data, error } = useQuery(executionsQuery(useApi(), scope, { page: 0, limit: 8 }))
  return (
    <Panel
      title="Latest executions"
      aside={
        <Link to={`${inProject}/executions`} params={scope}>
          All executions
        </Link>
      }
    >
      {error ? <FaultNotice error={error} /> : null}
      {!data && !error ? <Loading /> : null}
      {data?.rows.length === 0 ? (
        <Empty icon="executions" title="Nothing has run yet">
          <p>Open a pipeline and run it. Each run appears here, with its log and its SQL.</p>
          <ButtonLink to={`${inProject}/pipelines`} params={scope} variant="default">
            To the pipelines
          </ButtonLink>
        </Empty>
      ) : null}
      {data && data.rows.length > 0 ? <ExecutionTable rows={data.rows} scope={scope} /> : null}
    </Panel>
  )
}

function RecentDeployments({ scope }: { readonly scope: Scope }) {
  const { data } = useQuery(overviewQuery(useApi(), scope))
  return (
    <Panel title="Recent deployments">
      {!data ? <Loading rows={3} /> : null}
      {data?.recentDeployments.length === 0 ? (
        <Empty icon="schemas" title="No deployment yet">
          <p>When a step applies change sets to an instance, it shows here.</p>
        </Empty>
      ) : null}
      <ul className={style.deployments}>
        {data?.recentDeployments.map((one) => (
          <li key={`${one.dbSchemaIdentifier} ${one.dbInstanceIdentifier}`}>
            <Link to={`${inProject}/schemas/$schema`} params={{ ...scope, schema: one.dbSchemaIdentifier }}>
              <span className={style.path}>
                {one.dbSchemaName} <Icon name="arrow" size={12} /> {one.dbInstanceName}
              </span>
            </Link>
            <span className="soft">
              <Ago at={one.lastDeployed * 1000} />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
