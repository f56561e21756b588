// The chosen step: what it is, what it waits for or failed with, and its log, change sets, SQL and outputs.
import { Tabs } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import type { Execution, ExecutionNode } from '#contract/api/execution'
import { isFinal } from '#contract/pipeline/status'
import type { WorkedChangeSet } from '../../model/execution-state.ts'
import { executionLook } from '../../model/status.ts'
import { Empty, FaultNotice, Notice } from '../../part/notice.tsx'
import { StatusPill } from '../../part/status.tsx'
import { Took } from '../../part/time.tsx'
import type { Scope } from '../../query.ts'
import { ApprovalPanel } from './approval-panel.tsx'
import style from './execution.module.css'
import { LateInputs } from './late-inputs.tsx'
import { Intervention } from './intervention.tsx'
import { StepDelegates } from './step-delegates.tsx'
import { StepChangeSets } from './step-change-sets.tsx'
import { StepLog } from './step-log.tsx'
import { StepOutput } from './step-output.tsx'
import { StepPlan } from './step-plan.tsx'

const route = getRouteApi('/signed-in/orgs/$org/projects/$project/executions/$execution')

export interface StepProps {
  readonly scope: Scope
  readonly execution: Execution
  readonly node: ExecutionNode
  readonly refresh: () => Promise<unknown>
}

type View = 'sql' | 'log' | 'change-sets' | 'output'

function viewsOf(node: ExecutionNode, hasWork: boolean): View[] {
  const views: View[] = []
  if (node.hasPlan) views.push('sql')
  if (node.attempt !== null) views.push('log')
  if (hasWork || ((node.type === 'DBSchemaApply' || node.type === 'DBSchemaRollback') && node.attempt !== null))
    views.push('change-sets')
  if (Object.keys(node.output).length > 0) views.push('output')
  return views
}

const names: Readonly<Record<View, string>> = {
  sql: 'SQL',
  log: 'Log',
  'change-sets': 'Change sets',
  output: 'Outputs',
}

export function StepDetail({
  work,
  ...props
}: StepProps & { readonly work: ReadonlyMap<string, WorkedChangeSet> | undefined }) {
  const { node } = props
  return (
    <section className={style.detail} aria-label={`Step ${node.name}`}>
      <header className={style.detailHead}>
        <div>
          <div className={style.detailTitle}>
            <h2>{node.name}</h2>
            <StatusPill look={executionLook(node.status)} />
          </div>
          <p className={style.detailFacts}>
            <span>{node.type}</span>
            {node.dbSchema ? (
              <code>
                {node.dbSchema} → {node.dbInstance}
              </code>
            ) : null}
            {node.startedAt === null ? null : <Took from={node.startedAt} to={node.endedAt} />}
            {node.attempts > 1 ? <span>attempt {node.attempts}</span> : null}
          </p>
        </div>
      </header>
      <Reasons scope={props.scope} execution={props.execution.id} node={node} />
      {/* A step that failed again asks anew, with an empty form. */}
      {node.status === 'InterventionWaiting' ? <Intervention key={node.attempts} {...props} /> : null}
      {node.status === 'InputWaiting' ? <LateInputs {...props} /> : null}
      {node.approval === null ? (
        <Views {...props} work={work} />
      ) : (
        <ApprovalPanel {...props} approval={node.approval} />
      )}
    </section>
  )
}

function Reasons({
  scope,
  execution,
  node,
}: {
  readonly scope: Scope
  readonly execution: string
  readonly node: ExecutionNode
}) {
  // An approval says itself what it waits for.
  const reason = node.approval === null && node.statusReason !== node.fault?.message ? node.statusReason : undefined
  if (!node.fault && !reason && node.status !== 'Queued') return null
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
    <section className={style.reasons} tabIndex={0} aria-label="What happened">
      {reason ? <Notice tone={executionLook(node.status).tone} title={reason} /> : null}
      {node.fault ? <FaultNotice error={node.fault} /> : null}
      <StepDelegates scope={scope} execution={execution} node={node} />
    </section>
  )
}

function Views({ work, ...props }: StepProps & { readonly work: ReadonlyMap<string, WorkedChangeSet> | undefined }) {
  const { scope, execution, node } = props
  const { show } = route.useSearch()
  const navigate = route.useNavigate()
  const views = viewsOf(node, (work?.size ?? 0) > 0)
  const [first] = views
  if (!first) return <NothingYet node={node} isOver={isFinal(execution.status)} />
  const preferred: View = node.hasPlan && isFinal(node.status) ? 'sql' : 'log'
  const view = views.find((one) => one === show) ?? views.find((one) => one === preferred) ?? first
  return (
    <Tabs
      value={view}
      keepMounted={false}
      className={style.tabs}
      onChange={(value) =>
        void navigate({ search: { step: node.id, ...(value ? { show: value } : {}) }, replace: true })
      }
    >
      <Tabs.List className={style.tabList} aria-label="Views of the step">
        {views.map((one) => (
          <Tabs.Tab key={one} value={one}>
            {names[one]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={view} className={style.tab}>
        {view === 'sql' ? <StepPlan scope={scope} execution={execution.id} node={node} /> : null}
        {view === 'log' && node.attempt !== null ? (
          <StepLog scope={scope} execution={execution.id} node={node} attempt={node.attempt} />
        ) : null}
        {view === 'change-sets' ? <StepChangeSets work={work} node={node} /> : null}
        {view === 'output' ? <StepOutput node={node} /> : null}
      </Tabs.Panel>
    </Tabs>
  )
}

function NothingYet({ node, isOver }: { readonly node: ExecutionNode; readonly isOver: boolean }) {
  if (node.status === 'Skipped' || isOver) {
    return (
      <Empty icon="skip" title="This step did not run">
        <p>{node.rollback ? 'It runs only when its stage fails.' : 'The execution ended without it.'}</p>
      </Empty>
    )
  }
  return (
    <Empty icon="clock" title="Not started yet">
      <p>
        {node.rollback
          ? 'It runs only when its stage fails.'
          : 'Its log and its change sets appear here as soon as a delegate takes it.'}
      </p>
    </Empty>
  )
}
