// The block that ends an update, as Liquibase users know it.
import { changeSetFqn } from '#contract/change-set'
import type { Filtered, FilterReason, Plan } from '#engine/plan'
import { formatTable } from './table.ts'

/** What became of the change sets of a changelog. */
export interface Summary {
  readonly run: number
  readonly plan: Plan
  /** Names of those that preconditions left out. */
  readonly skipped: readonly string[]
  /** How many failed with failOnError=false: they are in no line but the last. */
  readonly failed: number
}

/** What a run was limited to, for the reasons of VERBOSE. */
export interface Limits {
  readonly contexts: string
  readonly labelFilter: string
  readonly tag: string | undefined
  readonly count: number | undefined
}

export function formatSummary({ run, plan, skipped, failed }: Summary): string {
  const reasons = countReasons(plan)
  if (skipped.length > 0) reasons.set('Preconditions', skipped.length)
  const filtered = plan.filtered.length + skipped.length
  const both = plan.filtered.filter((one) => one.alreadyRan).length
  const lines = [
    'UPDATE SUMMARY',
    row('Run', run),
    row('Previously run', plan.alreadyRan),
    row('Filtered out', filtered),
    '-------------------------------',
    row('Total change sets', run + plan.alreadyRan + filtered - both + failed),
  ]
  if (filtered > 0) {
    lines.push('', '', 'FILTERED CHANGE SETS SUMMARY')
    for (const [reason, count] of reasons) lines.push(row(reason, count))
  }
  return `\n${lines.join('\n')}\n`
}

/** The table that VERBOSE adds; empty when nothing was left out. */
export function formatReasons({ plan, skipped }: Summary, limits: Limits): string {
  const rows = plan.filtered.map((one) => [
    changeSetFqn({ ...one.changeSet, fileName: one.changeSet.path }),
    reasonOf(one, limits),
  ])
  rows.push(...skipped.map((name) => [name, 'skipped because of preconditions']))
  return rows.length === 0 ? '' : formatTable(['Changeset Info', 'Reason Skipped'], rows)
}

function reasonOf({ changeSet, reason, alreadyRan }: Filtered, limits: Limits): string {
  const text = {
    Ignored: 'Changeset is ignored',
    'Context mismatch': `Context does not match '${limits.contexts}'`,
    'Label mismatch': `Labels does not match '${limits.labelFilter}'`,
    'DBMS mismatch': `mismatched DBMS value of '${changeSet.dbms.join(',')}'`,
    'After tag': `Changeset is after tag '${limits.tag ?? ''}'`,
    'After count': `Only running ${limits.count === 1 ? '1 changeset' : `${limits.count ?? 0} changesets`}`,
  }[reason]
  return alreadyRan ? `${text}\nChangeset already ran` : text
}

function countReasons(plan: Plan): Map<FilterReason | 'Preconditions' | 'Already ran', number> {
  const counts = new Map<FilterReason | 'Preconditions' | 'Already ran', number>()
  const add = (reason: FilterReason | 'Already ran'): void => void counts.set(reason, (counts.get(reason) ?? 0) + 1)
  const ordered = plan.filtered.toSorted((a, b) => rank(a) - rank(b))
  for (const { reason, alreadyRan } of ordered) {
    add(reason)
    if (alreadyRan) add('Already ran')
  }
  return counts
}

/** Other databases come last in the counts, though first in the table of VERBOSE. */
const rank = ({ reason }: Filtered): number => (reason === 'DBMS mismatch' ? 1 : 0)

function row(name: string, count: number): string {
  return `${name}:`.padEnd(26) + String(count).padStart(5)
}
