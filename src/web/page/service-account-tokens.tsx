// The tokens of a service account, of all its keys; new ones belong to the key `browser`, which is made with the first.
import { Button, Drawer } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useApi } from '../api.ts'
import type { StatusLook } from '../model/status.ts'
import { AskFirst } from '../part/ask-first.tsx'
import { CreateSecret } from '../part/create-secret.tsx'
import { Icon } from '../part/icon.tsx'
import { List, Named, Table } from '../part/list.tsx'
import { Empty } from '../part/notice.tsx'
import { StatusText } from '../part/status.tsx'
import table from '../part/table.module.css'
import { Ago } from '../part/time.tsx'
import { type Place, serviceAccountTokensQuery } from '../query-setting.ts'

const KEY = 'browser'
const columns = ['Token', 'Key', 'Status', 'Last used', 'Ends', { title: 'Revoke', unseen: true }] as const
const valid: StatusLook = { tone: 'good', icon: 'check', label: 'Valid' }
const over: StatusLook = { tone: 'calm', icon: 'stop', label: 'Ended' }

export function ServiceAccountTokens({
  account,
  place,
  close,
}: {
  readonly account: string
  readonly place: Place
  readonly close: () => void
}) {
  const api = useApi()
  const queries = useQueryClient()
  const [creates, setCreates] = useState(false)
  const owner = { ...place, apiKeyType: 'SERVICE_ACCOUNT', parentIdentifier: account } as const
  const answer = useQuery(serviceAccountTokensQuery(api, owner))
  const create = async ({ identifier, endsAt }: { identifier: string; endsAt: number | undefined }) => {
    const keys = await api.listAccessKeys({ query: { ...owner, identifiers: KEY } })
    if (keys.total === 0)
      await api.createAccessKey({ query: place, body: { ...owner, identifier: KEY, name: 'Made in the browser' } })
    const value = await api.createAccessToken({
      query: place,
      body: { ...owner, apiKeyIdentifier: KEY, identifier, name: identifier, validTo: endsAt },
    })
    await Promise.all(
      ['service-accounts', 'service-account-tokens'].map((key) => queries.invalidateQueries({ queryKey: [key] })),
    )
    return value
  }
  return (
    <Drawer
      opened
      onClose={close}
      size="xl"
      position="right"
      title={`Tokens of ${account}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <List
        title="Tokens"
        aside={
          <Button variant="default" leftSection={<Icon name="plus" size={13} />} onClick={() => setCreates(true)}>
            New token
          </Button>
        }
        answer={answer}
        textOf={({ token }) => `${token.name} ${token.identifier} ${token.apiKeyIdentifier}`}
        empty={
          <Empty icon="tag" title="No token yet">
            <p>
              The program sends a token in the header <code>x-api-key</code>.
            </p>
          </Empty>
        }
      >
        {(rows) => (
          <Table label={`Tokens of ${account}`} columns={columns}>
            {rows.map(({ token, lastUsedAt, expiryAt }) => (
              <tr key={`${token.apiKeyIdentifier} ${token.identifier}`}>
                <Named name={token.name} identifier={token.identifier} />
                <td className="code">{token.apiKeyIdentifier}</td>
                <td>
                  <StatusText look={token.valid ? valid : over} />
                </td>
                <td>
                  <Ago at={lastUsedAt ?? null} otherwise="never" />
                </td>
                <td>
                  <Ago at={expiryAt ?? null} otherwise="on request" />
                </td>
                <td className={table.end}>
                  <AskFirst
                    action="Revoke"
                    name={token.name}
                    act={() =>
                      api.deleteAccessToken({
                        params: { identifier: token.identifier },
                        query: { ...owner, apiKeyIdentifier: token.apiKeyIdentifier },
                      })
                    }
                    stale={['service-accounts', 'service-account-tokens']}
                  >
                    Programs that use it are refused at once.
                  </AskFirst>
                </td>
              </tr>
            ))}
          </Table>
        )}
      </List>
      <CreateSecret
        opened={creates}
        close={() => setCreates(false)}
        what="token"
        about="For where it is used, e.g. first."
        store="Put it where the program reads it; Sluice keeps only its digest."
        create={create}
      />
    </Drawer>
  )
}
