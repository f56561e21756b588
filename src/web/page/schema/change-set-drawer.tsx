// Everything about one change set on one instance: state, error, the run that did it, and the SQL that ran.
import { Drawer, SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { DbInstanceOut } from '#contract/api/db-instance'
import { useApi } from '../../api.ts'
import { type CellState, type InstanceColumn, isExcluded } from '../../model/matrix.ts'
import { changeSetLook, excludedLook } from '../../model/status.ts'
import { Code } from '../../part/code.tsx'
import { CopyButton } from '../../part/copy.tsx'
import { FaultNotice, Loading, Notice } from '../../part/notice.tsx'
import { StatusPill } from '../../part/status.tsx'
import { Ago } from '../../part/time.tsx'
import { changeSetSqlQuery } from '../../query.ts'
import { useScope } from '../../shell/scope.ts'
import style from './change-set-drawer.module.css'
import type { Chosen } from './matrix.tsx'

export function ChangeSetDrawer({
  schema,
  columns,
  instances,
  chosen,
  choose,
}: {
  readonly schema: string
  readonly columns: readonly InstanceColumn[]
  readonly instances: readonly DbInstanceOut[]
  readonly chosen: Chosen | undefined
  readonly choose: (chosen: Chosen | undefined) => void
}) {
  const changeSet = chosen?.row.changeSet
  return (
    <Drawer
      opened={chosen !== undefined}
      onClose={() => choose(undefined)}
      size={620}
      title={changeSet ? <span className={style.title}>{changeSet.changeSet}</span> : null}
      closeButtonProps={{ 'aria-label': 'Close' }}
      classNames={{ body: style.body ?? '' }}
    >
      {chosen && changeSet ? (
        <>
          <dl className={style.facts}>
            <Entry name="Author">{changeSet.author}</Entry>
            <Entry name="File">
              <code>{changeSet.fileName}</code>
            </Entry>
          </dl>
          {columns.length > 1 ? (
            <SegmentedControl
              aria-label="Instance"
              fullWidth
              data={columns.map((column) => ({ value: column.identifier, label: column.name }))}
              value={chosen.instance}
              onChange={(instance) => choose({ row: chosen.row, instance })}
            />
          ) : null}
          <OnInstance
            schema={schema}
            instance={chosen.instance}
            context={instances.find((one) => one.identifier === chosen.instance)?.context ?? ''}
            cell={chosen.row.cells.get(chosen.instance)}
            fqn={changeSet.changeSetFQN}
          />
        </>
      ) : null}
    </Drawer>
  )
}

function Entry({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}

function OnInstance({
  schema,
  instance,
  context,
  cell,
  fqn,
}: {
  readonly schema: string
  readonly instance: string
  readonly context: string
  readonly cell: CellState | undefined
  readonly fqn: string
}) {
  const scope = useScope()
  return (
    <>
      <dl className={style.facts}>
        <Entry name="Status">
          <StatusPill look={isExcluded(cell) ? excludedLook : changeSetLook(cell?.status)} />
        </Entry>
        {cell && cell.updated > 0 ? (
          <Entry name="Changed">
            <Ago at={cell.updated * 1000} />
          </Entry>
        ) : null}
        {cell?.tag ? (
          <Entry name="Tag">
            <code>{cell.tag}</code>
          </Entry>
        ) : null}
        {cell?.planExecutionId ? (
          <Entry name="Execution">
            <Link
              to="/orgs/$org/projects/$project/executions/$execution"
              params={{ ...scope, execution: cell.planExecutionId }}
            >
              {cell.pipeline}
            </Link>
          </Entry>
        ) : null}
      </dl>
      {cell?.error ? <Notice tone="bad" title={cell.error} /> : null}
      {cell && isExcluded(cell) ? (
        <Notice tone="calm" title="The changelog does not want it on this instance.">
          <p className="soft">
            {cell.filteredBy}
            {context ? (
              <>
                . The instance has the contexts <code>{context}</code>
              </>
            ) : null}
          </p>
        </Notice>
      ) : cell ? (
        <Sql schema={schema} instance={instance} fqn={fqn} status={cell.status} />
      ) : (
        <Notice tone="calm" title="No run has reported this change set for this instance." />
      )}
    </>
  )
}

function Sql({
  schema,
  instance,
  fqn,
  status,
}: {
  readonly schema: string
  readonly instance: string
  readonly fqn: string
  readonly status: CellState['status']
}) {
  const target = { dbschema: schema, dbinstance: instance, changesetFQN: fqn }
  const { data, error } = useQuery(changeSetSqlQuery(useApi(), useScope(), target))
  if (error) return <FaultNotice error={error} />
  if (!data) return <Loading rows={3} />
  if (data.sql.length === 0) {
    return (
      <Notice tone="calm" title={status === 'Not_Deployed' ? 'It has not run here yet.' : 'No SQL was recorded.'}>
        <p className="soft">A preview step (DBSchemaUpdateSQL) shows the SQL before it runs.</p>
      </Notice>
    )
  }
  const text = data.sql.map((statement) => `${statement.trimEnd().replace(/;$/, '')};`).join('\n\n')
  return (
    <section className={style.sql}>
      <div className={style.sqlHead}>
        <h3>SQL that ran</h3>
        <CopyButton text={text} />
      </div>
      <Code text={text} language="sql" label={`SQL of the change set on ${instance}`} className={style.code} />
    </section>
  )
}
