// One pipeline: its document, checked by the server while it is written, and its executions.
import { Tabs } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useApi } from '../../api.ts'
import { ExecutionTable } from '../../part/execution-table.tsx'
import { Empty, FaultNotice, Loading } from '../../part/notice.tsx'
import { Fact, Page, Panel } from '../../part/page.tsx'
import { Ago } from '../../part/time.tsx'
import { executionsPerPage, executionsQuery, pipelineQuery } from '../../query.ts'
import { useScope } from '../../shell/scope.ts'
import { PipelineDocument } from './document.tsx'
import { InputSetList } from './input-set-list.tsx'
import style from './pipeline.module.css'
import { RunButton } from './run-button.tsx'
import { TriggerList } from './trigger-list.tsx'

const route = getRouteApi('/signed-in/orgs/$org/projects/$project/pipelines/$pipeline')

const views = ['document', 'inputs', 'triggers', 'executions'] as const

export function Pipeline() {
  const scope = useScope()
  const { pipeline: identifier } = route.useParams()
  const { view } = route.useSearch()
  const navigate = route.useNavigate()
  const { data, error, refetch } = useQuery(pipelineQuery(useApi(), scope, identifier))
  return (
    <Page
      fill
      title={data?.name ?? identifier}
      trail={
        <Link to="/orgs/$org/projects/$project/pipelines" params={scope}>
          Pipelines
        </Link>
      }
      facts={
        data ? (
          <>
            <Fact name="Identifier">
              <code>{data.identifier}</code>
            </Fact>
            <Fact name="Updated">
              <Ago at={data.updated} />
            </Fact>
            {data.description ? <span>{data.description}</span> : null}
          </>
        ) : null
      }
      actions={<RunButton pipeline={identifier} name={data?.name ?? identifier} valid={data?.valid ?? false} />}
    >
      {error ? <FaultNotice error={error} retry={() => void refetch()} /> : null}
      <Tabs
        value={views.find((one) => one === view) ?? 'document'}
        className={style.tabs}
        onChange={(value) => void navigate({ search: value === null || value === 'document' ? {} : { view: value } })}
      >
        <Tabs.List aria-label="Views of the pipeline">
          <Tabs.Tab value="document">YAML</Tabs.Tab>
          <Tabs.Tab value="inputs">Input sets</Tabs.Tab>
          <Tabs.Tab value="triggers">Triggers</Tabs.Tab>
          <Tabs.Tab value="executions">Executions</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="document" className={style.tab}>
          {data ? <PipelineDocument key={data.identifier} pipeline={data} /> : error ? null : <Loading rows={10} />}
        </Tabs.Panel>
        <Tabs.Panel value="inputs" className={style.tab}>
          {view === 'inputs' ? <InputSetList pipeline={identifier} /> : null}
        </Tabs.Panel>
        <Tabs.Panel value="triggers" className={style.tab}>
          {view === 'triggers' ? <TriggerList pipeline={identifier} /> : null}
        </Tabs.Panel>
        <Tabs.Panel value="executions" className={style.tab}>
          <Executions pipeline={identifier} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}

function Executions({ pipeline }: { readonly pipeline: string }) {
  const scope = useScope()
  const { data, error } = useQuery(executionsQuery(useApi(), scope, { pipeline, page: 0, limit: executionsPerPage }))
  if (error) return <FaultNotice error={error} />
  if (!data) return <Loading />
  if (data.rows.length === 0) {
    return (
      <Empty icon="executions" title="It has not run yet">
        <p>Press Run to start it. The steps, their logs and their SQL can be watched while they work.</p>
      </Empty>
    )
  }
  return (
    <>
      <Panel>
        <ExecutionTable rows={data.rows} scope={scope} />
      </Panel>
      {data.total > data.rows.length ? (
        <p className={style.more}>
          <Link to="/orgs/$org/projects/$project/executions" params={scope} search={{ pipeline }}>
            All {data.total} executions
          </Link>
        </p>
      ) : null}
    </>
  )
}
