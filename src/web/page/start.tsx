// The first page: leads to the overview of the last project, or says how to make the first one.
import { useQuery } from '@tanstack/react-query'
import { Navigate } from '@tanstack/react-router'
import { useApi } from '../api.ts'
import { Empty, FaultNotice, Loading } from '../part/notice.tsx'
import { Page } from '../part/page.tsx'
import { scopesQuery } from '../query.ts'
import { rememberedScope } from '../shell/scope.ts'

export function Start() {
  const { data, error, refetch } = useQuery(scopesQuery(useApi()))
  if (error) {
    return (
      <Page title="Sluice">
        <FaultNotice error={error} retry={() => void refetch()} />
      </Page>
    )
  }
  if (!data) return <Loading />
  const all = data.flatMap((org) =>
    org.projects.map((project) => ({ org: org.identifier, project: project.identifier })),
  )
  const last = rememberedScope(localStorage)
  const scope = all.find((one) => one.org === last?.org && one.project === last.project) ?? all[0]
  if (scope) return <Navigate to="/orgs/$org/projects/$project" params={scope} replace />
  return (
    <Page title="Welcome to Sluice">
      <Empty icon="schemas" title="There is no project yet">
        <p>
          A project holds connectors, DB schemas and pipelines. Connect your repository and database from a terminal on
          this machine; it asks for nothing that is not on the command line:
        </p>
        <pre>sluice connect --help</pre>
      </Empty>
    </Page>
  )
}
