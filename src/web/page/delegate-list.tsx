// Delegates, who do the work next to the databases, and the tokens that let them join.
import { useQuery } from '@tanstack/react-query'
import type { DelegateOut } from '#contract/api/delegate'
import { useApi } from '../api.ts'
import type { StatusLook } from '../model/status.ts'
import { AskFirst } from '../part/ask-first.tsx'
import { Digest } from '../part/copy.tsx'
import { List, Table } from '../part/list.tsx'
import { Empty } from '../part/notice.tsx'
import { Page } from '../part/page.tsx'
import { StatusPill } from '../part/status.tsx'
import table from '../part/table.module.css'
import { Ago } from '../part/time.tsx'
import { delegatesQuery } from '../query.ts'
import { useMay } from '../session.ts'
import { DelegateTokens } from './delegate-tokens.tsx'
import list from './list.module.css'

const connected: StatusLook = { tone: 'good', icon: 'check', label: 'Connected' }
const away: StatusLook = { tone: 'bad', icon: 'cross', label: 'Not connected' }
const columns = [
  'Delegate',
  'Status',
  'Last seen',
  { title: 'Running', end: true },
  'Version',
  'Key',
  'Token',
  { title: 'Remove', unseen: true },
] as const

export function DelegateList() {
  const answer = useQuery(delegatesQuery(useApi()))
  return (
    <Page title="Delegates">
      <p className={list.intro}>
        A delegate runs inside your network, next to the databases. It asks the manager for work over HTTPS; nothing
        ever connects to it. The same delegates serve every project.
      </p>
      <List
        title="Delegates"
        answer={answer}
        textOf={(delegate) => [delegate.name, ...delegate.tags, delegate.token].join(' ')}
        empty={
          <Empty icon="delegates" title="No delegate has joined">
            <p>Create a token below, then start a delegate with it where your databases can be reached:</p>
            <pre>sluice delegate --help</pre>
          </Empty>
        }
      >
        {(rows) => (
          <Table label="Delegates" columns={columns}>
            {rows.map((delegate) => (
              <DelegateRow key={delegate.id} delegate={delegate} />
            ))}
          </Table>
        )}
      </List>
      <DelegateTokens />
    </Page>
  )
}

function DelegateRow({ delegate }: { readonly delegate: DelegateOut }) {
  const api = useApi()
  const mayDelete = useMay('delegate.delete', {})
  return (
    <tr>
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
        {mayDelete && !delegate.connected ? (
          <AskFirst
            action="Remove"
            name={delegate.name}
            act={() => api.deleteDelegate({ params: { delegate: delegate.id } })}
            stale={['delegates']}
          >
            Its key is forgotten. It has to join again with a token.
          </AskFirst>
        ) : null}
      </td>
    </tr>
  )
}
