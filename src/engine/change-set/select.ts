// Which change sets of the changelog are to run here, and which are not and why. Validates on the way.
import type { ChangeSet } from '#changelog/model'
import { type Diagnostic, hasErrors } from '#contract/diagnostic'
import { Fault } from '#contract/fault'
import type { EngineContext } from '../context.ts'
import { type HistoryRow, historyKey } from '../history/row.ts'
import type { History } from '../history/table.ts'
import { throwIfCancelled } from '../lock/acquire.ts'
import type { ChecksumUpgrade, Filtered, FilterReason } from '../plan.ts'
import { changelogFault, checkChangelogPreconditions, duplicateIdentities } from './finding.ts'
import { unknownPreconditions } from '../precondition/evaluate.ts'
import { checksumFindings } from './edited.ts'
import { filterReason } from './filter.ts'
import { changedChecksum, checksumOf, type ParsedChangeSet, parseChangeSet, tagOf } from './parse.ts'

export interface Pending {
  readonly parsed: ParsedChangeSet
  readonly row: HistoryRow | undefined
  /** It is invalid and says `onValidationFail: MARK_RAN`. */
  readonly markOnly: boolean
}

export interface Selection {
  readonly pending: readonly Pending[]
  readonly filtered: readonly Filtered[]
  readonly alreadyRan: number
  /** `after` counts in `pending`. */
  readonly checksumUpgrades: readonly ChecksumUpgrade[]
}

export interface SelectionLimit {
  readonly count?: number
  readonly toTag?: string
}

/** Fault `changelog-invalid`, `checksum-changed` or `precondition-failed` with every finding at once. */
export async function selectPending(
  context: EngineContext,
  history: History,
  limit: SelectionLimit,
  signal?: AbortSignal,
): Promise<Selection> {
  const walk = new Walk(context, limit)
  const diagnostics: Diagnostic[] = []
  for (const changeSet of context.changelog.skipped) walk.filtered.push({ changeSet, reason: 'DBMS mismatch' })
  for (const changeSet of context.changelog.changeSets) {
    throwIfCancelled(signal)
    diagnostics.push(...(await walk.visit(changeSet, history.find(changeSet))))
  }
  if (!context.allowDuplicates) diagnostics.push(...duplicateIdentities(walk.considered))
  if (hasErrors(diagnostics)) throw changelogFault(diagnostics)
  await checkChangelogPreconditions(context, history, signal)
  if (limit.toTag !== undefined && walk.ended !== 'After tag') {
    context.log(
      `Warning: the tag "${limit.toTag}" is not in the changelog ${context.changelog.file}; all change sets are taken.`,
    )
  }
  return walk
}

/** Goes over the change sets once, in order. */
class Walk implements Selection {
  readonly pending: Pending[] = []
  readonly filtered: Filtered[] = []
  readonly checksumUpgrades: ChecksumUpgrade[] = []
  readonly considered: ChangeSet[] = []
  alreadyRan = 0
  /** Set once the limit is reached: everything that follows is left for later, for this reason. */
  ended: FilterReason | undefined

  private readonly identities = new Set<string>()
  private readonly context: EngineContext
  private readonly limit: SelectionLimit

  constructor(context: EngineContext, limit: SelectionLimit) {
    this.context = context
    this.limit = limit
    if (limit.count === 0) this.ended = 'After count'
  }

  async visit(changeSet: ChangeSet, row: HistoryRow | undefined): Promise<readonly Diagnostic[]> {
    const reason = filterReason(this.context, changeSet)
    if (reason !== undefined) {
      this.leave(changeSet, reason, row !== undefined && !changeSet.runAlways)
      return []
    }
    if (this.context.allowDuplicates && this.isSecond(changeSet)) return []
    this.considered.push(changeSet)
    const parsed = parseChangeSet(this.context, changeSet)
    const { due, diagnostics } = await this.judge(parsed, row)
    const findings = [...(due ? findingsOf(parsed) : []), ...diagnostics]
    const invalid = hasErrors(findings)
    const markOnly = invalid && changeSet.onValidationFail === 'MARK_RAN'
    if (due || (markOnly && !row)) this.take(parsed, row, markOnly)
    else if (this.ended === 'After tag') this.leave(changeSet, 'After tag', true)
    else this.alreadyRan += 1
    if (this.limit.toTag !== undefined && (tagOf(parsed)?.tag ?? row?.tag) === this.limit.toTag)
      this.ended = 'After tag'
    return markOnly ? findings.filter((finding) => finding.severity !== 'error') : findings
  }

  private leave(changeSet: ChangeSet, reason: FilterReason, alreadyRan: boolean): void {
    if (alreadyRan) this.alreadyRan += 1
    this.filtered.push({ changeSet, reason, ...(alreadyRan ? { alreadyRan } : {}) })
  }

  /** Another of the same identity counts already. */
  private isSecond({ path, id, author }: ChangeSet): boolean {
    const key = historyKey(path, id, author)
    if (this.identities.has(key)) return true
    this.identities.add(key)
    return false
  }

  private take(parsed: ParsedChangeSet, row: HistoryRow | undefined, markOnly: boolean): void {
    if (this.ended !== undefined) {
      this.filtered.push({ changeSet: parsed.changeSet, reason: this.ended })
      return
    }
    this.pending.push({ parsed, row, markOnly })
    if (this.limit.count !== undefined && this.pending.length >= this.limit.count) this.ended = 'After count'
  }

  /** Is it due, and was it edited after it ran? A file that is missing and counts is a finding too. */
  private async judge(parsed: ParsedChangeSet, row: HistoryRow | undefined): Promise<Judgement> {
    if (row === undefined) return { due: true, diagnostics: [] }
    if (parsed.changeSet.runAlways || hasErrors(parsed.diagnostics)) return { due: true, diagnostics: [] }
    try {
      return await this.compare(parsed, row)
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'changelog-invalid') throw error
      return { due: false, diagnostics: findingsOfFault(error, parsed.changeSet) }
    }
  }

  private async compare(parsed: ParsedChangeSet, row: HistoryRow): Promise<Judgement> {
    // After clear-checksums whatever the change set is now counts as what ran.
    if (row.checksum !== undefined) {
      const { runOnChange } = parsed.changeSet
      // validCheckSum excuses an edit; what runs on change runs all the same.
      const diagnostics = runOnChange ? [] : await checksumFindings(this.context, parsed, row.checksum)
      if (diagnostics.length > 0) return { due: false, diagnostics }
      if (runOnChange && (await changedChecksum(this.context, parsed, row.checksum)) !== undefined) {
        return { due: true, diagnostics: [] }
      }
    }
    if (!row.checksum?.startsWith('9:')) {
      const checksum = await checksumOf(this.context, parsed)
      this.checksumUpgrades.push({ row, checksum, after: this.pending.length })
    }
    return { due: false, diagnostics: [] }
  }
}

interface Judgement {
  readonly due: boolean
  readonly diagnostics: readonly Diagnostic[]
}

function findingsOfFault(fault: Fault, changeSet: ChangeSet): readonly Diagnostic[] {
  if (fault.diagnostics.length > 0) return fault.diagnostics
  return [{ code: 'engine/change', severity: 'error', message: fault.message, span: changeSet.span, fix: fault.hint }]
}

function findingsOf(parsed: ParsedChangeSet): readonly Diagnostic[] {
  const { preconditions } = parsed.changeSet
  return [...parsed.diagnostics, ...(preconditions ? unknownPreconditions(preconditions.conditions) : [])]
}
