// The DB schemas of the project: where each changelog lives and how many instances it has.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useApi } from '../api.ts'
import { Empty, FaultNotice, Loading } from '../part/notice.tsx'
import { Page, Panel } from '../part/page.tsx'
import table from '../part/table.module.css'
import { Ago } from '../part/time.tsx'
import { schemasQuery } from '../query.ts'
import { useScope } from '../shell/scope.ts'

export function SchemaList() {
  const scope = useScope()
  const { data, error, refetch } = useQuery(schemasQuery(useApi(), scope))
  return (
    <Page title="Schemas">
      {error ? <FaultNotice error={error} retry={() => void refetch()} /> : null}
      <Panel>
        {!data && !error ? <Loading /> : null}
        {data?.length === 0 ? (
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
        ) : null}
        {data && data.length > 0 ? (
          <div className={table.wrap}>
            <table className={table.table}>
              <thead>
                <tr>
                  <th scope="col">Schema</th>
                  <th scope="col">Changelog</th>
                  <th scope="col">Repository connector</th>
                  <th scope="col">Kind</th>
                  <th scope="col" className={table.end}>
                    Instances
                  </th>
                  <th scope="col">Updated</th>
                </tr>
              </thead>
              <tbody>
                {data.map((schema) => (
                  <tr key={schema.identifier}>
                    <th scope="row">
                      <Link
                        to="/orgs/$org/projects/$project/schemas/$schema"
                        params={{ ...scope, schema: schema.identifier }}
                      >
                        {schema.name}
                      </Link>
                      {schema.name === schema.identifier ? null : (
                        <span className={table.sub}>{schema.identifier}</span>
                      )}
                    </th>
                    <td className="code">{schema.changelog?.location ?? '–'}</td>
                    <td className="code">{schema.changelog?.connector ?? '–'}</td>
                    <td>{schema.migrationType}</td>
                    <td className={`${table.end} number`}>{schema.instanceCount}</td>
                    <td>
                      <Ago at={schema.updated * 1000} />
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
