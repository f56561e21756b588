// One DB schema: its instances, and which change set stands where.
import { Tabs } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useApi } from '../../api.ts'
import { Empty, FaultNotice, Loading } from '../../part/notice.tsx'
import { Fact, Page } from '../../part/page.tsx'
import { Ago } from '../../part/time.tsx'
import { instancesQuery, migrationStateQuery, schemaQuery } from '../../query.ts'
import { useScope } from '../../shell/scope.ts'
import { InstanceTable } from './instance-table.tsx'
import { Matrix } from './matrix.tsx'
import style from './schema.module.css'

const route = getRouteApi('/signed-in/orgs/$org/projects/$project/schemas/$schema')

export function Schema() {
  const api = useApi()
  const scope = useScope()
  const { schema: identifier } = route.useParams()
  const schema = useQuery(schemaQuery(api, scope, identifier))
  const instances = useQuery(instancesQuery(api, scope, identifier))
  const state = useQuery(migrationStateQuery(api, scope, identifier))
  const fault = schema.error ?? instances.error ?? state.error
  const { data } = schema
  return (
    <Page
      fill
      title={data?.name ?? identifier}
      trail={
        <Link to="/orgs/$org/projects/$project/schemas" params={scope}>
          Schemas
        </Link>
      }
      facts={
        data ? (
          <>
            <Fact name="Changelog">
              <code>{data.changelog?.location ?? 'none'}</code>
            </Fact>
            <Fact name="Repository">
              <code>{data.changelog?.connector ?? 'none'}</code>
            </Fact>
            <Fact name="Updated">
              <Ago at={data.updated * 1000} />
            </Fact>
          </>
        ) : null
      }
    >
      {fault ? <FaultNotice error={fault} retry={() => void Promise.all([schema.refetch(), state.refetch()])} /> : null}
      <Tabs defaultValue="matrix" keepMounted={false} className={style.tabs}>
        <Tabs.List aria-label="Views of the schema">
          <Tabs.Tab value="matrix">Change sets</Tabs.Tab>
          <Tabs.Tab value="instances">Instances{instances.data ? ` (${instances.data.length})` : ''}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="matrix" className={style.matrixTab}>
          {!state.data && !fault ? <Loading rows={10} /> : null}
          {state.data?.changeSets.length === 0 ? <NoChangeSets /> : null}
          {state.data && state.data.changeSets.length > 0 ? (
            <Matrix state={state.data} schema={identifier} instances={instances.data ?? []} />
          ) : null}
        </Tabs.Panel>
        <Tabs.Panel value="instances" className={style.instancesTab}>
          {!instances.data && !fault ? <Loading /> : null}
          {instances.data ? <InstanceTable schema={identifier} instances={instances.data} state={state.data} /> : null}
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}

function NoChangeSets() {
  const scope = useScope()
  return (
    <Empty icon="schemas" title="No change set is known yet">
      <p>
        The change sets of the changelog appear here as soon as a pipeline has previewed or applied them. Run a pipeline
        with a <code>DBSchemaUpdateSQL</code> or <code>DBSchemaApply</code> step for this schema.
      </p>
      <Link to="/orgs/$org/projects/$project/pipelines" params={scope}>
        To the pipelines
      </Link>
    </Empty>
  )
}
