// The notifications of a project: those that were given up first, with why, to be sent again or dropped.
import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { NotificationOut } from '#contract/api/notification'
import { useApi } from '../api.ts'
import type { StatusLook } from '../model/status.ts'
import { AskFirst } from '../part/ask-first.tsx'
import { List, Table } from '../part/list.tsx'
import { Empty } from '../part/notice.tsx'
import { Page } from '../part/page.tsx'
import { StatusText } from '../part/status.tsx'
import table from '../part/table.module.css'
import { Ago } from '../part/time.tsx'
import { notificationsQuery } from '../query-setting.ts'
import { useMay } from '../session.ts'
import { useScope } from '../shell/scope.ts'

type State = NotificationOut['state']

const perPage = 25
const columns = ['Created', 'State', 'Rule', 'About', 'To', 'Why', { title: 'Actions', unseen: true }] as const
const looks: Readonly<Record<State, StatusLook>> = {
  dead: { tone: 'bad', icon: 'cross', label: 'Given up' },
  waiting: { tone: 'run', icon: 'clock', label: 'Waiting' },
  delivered: { tone: 'good', icon: 'check', label: 'Delivered' },
}
const states = (Object.keys(looks) as State[]).map((value) => ({ value, label: looks[value].label }))

export function NotificationList() {
  const scope = useScope()
  const [state, setState] = useState<State>('dead')
  const [page, setPage] = useState(0)
  const { data, error, refetch } = useQuery(notificationsQuery(useApi(), scope, { state, page, limit: perPage }))
  return (
    <Page
      title="Notifications"
      actions={
        <Select
          aria-label="State"
          data={states}
          value={state}
          allowDeselect={false}
          onChange={(value) => {
            setState(value ?? 'dead')
            setPage(0)
          }}
        />
      }
    >
      <List
        answer={{ data: data?.rows, error, refetch }}
        paging={{ page, perPage, total: data?.total ?? 0, go: setPage }}
        empty={
          <Empty icon="external" title={state === 'dead' ? 'Nothing was given up' : 'None'}>
            <p>The rules in a pipeline say who is told of what. What could not be told stays here for 90 days.</p>
          </Empty>
        }
      >
        {(rows) => (
          <Table label="Notifications" columns={columns}>
            {rows.map((one) => (
              <NotificationRow key={one.id} notification={one} />
            ))}
          </Table>
        )}
      </List>
    </Page>
  )
}

function NotificationRow({ notification }: { readonly notification: NotificationOut }) {
  const api = useApi()
  const scope = useScope()
  const mayEdit = useMay('pipeline.edit', scope)
  const { id, rule, event, node, pipeline, execution, method, destination, state, tries, error } = notification
  const params = { ...scope, notification: id }
  const name = `${event} of ${rule}`
  return (
    <tr>
      <th scope="row">
        <Ago at={notification.createdAt} />
      </th>
      <td>
        <StatusText look={looks[state]} />
      </td>
      <td>{rule}</td>
      <td>
        <Link to="/orgs/$org/projects/$project/executions/$execution" params={{ ...scope, execution }}>
          {event} <span className="unseen">of </span>
          {pipeline}
        </Link>
        {node === null ? null : <span className={table.sub}>{node}</span>}
      </td>
      <td>
        {method}
        <span className={table.sub}>{destination}</span>
      </td>
      <td className={table.text}>
        {error ?? <span className="faint">–</span>}
        {tries > 1 ? <span className={table.sub}>{tries} tries</span> : null}
      </td>
      <td className={table.end}>
        {state === 'dead' && mayEdit ? (
          <span className={table.buttons}>
            {/* What was never tried, because the rule is wrong, would be given up again at once. */}
            {tries > 0 ? (
              <AskFirst
                action="Send again"
                name={name}
                act={() => api.retryNotification({ params })}
                stale={['notifications']}
              >
                It is sent to the address that the pipeline named, with the present values of its secrets.
              </AskFirst>
            ) : null}
            <AskFirst action="Drop" name={name} act={() => api.dropNotification({ params })} stale={['notifications']}>
              It is never sent. The audit trail keeps who dropped it.
            </AskFirst>
          </span>
        ) : null}
      </td>
    </tr>
  )
}
