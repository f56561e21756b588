// The pipelines of the project.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useApi } from '../api.ts'
import { Empty, FaultNotice, Loading } from '../part/notice.tsx'
import { Page, Panel } from '../part/page.tsx'
import { StatusText } from '../part/status.tsx'
import table from '../part/table.module.css'
import { Ago } from '../part/time.tsx'
import { pipelinesQuery } from '../query.ts'
import { useScope } from '../shell/scope.ts'

const valid = { tone: 'good', icon: 'check', label: 'Valid' } as const
const invalid = { tone: 'bad', icon: 'cross', label: 'Has errors' } as const

export function PipelineList() {
  const scope = useScope()
  const { data, error, refetch } = useQuery(pipelinesQuery(useApi(), scope))
  return (
    <Page title="Pipelines">
      {error ? <FaultNotice error={error} retry={() => void refetch()} /> : null}
      <Panel>
        {!data && !error ? <Loading /> : null}
        {data?.length === 0 ? (
          <Empty icon="pipelines" title="No pipeline yet">
            <p>
              A pipeline says in which order the instances are deployed to, what is previewed, and who approves. Put its
              YAML in place with
            </p>
            <pre>
              POST /v1/orgs/{scope.org}/projects/{scope.project}/pipelines
            </pre>
          </Empty>
        ) : null}
        {data && data.length > 0 ? (
          <div className={table.wrap}>
            <table className={table.table}>
              <thead>
                <tr>
                  <th scope="col">Pipeline</th>
                  <th scope="col">Description</th>
                  <th scope="col">Document</th>
                  <th scope="col">Updated</th>
                </tr>
              </thead>
              <tbody>
                {data.map((pipeline) => (
                  <tr key={pipeline.identifier}>
                    <th scope="row">
                      <Link
                        to="/orgs/$org/projects/$project/pipelines/$pipeline"
                        params={{ ...scope, pipeline: pipeline.identifier }}
                      >
                        {pipeline.name}
                      </Link>
                      <span className={table.sub}>{pipeline.identifier}</span>
                    </th>
                    <td className={`${table.wide} soft`}>{pipeline.description || '–'}</td>
                    <td>
                      <StatusText look={pipeline.valid ? valid : invalid} />
                    </td>
                    <td>
                      <Ago at={pipeline.updated} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ) : null}
      </Panel>
    </Page>
  )
}
