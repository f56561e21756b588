// The change sets of a step as they run: which is in progress, how long each took, and what failed.
import type { ExecutionNode } from '#contract/api/execution'
import { isFinal } from '#contract/pipeline/status'
import { formatDuration } from '../../model/duration.ts'
import type { WorkedChangeSet } from '../../model/execution-state.ts'
import { changeSetLook, workingLook } from '../../model/status.ts'
import { Empty } from '../../part/notice.tsx'
import { StatusText } from '../../part/status.tsx'
import table from '../../part/table.module.css'
import style from './execution.module.css'

export function StepChangeSets({
  work,
  node,
}: {
  readonly work: ReadonlyMap<string, WorkedChangeSet> | undefined
  readonly node: ExecutionNode
}) {
  const rows = [...(work?.values() ?? [])]
  if (rows.length === 0) {
    return isFinal(node.status) ? (
      <Empty icon="check" title="No change set ran">
        <p>The database already stood where this step should bring it.</p>
      </Empty>
    ) : (
      <Empty icon="clock" title="No change set has begun yet">
        <p>The step is fetching the changelog and reading the history of the database.</p>
      </Empty>
    )
  }
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
    <section className={style.scroll} tabIndex={0} aria-label="Change sets of this step">
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Change set</th>
            <th scope="col">File</th>
            <th scope="col">Status</th>
            <th scope="col" className={table.end}>
              Duration
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.attempt} ${row.fileName} ${row.id} ${row.author}`}>
              <th scope="row">
                <code>{row.id}</code>
                <span className={table.sub}>{row.author}</span>
                {row.error ? <p className={style.error}>{row.error}</p> : null}
              </th>
              <td className={`${table.wide} code soft`}>{row.fileName}</td>
              <td>
                <StatusText look={row.status === undefined ? workingLook : changeSetLook(row.status)} />
              </td>
              <td className={`${table.end} number`}>
                {row.duration === undefined ? '' : formatDuration(row.duration)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
