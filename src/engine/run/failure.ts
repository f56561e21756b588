// A statement that the database refused, as a fault that points at the user's file.
import type { FileSource } from '#changelog/source'
import { changeSetFqn } from '#contract/change-set'
import type { Diagnostic, Span } from '#contract/diagnostic'
import { Fault, type FaultCode } from '#contract/fault'
import type { PlannedStatement, PlannedStep } from '../plan.ts'
import { locate } from './locate.ts'

/** Faults that say something about the connection or the run, not about the change set. They pass as they are. */
const notAboutTheChangeSet: ReadonlySet<FaultCode> = new Set([
  'stale-fence',
  'attempt-gone',
  'database-lost',
  'database-unreachable',
  'database-pooled',
  'outcome-unknown',
  'precondition-failed',
  'changelog-invalid',
])

/** Time-outs and cancels are our own doing, or the server's: an administrator, `lock_timeout`, `statement_timeout`. */
function passes(error: Fault, signal: AbortSignal | undefined): boolean {
  if (error.code === 'cancelled' || error.code === 'timed-out') return signal?.aborted === true
  return notAboutTheChangeSet.has(error.code)
}

/** What was being done: a statement of the user, the history row, or the commit. */
export type Doing = PlannedStatement | 'record' | 'commit'

/** Anything that is no Fault is a bug and stays one. */
export async function changeSetFailed(
  files: FileSource,
  step: PlannedStep,
  doing: Doing,
  error: unknown,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  if (!(error instanceof Fault) || passes(error, signal)) return error
  const name = changeSetFqn({ ...step.changeSet, fileName: step.changeSet.path })
  const verb = step.direction === 'apply' ? 'failed' : 'could not be rolled back'
  const diagnostic: Diagnostic = {
    code: 'engine/statement-failed',
    severity: 'error',
    message: `${error.message} — ${nameOf(doing)}`,
    span: await placeOf(files, step, doing, error),
    fix: fixOf(step, error),
  }
  return new Fault('change-set-failed', `Change set ${name} ${verb}: ${error.message}`, {
    databaseCode: error.databaseCode,
    diagnostics: [diagnostic],
    hint: error.code === 'database-permission' ? error.hint : undefined,
    cause: error,
  })
}

function fixOf(step: PlannedStep, error: Fault): string {
  if (!step.transactional)
    return 'Correct the change set; it runs outside a transaction, so the statements before this one have taken effect.'
  if (refusesTransaction(error))
    return 'Put the statement into a change set of its own with runInTransaction=false; nothing of this one was left in the database.'
  return 'Correct the change set; nothing of it was left in the database.'
}

/** PostgreSQL's active_sql_transaction (CREATE INDEX CONCURRENTLY, VACUUM); SQLite has only the words. */
const refusesTransaction = ({ databaseCode, message }: Fault): boolean =>
  databaseCode === '25001' || /\bfrom within a transaction\b/.test(message)

async function placeOf(files: FileSource, step: PlannedStep, doing: Doing, error: Fault): Promise<Span> {
  if (typeof doing === 'string') return step.changeSet.span
  return (await locate(files, doing, error.position)) ?? doing.span
}

function nameOf(doing: Doing): string {
  if (doing === 'commit') return 'when the transaction was committed'
  return doing === 'record' ? 'when its row of the history was written' : `in: ${shortened(doing.sql)}`
}

function shortened(sql: string): string {
  const line = sql.replace(/\s+/g, ' ').trim()
  return line.length <= 200 ? line : `${line.slice(0, 200)}…`
}
