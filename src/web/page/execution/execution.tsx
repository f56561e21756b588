// One execution: stages on top, steps at the left in document order, and the chosen step with log, change sets and SQL.
import { getRouteApi, Link } from '@tanstack/react-router'
import type { Execution } from '#contract/api/execution'
import { isFinal } from '#contract/pipeline/status'
import { type LiveExecution, useExecution } from '../../live/use-execution.ts'
import { stepToShow } from '../../model/node-tree.ts'
import { mayRetry } from '../../model/retry-stage.ts'
import { executionLook } from '../../model/status.ts'
import { Empty, FaultNotice, Loading } from '../../part/notice.tsx'
import { Fact, Page } from '../../part/page.tsx'
import { StatusPill } from '../../part/status.tsx'
import { Ago, Took } from '../../part/time.tsx'
import type { Scope } from '../../query.ts'
import { useScope } from '../../shell/scope.ts'
import { AbortButton } from './abort-button.tsx'
import style from './execution.module.css'
import { LateInputs } from './late-inputs.tsx'
import { PauseButton } from './pause-button.tsx'
import { RetryButton } from './retry-button.tsx'
import { StageStrip } from './stage-strip.tsx'
import { StartedBy } from './started-by.tsx'
import { StepDetail } from './step-detail.tsx'
import { StepList } from './step-list.tsx'

const route = getRouteApi('/signed-in/orgs/$org/projects/$project/executions/$execution')

export function ExecutionPage() {
  const scope = useScope()
  const { execution: id } = route.useParams()
  const live = useExecution(scope, id)
  const { execution, error } = live
  return (
    <Page
      fill
      title={execution ? `${execution.pipelineName} #${execution.number}` : 'Execution'}
      trail={
        <Link to="/orgs/$org/projects/$project/executions" params={scope}>
          Executions
        </Link>
      }
      status={execution ? <StatusPill look={executionLook(execution.status)} /> : null}
      facts={execution ? <Facts execution={execution} scope={scope} live={live} /> : null}
      actions={
        execution && !isFinal(execution.status) ? (
          <>
            <PauseButton scope={scope} execution={execution} refresh={live.refresh} />
            <AbortButton scope={scope} execution={execution} refresh={live.refresh} />
          </>
        ) : execution && mayRetry(execution) ? (
          <RetryButton scope={scope} execution={execution} />
        ) : null
      }
    >
      {error && !execution ? <FaultNotice error={error} retry={() => void live.refresh()} /> : null}
      {!execution && !error ? <Loading rows={10} /> : null}
      {execution ? <Body execution={execution} live={live} scope={scope} /> : null}
    </Page>
  )
}

function Facts({
  execution,
  scope,
  live,
}: {
  readonly execution: Execution
  readonly scope: Scope
  readonly live: LiveExecution
}) {
  return (
    <>
      <Fact name="Pipeline">
        <Link to="/orgs/$org/projects/$project/pipelines/$pipeline" params={{ ...scope, pipeline: execution.pipeline }}>
          {execution.pipeline}
        </Link>
      </Fact>
      <StartedBy execution={execution} scope={scope} />
      <Fact name="Started">
        <Ago at={execution.startedAt ?? execution.createdAt} />
      </Fact>
      {execution.startedAt === null ? null : (
        <Fact name="Duration">
          <Took from={execution.startedAt} to={execution.endedAt} />
        </Fact>
      )}
      {execution.notes ? <Fact name="Note">{execution.notes}</Fact> : null}
      {live.connection === 'lost' ? <span role="status">Connection lost; trying again</span> : null}
    </>
  )
}

function Body({
  execution,
  live,
  scope,
}: {
  readonly execution: Execution
  readonly live: LiveExecution
  readonly scope: Scope
}) {
  const { step } = route.useSearch()
  const { nodes } = execution
  const chosen = nodes.find((node) => node.id === step && node.kind === 'step') ?? stepToShow(nodes)
  if (!chosen) {
    return (
      <Empty icon="executions" title="No steps yet">
        <p>The pipeline document is being read. Its stages and steps appear here in a moment.</p>
      </Empty>
    )
  }
  return (
    <>
      <StageStrip nodes={nodes} chosen={chosen} />
      {nodes
        .filter(({ kind, inputs = [] }) => kind === 'stage' && inputs.length > 0)
        .map((stage) => (
          <LateInputs key={stage.id} scope={scope} execution={execution} node={stage} refresh={live.refresh} />
        ))}
      <div className={style.split}>
        <StepList nodes={nodes} chosen={chosen} />
        <StepDetail
          key={chosen.id}
          scope={scope}
          execution={execution}
          node={chosen}
          work={live.work.get(chosen.id)}
          refresh={live.refresh}
        />
      </div>
    </>
  )
}
