// The audit trail of the project: what happened, who did it, and what stood there before and after.
import { Button, Drawer } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Api } from '#contract/api/index'
import type { ReplyOf } from '#contract/endpoint'
import { useApi } from '../api.ts'
import { Code } from '../part/code.tsx'
import { List, Table } from '../part/list.tsx'
import { Empty } from '../part/notice.tsx'
import { Page } from '../part/page.tsx'
import table from '../part/table.module.css'
import { Ago } from '../part/time.tsx'
import { auditQuery } from '../query.ts'
import { useScope } from '../shell/scope.ts'
import style from './audit.module.css'

type AuditEvent = ReplyOf<Api['listAudits']>[number]

const perPage = 50
const columns = ['When', 'Action', 'What', 'Who', 'From', 'Execution', { title: 'Details', unseen: true }] as const

export function Audit() {
  const scope = useScope()
  const [page, setPage] = useState(0)
  const [chosen, setChosen] = useState<AuditEvent>()
  const { data, error, refetch } = useQuery(auditQuery(useApi(), scope, { page, limit: perPage }))
  return (
    <Page title="Audit">
      <List
        title="What happened in this project"
        answer={{ data: data?.rows, error, refetch }}
        paging={{ page, perPage, total: data?.total ?? 0, go: setPage }}
        empty={
          <Empty icon="file" title="Nothing happened yet">
            <p>Every change and every execution stands here, with who did it and from where.</p>
          </Empty>
        }
      >
        {(rows) => <Events rows={rows} choose={setChosen} />}
      </List>
      <Drawer
        opened={chosen !== undefined}
        onClose={() => setChosen(undefined)}
        size="lg"
        title={chosen ? `${chosen.action} ${chosen.resource.identifier}` : ''}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {chosen ? (
          <Code
            text={JSON.stringify(chosen.event, null, 2)}
            language="yaml"
            label={`Event ${chosen.auditId}`}
            className={style.code}
          />
        ) : null}
      </Drawer>
    </Page>
  )
}

function Events({
  rows,
  choose,
}: {
  readonly rows: readonly AuditEvent[]
  readonly choose: (event: AuditEvent) => void
}) {
  const scope = useScope()
  return (
    <Table label="Events" columns={columns}>
      {rows.map((event) => {
        const { auditId, timestamp, action, resource, authenticationInfo, requestMetadata, execution } = event
        return (
          <tr key={auditId}>
            <th scope="row">
              <Ago at={timestamp} />
            </th>
            <td>{action}</td>
            <td>
              {resource.identifier}
              <span className={table.sub}>{resource.type}</span>
            </td>
            <td>{authenticationInfo.principal.identifier}</td>
            <td className="code">{requestMetadata.clientIP || '–'}</td>
            <td>
              {execution === null ? (
                <span className="faint">–</span>
              ) : (
                <Link to="/orgs/$org/projects/$project/executions/$execution" params={{ ...scope, execution }}>
                  Open<span className="unseen"> the execution</span>
                </Link>
              )}
            </td>
            <td className={table.end}>
              <Button
                variant="default"
                size="compact-sm"
                aria-label={`Details of ${action} ${resource.identifier}`}
                onClick={() => choose(event)}
              >
                Details
              </Button>
            </td>
          </tr>
        )
      })}
    </Table>
  )
}
