// The pipelines of the project.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useApi } from '../api.ts'
import { List, Named, Table } from '../part/list.tsx'
import { Empty } from '../part/notice.tsx'
import { Page } from '../part/page.tsx'
import { StatusText } from '../part/status.tsx'
import table from '../part/table.module.css'
import { Ago } from '../part/time.tsx'
import { pipelinesQuery } from '../query.ts'
import { useScope } from '../shell/scope.ts'

const valid = { tone: 'good', icon: 'check', label: 'Valid' } as const
const invalid = { tone: 'bad', icon: 'cross', label: 'Has errors' } as const

const columns = ['Pipeline', 'Description', 'Document', 'Updated'] as const

export function PipelineList() {
  const scope = useScope()
  const answer = useQuery(pipelinesQuery(useApi(), scope))
  return (
    <Page title="Pipelines">
      <List
        answer={answer}
        textOf={(one) => `${one.name} ${one.identifier} ${one.description}`}
        empty={
          <Empty icon="pipelines" title="No pipeline yet">
            <p>
              A pipeline says in which order the instances are deployed to, what is previewed, and who approves. Put its
              YAML in place with
            </p>
            <pre>
              POST /v1/orgs/{scope.org}/projects/{scope.project}/pipelines
            </pre>
          </Empty>
        }
      >
        {(rows) => (
          <Table label="Pipelines" columns={columns}>
            {rows.map((pipeline) => (
              <tr key={pipeline.identifier}>
                <Named name={pipeline.name} identifier={pipeline.identifier}>
                  <Link
                    to="/orgs/$org/projects/$project/pipelines/$pipeline"
                    params={{ ...scope, pipeline: pipeline.identifier }}
                  >
                    {pipeline.name}
                  </Link>
                </Named>
                <td className={`${table.wide} soft`}>{pipeline.description || '–'}</td>
                <td>
                  <StatusText look={pipeline.valid ? valid : invalid} />
                </td>
                <td>
                  <Ago at={pipeline.updated} />
                </td>
              </tr>
            ))}
          </Table>
        )}
      </List>
    </Page>
  )
}
