// What can be asked for about an instance without a run: a test, a preview, a snapshot, a look at its history.
import { Button, Menu, Modal } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { DbInstanceOut } from '#contract/api/db-instance'
import { useApi } from '../../api.ts'
import { Icon } from '../../part/icon.tsx'
import { FaultNotice, Loading, Notice } from '../../part/notice.tsx'
import table from '../../part/table.module.css'
import { Ago } from '../../part/time.tsx'
import { snapshotsQuery } from '../../query.ts'
import { useMay } from '../../session.ts'
import { useScope } from '../../shell/scope.ts'
import { type AskedTask, TaskDialog } from '../task/task-dialog.tsx'

export function InstanceActions({ schema, instance }: { readonly schema: string; readonly instance: DbInstanceOut }) {
  const api = useApi()
  const scope = useScope()
  const queries = useQueryClient()
  const at = { ...scope, identifier: `${schema}/${instance.identifier}` }
  const mayPreview = useMay('instance.preview', at)
  const maySync = useMay('instance.edit', at)
  const [asked, setAsked] = useState<AskedTask>()
  const [isListing, setListing] = useState(false)
  const { identifier, name } = instance
  const call = { params: { ...scope, dbschema: schema, dbinstance: identifier }, body: {} }
  function close(): void {
    setAsked(undefined)
    void queries.invalidateQueries({ queryKey: ['migration-state', scope, schema] })
    void queries.invalidateQueries({ queryKey: ['snapshots', scope, schema, identifier] })
  }
  function compare(snapshot: string): void {
    setListing(false)
    setAsked({
      title: `What differs in ${name}`,
      ask: () => api.diffInstance({ ...call, body: { snapshot } }),
    })
  }
  return (
    <>
      <Menu position="bottom-end" width={200}>
        <Menu.Target>
          <Button variant="default" size="xs" rightSection={<Icon name="chevron" size={12} />}>
            <span className="unseen">{name}: </span>Actions
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            disabled={!mayPreview}
            onClick={() => setAsked({ title: `Test the connection of ${name}`, ask: () => api.testInstance(call) })}
          >
            Test connection
          </Menu.Item>
          <Menu.Item
            disabled={!mayPreview}
            onClick={() => setAsked({ title: `Changes for ${name}`, ask: () => api.previewInstance(call) })}
          >
            Preview changes
          </Menu.Item>
          <Menu.Item
            disabled={!maySync}
            onClick={() => setAsked({ title: `Sync the history of ${name}`, ask: () => api.syncInstance(call) })}
          >
            Sync history
          </Menu.Item>
          <Menu.Item
            disabled={!mayPreview}
            onClick={() => setAsked({ title: `Snapshot of ${name}`, ask: () => api.takeSnapshot(call) })}
          >
            Take snapshot
          </Menu.Item>
          <Menu.Item onClick={() => setListing(true)}>Snapshots</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <TaskDialog asked={asked} close={close} />
      <Modal
        opened={isListing}
        onClose={() => setListing(false)}
        size={560}
        title={`Snapshots of ${name}`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {isListing ? (
          <Snapshots schema={schema} instance={identifier} compare={mayPreview ? compare : undefined} />
        ) : null}
      </Modal>
    </>
  )
}

function Snapshots({
  schema,
  instance,
  compare,
}: {
  readonly schema: string
  readonly instance: string
  readonly compare: ((snapshot: string) => void) | undefined
}) {
  const { data, error } = useQuery(snapshotsQuery(useApi(), useScope(), schema, instance))
  if (error) return <FaultNotice error={error} />
  if (!data) return <Loading rows={2} />
  if (data.length === 0) return <Notice tone="calm" title="There is no snapshot yet. Take one with Take snapshot." />
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">Taken</th>
          <th scope="col">Objects</th>
          <th scope="col">By</th>
          <th scope="col">
            <span className="unseen">Compare</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {data.map(({ task, createdAt, objects, askedBy }) => (
          <tr key={task}>
            <th scope="row">
              <Ago at={createdAt} />
            </th>
            <td className="number">{objects}</td>
            <td>{askedBy.name}</td>
            <td>
              <Button variant="default" size="xs" disabled={!compare} onClick={() => compare?.(task)}>
                Compare now
              </Button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
