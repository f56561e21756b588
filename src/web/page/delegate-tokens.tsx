// Delegate tokens: made here, shown once, revoked here.
import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Api } from '#contract/api/index'
import type { ReplyOf } from '#contract/endpoint'
import { useApi } from '../api.ts'
import type { StatusLook } from '../model/status.ts'
import { AskFirst } from '../part/ask-first.tsx'
import { CreateSecret } from '../part/create-secret.tsx'
import { Icon } from '../part/icon.tsx'
import { List, Named, Table } from '../part/list.tsx'
import { Empty } from '../part/notice.tsx'
import { StatusPill } from '../part/status.tsx'
import table from '../part/table.module.css'
import { Ago } from '../part/time.tsx'
import { delegateTokensQuery } from '../query.ts'
import { useMay } from '../session.ts'

type Token = ReplyOf<Api['listDelegateTokens']>[number]

const active: StatusLook = { tone: 'good', icon: 'check', label: 'Active' }
const revoked: StatusLook = { tone: 'calm', icon: 'stop', label: 'Revoked' }
const columns = ['Token', 'Status', 'Created by', 'Created', 'Ends', { title: 'Revoke', unseen: true }] as const

export function DelegateTokens() {
  const api = useApi()
  const queries = useQueryClient()
  const answer = useQuery(delegateTokensQuery(api))
  const mayEdit = useMay('delegate.edit', {})
  const [creates, setCreates] = useState(false)
  return (
    <>
      <List
        title="Tokens"
        aside={
          mayEdit ? (
            <Button variant="default" leftSection={<Icon name="plus" size={13} />} onClick={() => setCreates(true)}>
              New token
            </Button>
          ) : null
        }
        answer={answer}
        textOf={(token) => `${token.name} ${token.identifier} ${token.createdBy}`}
        empty={
          <Empty icon="delegates" title="No token yet">
            <p>A delegate joins with a token. Make one for each network, so that each can be revoked alone.</p>
          </Empty>
        }
      >
        {(rows) => (
          <Table label="Tokens" columns={columns}>
            {rows.map((token) => (
              <TokenRow key={token.identifier} token={token} mayEdit={mayEdit} />
            ))}
          </Table>
        )}
      </List>
      <CreateSecret
        opened={creates}
        close={() => setCreates(false)}
        what="delegate token"
        about="For the network or team that it is for, e.g. eu_production."
        store="Put it where your delegate reads it; Sluice keeps only its digest."
        create={async ({ identifier, endsAt }) => {
          const { value } = await api.createDelegateToken({
            body: { identifier, ...(endsAt === undefined ? {} : { revokeAfter: endsAt }) },
          })
          await queries.invalidateQueries({ queryKey: ['delegate-tokens'] })
          return value
        }}
      />
    </>
  )
}

function TokenRow({ token, mayEdit }: { readonly token: Token; readonly mayEdit: boolean }) {
  const api = useApi()
  const isActive = token.status === 'ACTIVE'
  return (
    <tr>
      <Named name={token.name} identifier={token.identifier} />
      <td>
        <StatusPill look={isActive ? active : revoked} />
      </td>
      <td>{token.createdBy}</td>
      <td>
        <Ago at={token.createdAt} />
      </td>
      <td>
        <Ago at={token.revokeAfter} otherwise={isActive ? 'on request' : '–'} />
      </td>
      <td className={table.end}>
        {isActive && mayEdit ? (
          <AskFirst
            action="Revoke"
            name={token.name}
            act={() => api.updateDelegateToken({ params: { token: token.identifier }, body: { status: 'REVOKED' } })}
            stale={['delegate-tokens', 'delegates']}
          >
            Delegates that joined with it are disconnected at once, and it lets nobody join any more.
          </AskFirst>
        ) : null}
      </td>
    </tr>
  )
}
