// Executions as a table, on the overview, a pipeline's page and the list of all.
import { Link } from '@tanstack/react-router'
import type { ExecutionSummary } from '#contract/api/execution'
import { executionLook } from '../model/status.ts'
import type { Scope } from '../query.ts'
import { Table } from './list.tsx'
import { StatusPill } from './status.tsx'
import table from './table.module.css'
import { Ago, Took } from './time.tsx'

const columns = ['Execution', 'Status', 'Started by', 'Started', { title: 'Duration', end: true }] as const

export function ExecutionTable({ rows, scope }: { readonly rows: readonly ExecutionSummary[]; readonly scope: Scope }) {
  return (
    <Table label="Executions" columns={columns}>
      {rows.map((one) => (
        <tr key={one.id}>
          <th scope="row">
            <Link to="/orgs/$org/projects/$project/executions/$execution" params={{ ...scope, execution: one.id }}>
              {one.pipelineName}
            </Link>
            <span className={table.sub}>#{one.number}</span>
          </th>
          <td>
            <StatusPill look={executionLook(one.status)} />
          </td>
          <td>{one.triggeredBy.name}</td>
          <td>
            <Ago at={one.startedAt ?? one.createdAt} />
          </td>
          <td className={table.end}>
            <Took from={one.startedAt} to={one.endedAt} />
          </td>
        </tr>
      ))}
    </Table>
  )
}
