// The change set × instance matrix as rows: a heading for each file, then its change sets in changelog order.
import type { MigrationStateOut } from '#contract/api/migration-state'
import type { ChangeSetDeploymentStatus } from '#contract/change-set'

export type ChangeSetState = MigrationStateOut['changeSets'][number]
export type CellState = ChangeSetState['instances'][number]
export type InstanceColumn = MigrationStateOut['instances'][number]

export type MatrixRow =
  | { readonly kind: 'file'; readonly fileName: string; readonly count: number }
  | {
      readonly kind: 'change-set'
      readonly changeSet: ChangeSetState
      /** By instance identifier. */
      readonly cells: ReadonlyMap<string, CellState>
      /** Place in the changelog, from 1. */
      readonly position: number
    }
export type ChangeSetRow = Extract<MatrixRow, { kind: 'change-set' }>

/** `differs`: not deployed on every instance that wants it. `excluded`: at least one instance does not want it. */
export type StatusFilter = ChangeSetDeploymentStatus | 'all' | 'differs' | 'excluded'
export interface MatrixFilter {
  readonly text: string
  readonly status: StatusFilter
}

/** Contexts, labels or the kind of database keep it away from this instance. What is deployed all the same, is deployed. */
export function isExcluded(cell: CellState | undefined): boolean {
  return cell?.status === 'Not_Deployed' && cell.filteredBy !== undefined
}

function matches(row: ChangeSetRow, filter: MatrixFilter, columns: readonly InstanceColumn[]): boolean {
  const { changeSet, cells } = row
  const text = filter.text.trim().toLowerCase()
  if (text !== '') {
    const tags = [...cells.values()].map((cell) => cell.tag ?? '')
    const texts = [changeSet.changeSet, changeSet.author, changeSet.fileName, ...tags]
    if (!texts.some((one) => one.toLowerCase().includes(text))) return false
  }
  if (filter.status === 'all') return true
  const here = columns.map((column) => cells.get(column.identifier))
  if (filter.status === 'excluded') return here.some(isExcluded)
  const wanted = here.filter((cell) => !isExcluded(cell))
  if (filter.status === 'differs') return wanted.some((cell) => cell?.status !== 'Successfully_Deployed')
  return wanted.some((cell) => cell?.status === filter.status)
}

/** Rows that pass the filter; a file whose change sets are not neighbours gets a heading for each run of them. */
export function matrixRows(state: MigrationStateOut, filter: MatrixFilter): MatrixRow[] {
  const kept = state.changeSets
    .map(
      (changeSet, index): ChangeSetRow => ({
        kind: 'change-set',
        changeSet,
        cells: new Map(changeSet.instances.map((cell) => [cell.instance, cell])),
        position: index + 1,
      }),
    )
    .filter((row) => matches(row, filter, state.instances))
  const rows: MatrixRow[] = []
  for (let start = 0; start < kept.length; ) {
    const fileName = kept[start]?.changeSet.fileName ?? ''
    let end = start
    while (end < kept.length && kept[end]?.changeSet.fileName === fileName) end += 1
    rows.push({ kind: 'file', fileName, count: end - start }, ...kept.slice(start, end))
    start = end
  }
  return rows
}

export interface InstanceSummary {
  readonly deployed: number
  readonly failed: number
  /** Change sets that the instance wants or has. */
  readonly total: number
}

/** For the head of a column: how far the instance is. */
export function summarizeInstance(state: MigrationStateOut, instance: string): InstanceSummary {
  let deployed = 0
  let failed = 0
  let total = 0
  for (const changeSet of state.changeSets) {
    const cell = changeSet.instances.find((one) => one.instance === instance)
    if (isExcluded(cell)) continue
    total += 1
    if (cell?.status === 'Successfully_Deployed') deployed += 1
    if (cell?.status === 'Deployment_Failed') failed += 1
  }
  return { deployed, failed, total }
}

/** Joins the pages of a long changelog; the instances are the same on each. */
export function joinPages(pages: readonly MigrationStateOut[]): MigrationStateOut {
  const [first] = pages
  return {
    schema: first?.schema ?? '',
    instances: first?.instances ?? [],
    changeSets: pages.flatMap((page) => page.changeSets),
  }
}
