// Delegate tokens: made here, shown once, revoked here.
import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Api } from '#contract/api/index'
import type { ReplyOf } from '#contract/endpoint'
import { useApi } from '../api.ts'
import type { StatusLook } from '../model/status.ts'
import { Confirm } from '../part/confirm.tsx'
import { CreateSecret } from '../part/create-secret.tsx'
import { Icon } from '../part/icon.tsx'
import { Empty, FaultNotice, Loading } from '../part/notice.tsx'
import { Panel } from '../part/page.tsx'
import { StatusPill } from '../part/status.tsx'
import table from '../part/table.module.css'
import { Ago } from '../part/time.tsx'
import { delegateTokensQuery } from '../query.ts'
import { useMay } from '../session.ts'

type Token = ReplyOf<Api['listDelegateTokens']>[number]

const active: StatusLook = { tone: 'good', icon: 'check', label: 'Active' }
const revoked: StatusLook = { tone: 'calm', icon: 'stop', label: 'Revoked' }

export function DelegateTokens() {
  const api = useApi()
  const queries = useQueryClient()
  const { data, error, refetch } = useQuery(delegateTokensQuery(api))
  const mayEdit = useMay('delegate.edit')
  const [creates, setCreates] = useState(false)
  return (
    <Panel
      title="Tokens"
      aside={
        mayEdit ? (
          <Button variant="default" leftSection={<Icon name="plus" size={13} />} onClick={() => setCreates(true)}>
            New token
          </Button>
        ) : null
      }
    >
      {error ? <FaultNotice error={error} retry={() => void refetch()} /> : null}
      {!data && !error ? <Loading rows={2} /> : null}
      {data?.length === 0 ? (
        <Empty icon="delegates" title="No token yet">
          <p>A delegate joins with a token. Make one for each network, so that each can be revoked alone.</p>
        </Empty>
      ) : null}
      {data && data.length > 0 ? (
        <div className={table.wrap}>
          <table className={table.table}>
            <thead>
              <tr>
                <th scope="col">Token</th>
                <th scope="col">Status</th>
                <th scope="col">Created by</th>
                <th scope="col">Created</th>
                <th scope="col">Ends</th>
                <th scope="col">
                  <span className="unseen">Revoke</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {data.map((token) => (
                <TokenRow key={token.identifier} token={token} mayEdit={mayEdit} />
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
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
    </Panel>
  )
}

function TokenRow({ token, mayEdit }: { readonly token: Token; readonly mayEdit: boolean }) {
  const api = useApi()
  const queries = useQueryClient()
  const [asks, setAsks] = useState(false)
  const revoke = useMutation({
    mutationFn: () =>
      api.updateDelegateToken({ params: { token: token.identifier }, body: { status: 'REVOKED' as const } }),
    onSuccess: async () => {
      setAsks(false)
      await queries.invalidateQueries({ queryKey: ['delegate-tokens'] })
      await queries.invalidateQueries({ queryKey: ['delegates'] })
    },
  })
  const isActive = token.status === 'ACTIVE'
  return (
    <tr>
      <th scope="row">
        {token.name}
        {token.name === token.identifier ? null : <span className={table.sub}>{token.identifier}</span>}
      </th>
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
          <Button variant="default" size="compact-sm" onClick={() => setAsks(true)} aria-label={`Revoke ${token.name}`}>
            Revoke
          </Button>
        ) : null}
        <Confirm
          opened={asks}
          close={() => setAsks(false)}
          title={`Revoke ${token.name}?`}
          action="Revoke"
          pending={revoke.isPending}
          error={revoke.error}
          confirm={() => revoke.mutate()}
        >
          Delegates that joined with it are disconnected at once, and it lets nobody join any more.
        </Confirm>
      </td>
    </tr>
  )
}
