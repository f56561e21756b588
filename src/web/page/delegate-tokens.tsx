// Delegate tokens: made here, shown once, revoked here.
import { Button, Modal, Select, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Api } from '#contract/api/index'
import type { ReplyOf } from '#contract/endpoint'
import { identifierSchema } from '#contract/identifier'
import { useApi } from '../api.ts'
import type { StatusLook } from '../model/status.ts'
import { Confirm } from '../part/confirm.tsx'
import { CopyButton } from '../part/copy.tsx'
import { Icon } from '../part/icon.tsx'
import { Empty, FaultNotice, Loading, Notice } from '../part/notice.tsx'
import { Panel } from '../part/page.tsx'
import { StatusPill } from '../part/status.tsx'
import table from '../part/table.module.css'
import { Ago } from '../part/time.tsx'
import { delegateTokensQuery } from '../query.ts'
import { useMay } from '../session.ts'
import style from './delegate-tokens.module.css'

type Token = ReplyOf<Api['listDelegateTokens']>[number]

const active: StatusLook = { tone: 'good', icon: 'check', label: 'Active' }
const revoked: StatusLook = { tone: 'calm', icon: 'stop', label: 'Revoked' }
const day = 86_400_000
const lives = [
  { value: '', label: 'Until it is revoked' },
  { value: '1', label: '1 day' },
  { value: '30', label: '30 days' },
  { value: '365', label: '1 year' },
]

export function DelegateTokens() {
  const { data, error, refetch } = useQuery(delegateTokensQuery(useApi()))
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
      <CreateToken opened={creates} close={() => setCreates(false)} />
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

function CreateToken({ opened, close }: { readonly opened: boolean; readonly close: () => void }) {
  const api = useApi()
  const queries = useQueryClient()
  const [identifier, setIdentifier] = useState('')
  const [life, setLife] = useState('')
  const create = useMutation({
    mutationFn: () =>
      api.createDelegateToken({
        body: { identifier, ...(life === '' ? {} : { revokeAfter: Date.now() + Number(life) * day }) },
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['delegate-tokens'] }),
  })
  function leave(): void {
    close()
    // The value must not stay behind in the page.
    create.reset()
    setIdentifier('')
    setLife('')
  }
  function submit(event: FormEvent): void {
    event.preventDefault()
    create.mutate()
  }
  const check = identifier === '' ? undefined : identifierSchema.safeParse(identifier)
  return (
    <Modal
      opened={opened}
      onClose={leave}
      title={create.data ? 'Token created' : 'New delegate token'}
      closeOnClickOutside={!create.data}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {create.data ? (
        <div className={style.form}>
          <Notice tone="wait" title="This is the only time that the value is shown.">
            <p className="soft">Put it where your delegate reads it; Sluice keeps only its digest.</p>
          </Notice>
          <output className={style.value} aria-label="Value of the token">
            {create.data.value}
          </output>
          <div className={style.end}>
            <CopyButton text={create.data.value} label="Copy value" />
            <Button onClick={leave}>Done</Button>
          </div>
        </div>
      ) : (
        <form onSubmit={submit} className={style.form}>
          <TextInput
            label="Identifier"
            description="For the network or team that it is for, e.g. eu_production."
            required
            withAsterisk={false}
            data-autofocus
            value={identifier}
            error={check && !check.success ? check.error.issues[0]?.message : undefined}
            onChange={(event) => setIdentifier(event.currentTarget.value)}
          />
          <Select
            label="Valid"
            data={lives}
            value={life}
            allowDeselect={false}
            onChange={(value) => setLife(value ?? '')}
          />
          {create.error ? <FaultNotice error={create.error} /> : null}
          <div className={style.end}>
            <Button variant="default" onClick={leave}>
              Cancel
            </Button>
            <Button type="submit" disabled={!check?.success} loading={create.isPending}>
              Create
            </Button>
          </div>
        </form>
      )}
    </Modal>
  )
}
