// The connectors of a project: what each reaches, and whether it does.
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ConnectorInfo } from '#contract/api/connector'
import { useApi } from '../api.ts'
import { List, Named, Table } from '../part/list.tsx'
import { Empty } from '../part/notice.tsx'
import { Page } from '../part/page.tsx'
import table from '../part/table.module.css'
import { connectorsQuery } from '../query.ts'
import { useRights } from '../session.ts'
import { useScope } from '../shell/scope.ts'
import list from './list.module.css'
import { type AskedTask, TaskDialog } from './task/task-dialog.tsx'

const addressFields = ['url', 'artifactoryServerUrl', 'dockerRegistryUrl', 'vaultUrl'] as const

function addressOf({ spec }: ConnectorInfo): string {
  const fields = spec as Readonly<Record<string, unknown>>
  const found = addressFields.map((name) => fields[name]).find((value) => typeof value === 'string')
  return typeof found === 'string' ? found : ''
}

const columns = ['Connector', 'Type', 'Address', { title: 'Test', unseen: true }] as const

export function ConnectorList() {
  const api = useApi()
  const scope = useScope()
  const may = useRights()
  const mayTest = ({ identifier }: ConnectorInfo): boolean => may('connector.edit', { ...scope, identifier })
  const [asked, setAsked] = useState<AskedTask>()
  const answer = useQuery(connectorsQuery(api, scope))
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
      <List
        answer={answer}
        textOf={(one) => `${one.name} ${one.identifier} ${one.type} ${addressOf(one)}`}
        empty={
          <Empty icon="connectors" title="No connector yet">
            <p>Add one through the API, or with sluice apply.</p>
          </Empty>
        }
      >
        {(rows) => (
          <Table label="Connectors" columns={columns}>
            {rows.map((connector) => (
              <tr key={connector.identifier}>
                <Named name={connector.name} identifier={connector.identifier} />
                <td>{connector.type}</td>
                <td className="code">{addressOf(connector)}</td>
                <td className={table.end}>
                  <Button
                    variant="default"
                    size="xs"
                    disabled={!mayTest(connector)}
                    title={mayTest(connector) ? undefined : 'You may not test connectors'}
                    aria-label={`Test connection of ${connector.name}`}
                    onClick={() => test(connector)}
                  >
                    Test connection
                  </Button>
                </td>
              </tr>
            ))}
          </Table>
        )}
      </List>
      <TaskDialog asked={asked} close={() => setAsked(undefined)} />
    </Page>
  )
}
