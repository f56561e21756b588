// The block that ends an update, as Liquibase users know it.
import type { FilterReason, Plan } from '#engine/plan'

/** What became of the change sets of a changelog. */
export interface Summary {
  readonly run: number
  readonly plan: Plan
  /** Left out by preconditions, or failed with failOnError=false. */
  readonly skipped: number
}

export function formatSummary({ run, plan, skipped }: Summary): string {
  const reasons = countReasons(plan)
  if (skipped > 0) reasons.set('Preconditions', skipped)
  const filtered = plan.filtered.length + skipped
  const total = run + plan.alreadyRan + filtered
  const lines = [
    'UPDATE SUMMARY',
    row('Run', run),
    row('Previously run', plan.alreadyRan),
    row('Filtered out', filtered),
    '-------------------------------',
    row('Total change sets', total),
  ]
  if (filtered > 0) {
    lines.push('', '', 'FILTERED CHANGE SETS SUMMARY')
    for (const [reason, count] of reasons) lines.push(row(reason, count))
  }
  return `\n${lines.join('\n')}\n`
}

function countReasons(plan: Plan): Map<FilterReason | 'Preconditions', number> {
  const counts = new Map<FilterReason | 'Preconditions', number>()
  for (const { reason } of plan.filtered) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  return counts
}

function row(name: string, count: number): string {
  return `${name}:`.padEnd(26) + String(count).padStart(5)
}
