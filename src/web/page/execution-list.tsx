// Every execution of the project, newest first, by pipeline and page.
import { Button, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useApi } from '../api.ts'
import { ButtonLink } from '../part/button-link.tsx'
import { ExecutionTable } from '../part/execution-table.tsx'
import { Empty, FaultNotice, Loading } from '../part/notice.tsx'
import { Page, Panel } from '../part/page.tsx'
import { executionsPerPage, executionsQuery, pipelinesQuery } from '../query.ts'
import { useScope } from '../shell/scope.ts'
import style from './list.module.css'

const route = getRouteApi('/signed-in/orgs/$org/projects/$project/executions')

export function ExecutionList() {
  const api = useApi()
  const scope = useScope()
  const { page = 1, pipeline } = route.useSearch()
  const navigate = route.useNavigate()
  const pipelines = useQuery(pipelinesQuery(api, scope)).data ?? []
  const filter = { page: page - 1, limit: executionsPerPage, ...(pipeline ? { pipeline } : {}) }
  const { data, error, refetch } = useQuery(executionsQuery(api, scope, filter))
  const pages = Math.max(1, Math.ceil((data?.total ?? 0) / executionsPerPage))
  const go = (to: number) => void navigate({ search: (search) => ({ ...search, page: to }) })
  return (
    <Page
      title="Executions"
      actions={
        <Select
          aria-label="Pipeline"
          placeholder="All pipelines"
          clearable
          clearButtonProps={{ 'aria-label': 'All pipelines' }}
          data={pipelines.map((one) => ({ value: one.identifier, label: one.name }))}
          value={pipeline ?? null}
          onChange={(value) => void navigate({ search: value ? { pipeline: value } : {} })}
        />
      }
    >
      {error ? <FaultNotice error={error} retry={() => void refetch()} /> : null}
      <Panel>
        {!data && !error ? <Loading rows={8} /> : null}
        {data?.rows.length === 0 ? (
          <Empty icon="executions" title="Nothing has run yet">
            <p>Open a pipeline and run it. Each run appears here, with its log and its SQL.</p>
            <ButtonLink to="/orgs/$org/projects/$project/pipelines" params={scope} variant="default">
              To the pipelines
            </ButtonLink>
          </Empty>
        ) : null}
        {data && data.rows.length > 0 ? <ExecutionTable rows={data.rows} scope={scope} /> : null}
      </Panel>
      {pages > 1 ? (
        <nav aria-label="Pages" className={style.pages}>
          <Button variant="default" disabled={page <= 1} onClick={() => go(page - 1)}>
            Newer
          </Button>
          <span className="soft number">
            Page {page} of {pages}
          </span>
          <Button variant="default" disabled={page >= pages} onClick={() => go(page + 1)}>
            Older
          </Button>
        </nav>
      ) : null}
    </Page>
  )
}
