// Delegates, who do the work next to the databases, and the tokens that let them join.
import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { DelegateOut } from '#contract/api/delegate'
import { useApi } from '../api.ts'
import type { StatusLook } from '../model/status.ts'
import { Confirm } from '../part/confirm.tsx'
import { Digest } from '../part/copy.tsx'
import { Empty, FaultNotice, Loading } from '../part/notice.tsx'
import { Page, Panel } from '../part/page.tsx'
import { StatusPill } from '../part/status.tsx'
import table from '../part/table.module.css'
import { Ago } from '../part/time.tsx'
import { delegatesQuery } from '../query.ts'
import { useMay } from '../session.ts'
import { DelegateTokens } from './delegate-tokens.tsx'
import list from './list.module.css'

const connected: StatusLook = { tone: 'good', icon: 'check', label: 'Connected' }
const away: StatusLook = { tone: 'bad', icon: 'cross', label: 'Not connected' }

export function DelegateList() {
  const { data, error, refetch } = useQuery(delegatesQuery(useApi()))
  return (
    <Page title="Delegates">
      <p className={list.intro}>
        A delegate runs inside your network, next to the databases. It asks the manager for work over HTTPS; nothing
        ever connects to it. The same delegates serve every project.
      </p>
      {error ? <FaultNotice error={error} retry={() => void refetch()} /> : null}
      <Panel title="Delegates">
        {!data && !error ? <Loading rows={2} /> : null}
        {data?.length === 0 ? (
          <Empty icon="delegates" title="No delegate has joined">
            <p>Create a token below, then start a delegate with it where your databases can be reached:</p>
            <pre>sluice delegate --help</pre>
          </Empty>
        ) : null}
        {data && data.length > 0 ? <DelegateTable rows={data} /> : null}
      </Panel>
      <DelegateTokens />
    </Page>
  )
}

function DelegateTable({ rows }: { readonly rows: readonly DelegateOut[] }) {
  return (
    <div className={table.wrap}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Delegate</th>
            <th scope="col">Status</th>
            <th scope="col">Last seen</th>
            <th scope="col" className={table.end}>
              Running
            </th>
            <th scope="col">Version</th>
            <th scope="col">Key</th>
            <th scope="col">Token</th>
            <th scope="col">
              <span className="unseen">Remove</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((delegate) => (
            <tr key={delegate.id}>
              <th scope="row">
                {delegate.name}
                {delegate.tags.length > 0 ? <span className={table.sub}>{delegate.tags.join(' ')}</span> : null}
              </th>
              <td>
                <StatusPill look={delegate.connected ? connected : away} />
              </td>
              <td>
                <Ago at={delegate.lastSeenAt} otherwise="never" />
              </td>
              <td className={`${table.end} number`}>
                {delegate.runningAttempts} of {delegate.capacity}
              </td>
              <td className="code">{delegate.version}</td>
              <td>
                <Digest value={delegate.fingerprint} />
              </td>
              <td className="code">{delegate.token}</td>
              <td className={table.end}>
                <RemoveDelegate delegate={delegate} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function RemoveDelegate({ delegate }: { readonly delegate: DelegateOut }) {
  const api = useApi()
  const queries = useQueryClient()
  const mayDelete = useMay('delegate.delete')
  const [asks, setAsks] = useState(false)
  const remove = useMutation({
    mutationFn: () => api.deleteDelegate({ params: { delegate: delegate.id } }),
    onSuccess: async () => {
      setAsks(false)
      await queries.invalidateQueries({ queryKey: ['delegates'] })
    },
  })
  if (!mayDelete || delegate.connected) return null
  return (
    <>
      <Button variant="default" size="compact-sm" onClick={() => setAsks(true)} aria-label={`Remove ${delegate.name}`}>
        Remove
      </Button>
      <Confirm
        opened={asks}
        close={() => setAsks(false)}
        title={`Remove ${delegate.name}?`}
        action="Remove"
        pending={remove.isPending}
        error={remove.error}
        confirm={() => remove.mutate()}
      >
        Its key is forgotten. It has to join again with a token.
      </Confirm>
    </>
  )
}
