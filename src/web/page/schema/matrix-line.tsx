// One row of the matrix: the heading of a file, or a change set with a cell for each instance.
import type { CSSProperties } from 'react'
import {
  type CellState,
  type ChangeSetRow,
  type InstanceColumn,
  isExcluded,
  type MatrixRow,
} from '../../model/matrix.ts'
import { changeSetLook, excludedLook } from '../../model/status.ts'
import { Icon } from '../../part/icon.tsx'
import { StatusSign } from '../../part/status.tsx'
import { Ago } from '../../part/time.tsx'
import style from './matrix.module.css'

export function FileLine({
  row,
  index,
  columns,
  frame,
}: {
  readonly row: Extract<MatrixRow, { kind: 'file' }>
  readonly index: number
  readonly columns: number
  readonly frame: CSSProperties
}) {
  return (
    <div role="row" aria-rowindex={index + 2} className={style.file} style={{ top: frame.top, height: frame.height }}>
      <div role="gridcell" aria-colspan={columns} className={style.fileName}>
        <Icon name="file" size={13} />
        <span className="code">{row.fileName}</span>
        <span className="faint number">{row.count}</span>
      </div>
    </div>
  )
}

export function ChangeSetLine({
  row,
  index,
  columns,
  frame,
  stop,
  open,
}: {
  readonly row: ChangeSetRow
  readonly index: number
  readonly columns: readonly InstanceColumn[]
  readonly frame: CSSProperties
  /** The column that the Tab key reaches, if it is in this row. */
  readonly stop: number | undefined
  readonly open: (instance: string, column: number) => void
}) {
  const { changeSet, cells } = row
  return (
    <div role="row" aria-rowindex={index + 2} className={style.line} style={frame}>
      <div role="rowheader" className={style.name}>
        <button
          type="button"
          data-cell={`${index} 0`}
          tabIndex={stop === 0 ? 0 : -1}
          className={style.nameButton}
          onClick={() => open(columns[0]?.identifier ?? '', 0)}
        >
          <span className={`${style.position} number`}>{row.position}</span>
          <span className={`${style.id} cut`} title={changeSet.changeSet}>
            {changeSet.changeSet}
          </span>
          <span className={`${style.author} cut`}>{changeSet.author}</span>
        </button>
      </div>
      {columns.map((column, at) => (
        <div role="gridcell" key={column.identifier} className={style.cell}>
          <CellButton
            column={column}
            id={changeSet.changeSet}
            cell={cells.get(column.identifier)}
            place={`${index} ${at + 1}`}
            isStop={stop === at + 1}
            open={() => open(column.identifier, at + 1)}
          />
        </div>
      ))}
    </div>
  )
}

function CellButton({
  column,
  id,
  cell,
  place,
  isStop,
  open,
}: {
  readonly column: InstanceColumn
  readonly id: string
  readonly cell: CellState | undefined
  readonly place: string
  readonly isStop: boolean
  readonly open: () => void
}) {
  const look = isExcluded(cell) ? excludedLook : changeSetLook(cell?.status)
  return (
    <button
      type="button"
      data-cell={place}
      tabIndex={isStop ? 0 : -1}
      className={style.cellButton}
      data-tone={look.tone}
      onClick={open}
    >
      <span className="unseen">
        {id} on {column.name}:{' '}
      </span>
      <StatusSign look={look} labelled />
      <span className={style.word}>{look.label}</span>
      {cell?.tag ? (
        <span className={`${style.tag} cut`} title={`Tag ${cell.tag}`}>
          <Icon name="tag" size={10} />
          {cell.tag}
        </span>
      ) : null}
      {cell && isExcluded(cell) ? (
        <span className={`${style.reason} cut`} title={cell.filteredBy}>
          {cell.filteredBy?.replace(/ mismatch$/i, '').toLowerCase()}
        </span>
      ) : null}
      {cell && cell.updated > 0 && cell.status !== 'Not_Deployed' && !cell.tag ? (
        <span className={style.when}>
          <Ago at={cell.updated * 1000} />
        </span>
      ) : null}
    </button>
  )
}
