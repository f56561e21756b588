// The connectors of a project: what each reaches, and whether it does.
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ConnectorInfo } from '#contract/api/connector'
import { useApi } from '../api.ts'
import { Empty, FaultNotice, Loading } from '../part/notice.tsx'
import { Page, Panel } from '../part/page.tsx'
import table from '../part/table.module.css'
import { connectorsQuery } from '../query.ts'
import { useMay } from '../session.ts'
import { useScope } from '../shell/scope.ts'
import list from './list.module.css'
import { type AskedTask, TaskDialog } from './task/task-dialog.tsx'

const addressFields = ['url', 'artifactoryServerUrl', 'dockerRegistryUrl', 'vaultUrl'] as const

function addressOf({ spec }: ConnectorInfo): string {
  const fields = spec as Readonly<Record<string, unknown>>
  const found = addressFields.map((name) => fields[name]).find((value) => typeof value === 'string')
  return typeof found === 'string' ? found : ''
}

export function ConnectorList() {
  const api = useApi()
  const scope = useScope()
  const mayTest = useMay('connector.edit')
  const [asked, setAsked] = useState<AskedTask>()
  const { data, error, refetch } = useQuery(connectorsQuery(api, scope))
  const test = ({ identifier, name }: ConnectorInfo): void =>
    setAsked({
      title: `Test the connection of ${name}`,
      ask: () => api.testConnector({ params: { ...scope, connector: identifier }, body: {} }),
    })
  return (
    <Page title="Connectors">
      <p className={list.intro}>
        A connector says where a database or a repository is and which secrets open it. A delegate uses it in your
        network; the manager never does.
      </p>
      {error ? <FaultNotice error={error} retry={() => void refetch()} /> : null}
      <Panel>
        {!data && !error ? <Loading rows={3} /> : null}
        {data?.length === 0 ? (
          <Empty icon="connectors" title="No connector yet">
            <p>Add one through the API, or with sluice apply.</p>
          </Empty>
        ) : null}
        {data && data.length > 0 ? (
          <div className={table.wrap}>
            <table className={table.table}>
              <thead>
                <tr>
                  <th scope="col">Connector</th>
                  <th scope="col">Type</th>
                  <th scope="col">Address</th>
                  <th scope="col">
                    <span className="unseen">Test</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {data.map((connector) => (
                  <tr key={connector.identifier}>
                    <th scope="row">
                      {connector.name}
                      {connector.name === connector.identifier ? null : (
                        <span className={table.sub}>{connector.identifier}</span>
                      )}
                    </th>
                    <td>{connector.type}</td>
                    <td className="code">{addressOf(connector)}</td>
                    <td className={table.end}>
                      <Button
                        variant="default"
                        size="xs"
                        disabled={!mayTest}
                        title={mayTest ? undefined : 'You may not test connectors'}
                        aria-label={`Test connection of ${connector.name}`}
                        onClick={() => test(connector)}
                      >
                        Test connection
                      </Button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ) : null}
      </Panel>
      <TaskDialog asked={asked} close={() => setAsked(undefined)} />
    </Page>
  )
}
