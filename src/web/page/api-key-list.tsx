// The API keys of the person who is signed in: for scripts, the command line and other programs; each value is shown once.
import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useApi } from '../api.ts'
import { AskFirst } from '../part/ask-first.tsx'
import { CreateSecret } from '../part/create-secret.tsx'
import { Icon } from '../part/icon.tsx'
import { List, Named, Table } from '../part/list.tsx'
import { Empty } from '../part/notice.tsx'
import { Page } from '../part/page.tsx'
import table from '../part/table.module.css'
import { Ago } from '../part/time.tsx'
import { apiKeysQuery } from '../query.ts'

const columns = ['Key', 'Created', 'Last used', 'Ends', { title: 'Revoke', unseen: true }] as const

export function ApiKeyList() {
  const api = useApi()
  const queries = useQueryClient()
  const answer = useQuery(apiKeysQuery(api))
  const [creates, setCreates] = useState(false)
  return (
    <Page
      title="API keys"
      actions={
        <Button leftSection={<Icon name="plus" size={13} />} onClick={() => setCreates(true)}>
          New key
        </Button>
      }
    >
      <List
        title="Your keys"
        answer={answer}
        textOf={(key) => `${key.name} ${key.identifier}`}
        empty={
          <Empty icon="person" title="No key yet">
            <p>
              A program that calls the API sends a key in the header <code>x-api-key</code>. It may do what you may, so
              make one for each program: each can be revoked alone.
            </p>
          </Empty>
        }
      >
        {(rows) => (
          <Table label="Your keys" columns={columns}>
            {rows.map(({ identifier, name, createdAt, lastUsedAt, expiresAt }) => (
              <tr key={identifier}>
                <Named name={name} identifier={identifier} />
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
                  <AskFirst
                    action="Revoke"
                    name={name}
                    act={() => api.deleteApiKey({ params: { key: identifier } })}
                    stale={['api-keys']}
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
