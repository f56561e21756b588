// The DB schemas of the project: where each changelog lives and how many instances it has.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useApi } from '../api.ts'
import { List, Named, Table } from '../part/list.tsx'
import { Empty } from '../part/notice.tsx'
import { Page } from '../part/page.tsx'
import table from '../part/table.module.css'
import { Ago } from '../part/time.tsx'
import { schemasQuery } from '../query.ts'
import { useScope } from '../shell/scope.ts'

const columns = [
  'Schema',
  'Changelog',
  'Repository connector',
  'Kind',
  { title: 'Instances', end: true },
  'Updated',
] as const

export function SchemaList() {
  const scope = useScope()
  const answer = useQuery(schemasQuery(useApi(), scope))
  return (
    <Page title="Schemas">
      <List
        answer={answer}
        textOf={(one) => `${one.name} ${one.identifier}`}
        empty={
          <Empty icon="schemas" title="No DB schema yet">
            <p>
              A DB schema is a changelog in a Git repository under a name; its instances are the databases that it is
              deployed to. Add both in one go from a terminal:
            </p>
            <pre>sluice connect --help</pre>
            <p>
              or through the API:{' '}
              <code>
                POST /v1/orgs/{scope.org}/projects/{scope.project}/dbschema
              </code>
            </p>
          </Empty>
        }
      >
        {(rows) => (
          <Table label="Schemas" columns={columns}>
            {rows.map((schema) => (
              <tr key={schema.identifier}>
                <Named name={schema.name} identifier={schema.identifier}>
                  <Link
                    to="/orgs/$org/projects/$project/schemas/$schema"
                    params={{ ...scope, schema: schema.identifier }}
                  >
                    {schema.name}
                  </Link>
                </Named>
                <td className="code">{schema.changelog?.location ?? '–'}</td>
                <td className="code">{schema.changelog?.connector ?? '–'}</td>
                <td>{schema.migrationType}</td>
                <td className={`${table.end} number`}>{schema.instanceCount}</td>
                <td>
                  <Ago at={schema.updated * 1000} />
                </td>
              </tr>
            ))}
          </Table>
        )}
      </List>
    </Page>
  )
}
