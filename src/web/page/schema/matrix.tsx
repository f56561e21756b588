// The matrix change set × instance: a grid that scrolls both ways under its heads, with arrow keys and filters.
import { Select, TextInput } from '@mantine/core'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import type { DbInstanceOut } from '#contract/api/db-instance'
import type { MigrationStateOut } from '#contract/api/migration-state'
import { type GridPlace, moveInGrid } from '../../model/grid-move.ts'
import {
  type ChangeSetRow,
  type InstanceColumn,
  matrixRows,
  type StatusFilter,
  summarizeInstance,
} from '../../model/matrix.ts'
import { Icon } from '../../part/icon.tsx'
import { Empty } from '../../part/notice.tsx'
import { ChangeSetDrawer } from './change-set-drawer.tsx'
import style from './matrix.module.css'
import { ChangeSetLine, FileLine } from './matrix-line.tsx'

const rowHeight = 34
const filters: readonly { readonly value: StatusFilter; readonly label: string }[] = [
  { value: 'all', label: 'Every status' },
  { value: 'differs', label: 'Not deployed everywhere' },
  { value: 'Successfully_Deployed', label: 'Deployed somewhere' },
  { value: 'Not_Deployed', label: 'Not deployed somewhere' },
  { value: 'Deployment_Failed', label: 'Failed somewhere' },
  { value: 'Rolled_Back', label: 'Rolled back somewhere' },
  { value: 'excluded', label: 'Excluded somewhere' },
]

export interface Chosen {
  readonly row: ChangeSetRow
  readonly instance: string
}

export function Matrix({
  state,
  schema,
  instances,
}: {
  readonly state: MigrationStateOut
  readonly schema: string
  readonly instances: readonly DbInstanceOut[]
}) {
  const [text, setText] = useState('')
  const [status, setStatus] = useState<StatusFilter>('all')
  const [chosen, setChosen] = useState<Chosen>()
  const wanted = useDeferredValue(text)
  const rows = useMemo(() => matrixRows(state, { text: wanted, status }), [state, wanted, status])
  const shown = rows.reduce((count, row) => count + (row.kind === 'change-set' ? 1 : 0), 0)
  return (
    <>
      <div className={style.bar}>
        <TextInput
          className={style.search}
          aria-label="Filter change sets"
          placeholder="Id, author, file or tag"
          leftSection={<Icon name="search" size={14} />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Select
          aria-label="Filter by status"
          data={filters}
          value={status}
          allowDeselect={false}
          onChange={(value) => setStatus(value ?? 'all')}
        />
        <p className="soft number" role="status">
          {shown === state.changeSets.length
            ? `${shown} change sets`
            : `${shown} of ${state.changeSets.length} change sets`}
        </p>
      </div>
      {shown === 0 ? (
        <Empty icon="search" title="No change set passes the filter">
          <p>Clear the text, or choose another status.</p>
        </Empty>
      ) : (
        <MatrixGrid state={state} rows={rows} columns={state.instances} open={setChosen} />
      )}
      <ChangeSetDrawer
        schema={schema}
        columns={state.instances}
        instances={instances}
        chosen={chosen}
        choose={setChosen}
      />
    </>
  )
}

function MatrixGrid({
  state,
  rows,
  columns,
  open,
}: {
  readonly state: MigrationStateOut
  readonly rows: ReturnType<typeof matrixRows>
  readonly columns: readonly InstanceColumn[]
  readonly open: (chosen: Chosen) => void
}) {
  const scroller = useRef<HTMLDivElement>(null)
  const [place, setPlace] = useState<GridPlace>({ row: 1, column: 0 })
  const wantsFocus = useRef(false)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    // The head covers the top of the scroll area.
    scrollPaddingStart: 60,
    overscan: 12,
  })
  const items = virtual.getVirtualItems()
  const placeIsDrawn = items.some((item) => item.index === place.row) && rows[place.row]?.kind === 'change-set'
  const stop: GridPlace = placeIsDrawn
    ? place
    : { row: items.find((item) => rows[item.index]?.kind === 'change-set')?.index ?? -1, column: place.column }

  useEffect(() => {
    if (!wantsFocus.current) return
    const cell = scroller.current?.querySelector<HTMLElement>(`[data-cell="${place.row} ${place.column}"]`)
    if (!cell) return
    wantsFocus.current = false
    cell.focus({ preventScroll: true })
    cell.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  })

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 3)
    const shape = {
      rows: rows.length,
      columns: columns.length + 1,
      hasCells: (row: number) => rows[row]?.kind === 'change-set',
    }
    const next = moveInGrid(shape, stop, event.key, page)
    if (!next) return
    event.preventDefault()
    wantsFocus.current = true
    virtual.scrollToIndex(next.row, { align: 'auto' })
    setPlace(next)
  }

  // Head and body are laid out apart and must agree on every column.
  const template = `minmax(340px, 1.3fr) repeat(${columns.length}, minmax(168px, 1fr))`
  const minWidth = 340 + columns.length * 168
  return (
    <div
      ref={scroller}
      className={style.grid}
      role="grid"
      aria-label="Change sets by instance"
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length + 1}
      onKeyDown={onKeyDown}
    >
      <div role="rowgroup" className={style.head} style={{ minWidth }}>
        <div role="row" aria-rowindex={1} className={style.headRow} style={{ gridTemplateColumns: template }}>
          <div role="columnheader" className={style.corner}>
            Change set
          </div>
          {columns.map((column) => (
            <ColumnHead key={column.identifier} column={column} state={state} />
          ))}
        </div>
      </div>
      <div role="rowgroup" className={style.body} style={{ height: virtual.getTotalSize(), minWidth }}>
        {items.map((item) => {
          const row = rows[item.index]
          if (!row) return null
          const frame = { top: item.start, height: rowHeight, gridTemplateColumns: template }
          return row.kind === 'file' ? (
            <FileLine key={item.key} row={row} index={item.index} columns={columns.length + 1} frame={frame} />
          ) : (
            <ChangeSetLine
              key={item.key}
              row={row}
              index={item.index}
              columns={columns}
              frame={frame}
              stop={stop.row === item.index ? stop.column : undefined}
              open={(instance, column) => {
                setPlace({ row: item.index, column })
                open({ row, instance })
              }}
            />
          )
        })}
      </div>
    </div>
  )
}

function ColumnHead({ column, state }: { readonly column: InstanceColumn; readonly state: MigrationStateOut }) {
  const { deployed, failed, total } = useMemo(
    () => summarizeInstance(state, column.identifier),
    [state, column.identifier],
  )
  const done = deployed === total
  return (
    <div role="columnheader" className={style.columnHead}>
      <span className={style.columnName}>
        <span className="cut">{column.name}</span>
        <span className="faint number">
          {deployed}/{total}
          <span className="unseen"> deployed{failed > 0 ? `, ${failed} failed` : ''}</span>
        </span>
      </span>
      <span className={style.progress} data-done={done || undefined} data-failed={failed > 0 || undefined}>
        <span style={{ width: `${total === 0 ? 0 : (100 * deployed) / total}%` }} />
      </span>
    </div>
  )
}
