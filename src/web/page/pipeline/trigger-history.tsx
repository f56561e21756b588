// What was delivered to the triggers of a pipeline, or came due, and what was decided about it and why; newest first.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useApi } from '../../api.ts'
import { eventSummary, sourceName, triggerEventLook } from '../../model/trigger-event.ts'
import { List, Table } from '../../part/list.tsx'
import { Empty } from '../../part/notice.tsx'
import { StatusText } from '../../part/status.tsx'
import table from '../../part/table.module.css'
import { Ago } from '../../part/time.tsx'
import { triggerEventsQuery } from '../../query.ts'
import { useScope } from '../../shell/scope.ts'

const perPage = 25
const columns = ['Received', 'Decision', 'Trigger', 'From', 'Why', 'Run'] as const

export function TriggerHistory({ pipeline }: { readonly pipeline: string }) {
  const scope = useScope()
  const [page, setPage] = useState(0)
  const { data, error, refetch } = useQuery(triggerEventsQuery(useApi(), scope, { pipeline, page, limit: perPage }))
  return (
    <List
      title="Deliveries"
      answer={{ data: data?.rows, error, refetch }}
      paging={{ page, perPage, total: data?.total ?? 0, go: setPage }}
      empty={
        <Empty icon="clock" title="Nothing was delivered yet">
          <p>Every delivery of a Git host and every time of a schedule appears here, with what was decided and why.</p>
        </Empty>
      }
    >
      {(rows) => (
        <Table label="Deliveries" columns={columns}>
          {rows.map((event) => (
            <tr key={event.id}>
              <th scope="row" title={`Delivery ${event.delivery}`}>
                <Ago at={event.receivedAt} />
              </th>
              <td>
                <StatusText look={triggerEventLook(event.status)} />
              </td>
              <td>{event.trigger ?? <span className="faint">none</span>}</td>
              <td>
                {sourceName(event.source)}
                <span className={table.sub}>{eventSummary(event)}</span>
              </td>
              <td className={table.text}>{event.reason}</td>
              <td>
                {event.execution === null ? (
                  <span className="faint">–</span>
                ) : (
                  <Link
                    to="/orgs/$org/projects/$project/executions/$execution"
                    params={{ ...scope, execution: event.execution }}
                  >
                    Open
                    <span className="unseen"> the run of {event.trigger}</span>
                  </Link>
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </List>
  )
}
