// Service accounts: programs with rights of their own, and the tokens with which they call the API.
import { Button, Modal } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Api } from '#contract/api/index'
import type { ReplyOf } from '#contract/endpoint'
import { useApi } from '../api.ts'
import { AskFirst } from '../part/ask-first.tsx'
import form from '../part/create-secret.module.css'
import { Icon } from '../part/icon.tsx'
import { IdentifierInput, isIdentifier } from '../part/identifier-input.tsx'
import { type Level, LevelSelect, placeOf, scopeAt } from '../part/level.tsx'
import { List, Named, Table } from '../part/list.tsx'
import { Empty, FaultNotice } from '../part/notice.tsx'
import { Page } from '../part/page.tsx'
import table from '../part/table.module.css'
import { Ago } from '../part/time.tsx'
import { type Place, serviceAccountsQuery } from '../query-setting.ts'
import { useRights } from '../session.ts'
import { useScope } from '../shell/scope.ts'
import list from './list.module.css'
import { ServiceAccountTokens } from './service-account-tokens.tsx'

type Account = ReplyOf<Api['listServiceAccountAggregates']>[number]

const columns = [
  'Account',
  'E-mail',
  { title: 'Tokens', end: true },
  'Changed',
  { title: 'Actions', unseen: true },
] as const

export function ServiceAccountList() {
  const api = useApi()
  const scope = useScope()
  const may = useRights()
  const [level, setLevel] = useState<Level>('project')
  const at = scopeAt(scope, level)
  const mayEdit = (identifier?: string): boolean => may('service-account.edit', { ...at, identifier })
  const [creates, setCreates] = useState(false)
  const [opened, setOpened] = useState<string>()
  const place = placeOf(scope, level)
  const answer = useQuery(serviceAccountsQuery(api, place))
  const row = ({ serviceAccount: { identifier, name, email }, tokensCount, lastModifiedAt }: Account) => (
    <tr key={identifier}>
      <Named name={name} identifier={identifier} />
      <td>{email}</td>
      <td className={`${table.end} number`}>{tokensCount}</td>
      <td>
        <Ago at={lastModifiedAt} />
      </td>
      <td className={table.end}>
        {mayEdit(identifier) ? (
          <span className={table.buttons}>
            <Button
              variant="default"
              size="compact-sm"
              aria-label={`Tokens of ${name}`}
              onClick={() => setOpened(identifier)}
            >
              Tokens
            </Button>
            <AskFirst
              action="Delete"
              name={name}
              act={() => api.deleteServiceAccount({ params: { identifier }, query: place })}
              stale={['service-accounts']}
            >
              Its tokens open nothing any more, and what was assigned to it is gone.
            </AskFirst>
          </span>
        ) : null}
      </td>
    </tr>
  )
  return (
    <Page
      title="Service accounts"
      actions={
        <>
          <LevelSelect level={level} choose={setLevel} />
          {mayEdit() ? (
            <Button leftSection={<Icon name="plus" size={13} />} onClick={() => setCreates(true)}>
              New account
            </Button>
          ) : null}
        </>
      }
    >
      <p className={list.intro}>
        A service account is a program that calls the API with a token. It may do nothing until a role is assigned to
        it.
      </p>
      <List
        answer={answer}
        textOf={({ serviceAccount }) => `${serviceAccount.name} ${serviceAccount.identifier} ${serviceAccount.email}`}
        empty={
          <Empty icon="person" title="No service account here">
            <p>
              Make one for each program, such as the build server: each has its own rights and can be shut out alone.
            </p>
          </Empty>
        }
      >
        {(rows) => (
          <Table label="Service accounts" columns={columns}>
            {rows.map(row)}
          </Table>
        )}
      </List>
      {creates ? <NewAccount place={place} close={() => setCreates(false)} /> : null}
      {opened === undefined ? null : (
        <ServiceAccountTokens account={opened} place={place} close={() => setOpened(undefined)} />
      )}
    </Page>
  )
}

function NewAccount({ place, close }: { readonly place: Place; readonly close: () => void }) {
  const api = useApi()
  const queries = useQueryClient()
  const [identifier, setIdentifier] = useState('')
  const make = useMutation({
    mutationFn: () => api.createServiceAccount({ query: place, body: { ...place, identifier, name: identifier } }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['service-accounts'] })
      close()
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    make.mutate()
  }
  return (
    <Modal opened onClose={close} title="New service account" closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={submit} className={form.form}>
        <IdentifierInput
          about="Of the program that it is for, e.g. build_server."
          value={identifier}
          set={setIdentifier}
        />
        {make.error ? <FaultNotice error={make.error} /> : null}
        <div className={form.end}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" disabled={!isIdentifier(identifier)} loading={make.isPending}>
            Create
          </Button>
        </div>
      </form>
    </Modal>
  )
}
