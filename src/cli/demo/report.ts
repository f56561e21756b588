// What the demo prints at the end: change set × instance with state.
import type { MigrationStateOut } from '#contract/api/migration-state'
import type { ChangeSetDeploymentStatus } from '#contract/change-set'

const words: Readonly<Record<ChangeSetDeploymentStatus, string>> = {
  Successfully_Deployed: 'deployed',
  Not_Deployed: 'not deployed',
  Rolled_Back: 'rolled back',
  Deployment_Failed: 'FAILED',
}

/** A plain text table; `-` where the changelog does not want the change set on that instance. */
export function matrixTable(state: MigrationStateOut): string {
  const head = ['change set', ...state.instances.map((instance) => instance.identifier)]
  const rows = state.changeSets.map((changeSet) => [
    `${changeSet.fileName} ${changeSet.changeSet} (${changeSet.author})`,
    ...state.instances.map(({ identifier }) => {
      const cell = changeSet.instances.find((one) => one.instance === identifier)
      return cell && cell.filteredBy === undefined ? words[cell.status] : '-'
    }),
  ])
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n')
}
