// Freezes: times in which pipelines or changes of instances do not begin. Written as YAML, ended, turned on again and deleted.
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { FreezeOut } from '#contract/api/freeze'
import { useApi } from '../api.ts'
import { formatExact } from '../model/duration.ts'
import type { StatusLook } from '../model/status.ts'
import { AskFirst } from '../part/ask-first.tsx'
import { Icon } from '../part/icon.tsx'
import { type Level, LevelSelect, placeOf, scopeAt } from '../part/level.tsx'
import { List, Named, Table } from '../part/list.tsx'
import { Empty } from '../part/notice.tsx'
import { Page } from '../part/page.tsx'
import { StatusPill } from '../part/status.tsx'
import table from '../part/table.module.css'
import { Ago } from '../part/time.tsx'
import { YamlDrawer } from '../part/yaml-drawer.tsx'
import { freezesQuery } from '../query-setting.ts'
import { useRights } from '../session.ts'
import { useScope } from '../shell/scope.ts'
import list from './list.module.css'

const columns = ['Freeze', 'Status', 'Window', 'Changed', { title: 'Actions', unseen: true }] as const
const lookOf = ({ active, status }: FreezeOut): StatusLook => {
  if (active) return { tone: 'wait', icon: 'hand', label: 'Holds now' }
  if (status === 'Disabled') return { tone: 'calm', icon: 'stop', label: 'Off' }
  return { tone: 'good', icon: 'clock', label: 'On' }
}
const template = `freeze:
  identifier: my_freeze
  name: My freeze
  status: Enabled
  entityConfigs:
    - name: every pipeline
      entities:
        - { type: Pipeline, filterType: All }
  windows:
    - timeZone: UTC
      startTime: 2030-12-20 06:00 PM
      duration: 12h
`

export function FreezeList() {
  const api = useApi()
  const scope = useScope()
  const may = useRights()
  const [level, setLevel] = useState<Level>('project')
  const at = scopeAt(scope, level)
  const mayEdit = (identifier?: string): boolean => may('freeze.edit', { ...at, identifier })
  const [edited, setEdited] = useState<FreezeOut | 'new'>()
  const query = placeOf(scope, level)
  const answer = useQuery(freezesQuery(api, query))
  const save = (text: string) => {
    const raw = new TextEncoder().encode(text)
    if (edited === undefined || edited === 'new') return api.createFreeze({ query, raw })
    return api.updateFreeze({ params: { freeze: edited.identifier }, query, raw })
  }
  return (
    <Page
      title="Freezes"
      actions={
        <>
          <LevelSelect level={level} choose={setLevel} />
          {mayEdit() ? (
            <Button leftSection={<Icon name="plus" size={13} />} onClick={() => setEdited('new')}>
              New freeze
            </Button>
          ) : null}
        </>
      }
    >
      <p className={list.intro}>
        In a freeze pipelines, or stages that change certain instances, do not begin; what runs goes on to its end. The
        freezes of the organization and of the account hold this project as well.
      </p>
      <List
        answer={answer}
        textOf={(freeze) => `${freeze.name} ${freeze.identifier} ${freeze.description}`}
        empty={
          <Empty icon="clock" title="No freeze here">
            <p>Nothing of this place holds runs back.</p>
          </Empty>
        }
      >
        {(rows) => (
          <Table label="Freezes" columns={columns}>
            {rows.map((freeze) => (
              <FreezeRow
                key={freeze.identifier}
                freeze={freeze}
                place={query}
                mayEdit={mayEdit(freeze.identifier)}
                edit={() => setEdited(freeze)}
              />
            ))}
          </Table>
        )}
      </List>
      {edited === undefined ? null : (
        <YamlDrawer
          title={edited === 'new' ? 'New freeze' : edited.name}
          text={edited === 'new' ? template : edited.yaml}
          save={mayEdit(edited === 'new' ? undefined : edited.identifier) ? save : undefined}
          stale={['freezes']}
          close={() => setEdited(undefined)}
        />
      )}
    </Page>
  )
}

function FreezeRow({
  freeze,
  place,
  mayEdit,
  edit,
}: {
  readonly freeze: FreezeOut
  readonly place: ReturnType<typeof placeOf>
  readonly mayEdit: boolean
  readonly edit: () => void
}) {
  const api = useApi()
  const { identifier, name, currentOrUpcomingWindow: period } = freeze
  const turn = (status: FreezeOut['status']) => api.setFreezeStatus({ query: { ...place, status }, body: [identifier] })
  return (
    <tr>
      <Named name={name} identifier={identifier} />
      <td>
        <StatusPill look={lookOf(freeze)} />
      </td>
      <td className="number">
        {period ? (
          `${formatExact(period.startTime)} – ${formatExact(period.endTime)}`
        ) : (
          <span className="faint">none to come</span>
        )}
      </td>
      <td>
        <Ago at={freeze.lastUpdatedAt} />
      </td>
      <td className={table.end}>
        <span className={table.buttons}>
          <Button
            variant="default"
            size="compact-sm"
            onClick={edit}
            aria-label={`${mayEdit ? 'Edit' : 'Show'} ${name}`}
          >
            {mayEdit ? 'Edit' : 'Show'}
          </Button>
          {mayEdit && freeze.status === 'Enabled' ? (
            <AskFirst action="End" name={name} act={() => turn('Disabled')} stale={['freezes']}>
              What it holds may begin at once. It holds nothing more until it is turned on again.
            </AskFirst>
          ) : null}
          {mayEdit && freeze.status === 'Disabled' ? (
            <AskFirst action="Turn on" name={name} act={() => turn('Enabled')} stale={['freezes']}>
              In its windows, what it names does not begin.
            </AskFirst>
          ) : null}
          {mayEdit ? (
            <AskFirst
              action="Delete"
              name={name}
              act={() => api.deleteFreeze({ params: { freeze: identifier }, query: place })}
              stale={['freezes']}
            >
              Its document is gone, and it holds nothing any more.
            </AskFirst>
          ) : null}
        </span>
      </td>
    </tr>
  )
}
