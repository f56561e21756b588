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
  'outcome-unknown',
  'precondition-failed',
  'changelog-invalid',
])

/** Time-outs and cancels are our own doing, or the server's: an administrator, `lock_timeout`, `statement_timeout`. */
function passes(error: Fault, signal: AbortSignal | undefined): boolean {
  if (error.code === 'cancelled' || error.code === 'timed-out') return signal?.aborted === true
  return notAboutTheChangeSet.has(error.code)
}

/** `statement` is the one that failed; absent when it was the commit. Anything that is no Fault is a bug and stays one. */
export async function changeSetFailed(
  files: FileSource,
  step: PlannedStep,
  statement: PlannedStatement | undefined,
  error: unknown,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  if (!(error instanceof Fault) || passes(error, signal)) return error
  const name = changeSetFqn({ ...step.changeSet, fileName: step.changeSet.path })
  const verb = step.direction === 'apply' ? 'failed' : 'could not be rolled back'
  const diagnostic: Diagnostic = {
    code: 'engine/statement-failed',
    severity: 'error',
    message: `${error.message}${statement ? ` — in: ${shortened(statement.sql)}` : ' — when the transaction was committed'}`,
    span: await placeOf(files, step, statement, error),
    fix: step.transactional
      ? 'Correct the change set; nothing of it was left in the database.'
      : 'Correct the change set; it runs outside a transaction, so the statements before this one have taken effect.',
  }
  return new Fault('change-set-failed', `Change set ${name} ${verb}: ${error.message}`, {
    databaseCode: error.databaseCode,
    diagnostics: [diagnostic],
    hint: error.code === 'database-permission' ? error.hint : undefined,
    cause: error,
  })
}

async function placeOf(
  files: FileSource,
  step: PlannedStep,
  statement: PlannedStatement | undefined,
  error: Fault,
): Promise<Span> {
  if (statement === undefined) return step.changeSet.span
  return (await locate(files, statement, error.position)) ?? statement.span
}

function shortened(sql: string): string {
  const line = sql.replace(/\s+/g, ' ').trim()
  return line.length <= 200 ? line : `${line.slice(0, 200)}…`
}
