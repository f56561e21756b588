// The first page: leads to the overview of the last project, or says how to make the first one.
import { useQuery } from '@tanstack/react-query'
import { Navigate } from '@tanstack/react-router'
import { useApi } from '../api.ts'
import { Empty, FaultNotice, Loading } from '../part/notice.tsx'
import { Page } from '../part/page.tsx'
import { scopesQuery } from '../query.ts'
import { preferredScope, rememberedScope, scopesOf } from '../shell/scope.ts'

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
  const scope = preferredScope(scopesOf(data), rememberedScope(localStorage))
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
