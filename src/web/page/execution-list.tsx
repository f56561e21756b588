// Every execution of the project, newest first, by pipeline and page.
import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useApi } from '../api.ts'
import { ButtonLink } from '../part/button-link.tsx'
import { ExecutionTable } from '../part/execution-table.tsx'
import { Empty, FaultNotice, Loading } from '../part/notice.tsx'
import { Page, Panel } from '../part/page.tsx'
import { Pager } from '../part/pager.tsx'
import { executionsPerPage, executionsQuery, pipelinesQuery } from '../query.ts'
import { useScope } from '../shell/scope.ts'

const route = getRouteApi('/signed-in/orgs/$org/projects/$project/executions')

export function ExecutionList() {
  const api = useApi()
  const scope = useScope()
  const { page = 1, pipeline } = route.useSearch()
  const navigate = route.useNavigate()
  const pipelines = useQuery(pipelinesQuery(api, scope)).data ?? []
  const filter = { page: page - 1, limit: executionsPerPage, ...(pipeline ? { pipeline } : {}) }
  const { data, error, refetch } = useQuery(executionsQuery(api, scope, filter))
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
      {data ? <Pager page={page - 1} perPage={executionsPerPage} total={data.total} go={(to) => go(to + 1)} /> : null}
    </Page>
  )
}
