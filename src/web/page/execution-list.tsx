// Every execution of the project, newest first, by pipeline and page.
import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useApi } from '../api.ts'
import { ButtonLink } from '../part/button-link.tsx'
import { ExecutionTable } from '../part/execution-table.tsx'
import { List } from '../part/list.tsx'
import { Empty } from '../part/notice.tsx'
import { Page } from '../part/page.tsx'
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
      <List
        answer={{ data: data?.rows, error, refetch }}
        paging={{ page: page - 1, perPage: executionsPerPage, total: data?.total ?? 0, go: (to) => go(to + 1) }}
        empty={
          <Empty icon="executions" title="Nothing has run yet">
            <p>Open a pipeline and run it. Each run appears here, with its log and its SQL.</p>
            <ButtonLink to="/orgs/$org/projects/$project/pipelines" params={scope} variant="default">
              To the pipelines
            </ButtonLink>
          </Empty>
        }
      >
        {(rows) => <ExecutionTable rows={rows} scope={scope} />}
      </List>
    </Page>
  )
}
