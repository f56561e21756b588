// The API keys of the person who is signed in: for scripts, the command line and other programs; each value is shown once.
import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Api } from '#contract/api/index'
import type { ReplyOf } from '#contract/endpoint'
import { useApi } from '../api.ts'
import { Confirm } from '../part/confirm.tsx'
import { CreateSecret } from '../part/create-secret.tsx'
import { Icon } from '../part/icon.tsx'
import { Empty, FaultNotice, Loading } from '../part/notice.tsx'
import { Page, Panel } from '../part/page.tsx'
import table from '../part/table.module.css'
import { Ago } from '../part/time.tsx'
import { apiKeysQuery } from '../query.ts'
import { useMay } from '../session.ts'

type Key = ReplyOf<Api['listApiKeys']>[number]

export function ApiKeyList() {
  const api = useApi()
  const queries = useQueryClient()
  const mayEdit = useMay('api-key.edit')
  const { data, error, refetch } = useQuery({ ...apiKeysQuery(api), enabled: mayEdit })
  const [creates, setCreates] = useState(false)
  return (
    <Page
      title="API keys"
      actions={
        <Button
          leftSection={<Icon name="plus" size={13} />}
          disabled={!mayEdit}
          title={mayEdit ? undefined : 'You may not make API keys'}
          onClick={() => setCreates(true)}
        >
          New key
        </Button>
      }
    >
      {error ? <FaultNotice error={error} retry={() => void refetch()} /> : null}
      <Panel title="Your keys">
        {!mayEdit ? (
          <Empty icon="person" title="You may not make API keys">
            <p>Ask an administrator for a role with the permission api-key.edit.</p>
          </Empty>
        ) : null}
        {mayEdit && !data && !error ? <Loading rows={2} /> : null}
        {data?.length === 0 ? (
          <Empty icon="person" title="No key yet">
            <p>
              A program that calls the API sends a key in the header <code>x-api-key</code>. It may do what you may, so
              make one for each program: each can be revoked alone.
            </p>
          </Empty>
        ) : null}
        {data && data.length > 0 ? <Keys rows={data} /> : null}
      </Panel>
      <CreateSecret
        opened={creates}
        close={() => setCreates(false)}
        what="API key"
        about="For the program that it is for, e.g. nightly_release."
        store="Put it where your program reads it; Sluice keeps only its digest."
        create={async ({ identifier, endsAt }) => {
          const { value } = await api.createApiKey({
            body: { identifier, ...(endsAt === undefined ? {} : { expiresAt: endsAt }) },
          })
          await queries.invalidateQueries({ queryKey: ['api-keys'] })
          return value
        }}
      />
    </Page>
  )
}

function Keys({ rows }: { readonly rows: readonly Key[] }) {
  return (
    <div className={table.wrap}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col">Created</th>
            <th scope="col">Last used</th>
            <th scope="col">Ends</th>
            <th scope="col">
              <span className="unseen">Revoke</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((key) => (
            <KeyRow key={key.identifier} apiKey={key} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function KeyRow({ apiKey }: { readonly apiKey: Key }) {
  const api = useApi()
  const queries = useQueryClient()
  const [asks, setAsks] = useState(false)
  const { identifier, name, createdAt, lastUsedAt, expiresAt } = apiKey
  const revoke = useMutation({
    mutationFn: () => api.deleteApiKey({ params: { key: identifier } }),
    onSuccess: async () => {
      setAsks(false)
      await queries.invalidateQueries({ queryKey: ['api-keys'] })
    },
  })
  return (
    <tr>
      <th scope="row">
        {name}
        {name === identifier ? null : <span className={table.sub}>{identifier}</span>}
      </th>
      <td>
        <Ago at={createdAt} />
      </td>
      <td>
        <Ago at={lastUsedAt} otherwise="never" />
      </td>
      <td>
        <Ago at={expiresAt} otherwise="on request" />
      </td>
      <td className={table.end}>
        <Button variant="default" size="compact-sm" onClick={() => setAsks(true)} aria-label={`Revoke ${name}`}>
          Revoke
        </Button>
        <Confirm
          opened={asks}
          close={() => setAsks(false)}
          title={`Revoke ${name}?`}
          action="Revoke"
          pending={revoke.isPending}
          error={revoke.error}
          confirm={() => revoke.mutate()}
        >
          Programs that use it are refused at once.
        </Confirm>
      </td>
    </tr>
  )
}
