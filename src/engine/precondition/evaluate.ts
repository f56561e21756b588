// A container of preconditions: all of them evaluated, and what follows when they do not hold.
import type { Precondition, PreconditionContainer } from '#changelog/model'
import type { Diagnostic, Span } from '#contract/diagnostic'
import { Fault } from '#contract/fault'
import { type CheckInput, runCheck, unknownCheck, isKnownCheck } from './check.ts'

interface Finding {
  readonly span: Span
  readonly message: string
}

export type Outcome =
  | { readonly result: 'passed' }
  /** `how`: what the container says for this case. Diagnostics name every condition that did not hold. */
  | {
      readonly result: 'failed' | 'error'
      readonly how: PreconditionContainer['onFail']
      readonly message: string
      readonly diagnostics: readonly Diagnostic[]
    }

/** An error is a check that could not be evaluated, for example because its SQL is wrong; `cancelled` and the like pass through. */
export async function evaluatePreconditions(input: CheckInput, container: PreconditionContainer): Promise<Outcome> {
  try {
    const findings = await evaluateAll(input, container.conditions)
    if (findings.length === 0) return { result: 'passed' }
    return {
      result: 'failed',
      how: container.onFail,
      message: container.onFailMessage ?? findings.map((finding) => finding.message).join('; '),
      diagnostics: findings.map((finding) => diagnosticOf(finding, 'engine/precondition-failed')),
    }
  } catch (error) {
    if (!isEvaluationError(error)) throw error
    const message = container.onErrorMessage ?? error.message
    return {
      result: 'error',
      how: container.onError,
      message,
      diagnostics: [diagnosticOf({ span: container.span, message: error.message }, 'engine/precondition-error')],
    }
  }
}

/** Names of preconditions that do not exist, wherever they stand in the container. */
export function unknownPreconditions(conditions: readonly Precondition[]): readonly Diagnostic[] {
  return conditions.flatMap((condition) => {
    if (condition.type !== 'check') return unknownPreconditions(condition.conditions)
    return isKnownCheck(condition.name) ? [] : [unknownCheck(condition)]
  })
}

/** Empty when all hold. */
async function evaluateAll(input: CheckInput, conditions: readonly Precondition[]): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const condition of conditions) findings.push(...(await evaluate(input, condition)))
  return findings
}

async function evaluate(input: CheckInput, condition: Precondition): Promise<readonly Finding[]> {
  if (condition.type === 'check') {
    const message = await runCheck(input, condition)
    return message === undefined ? [] : [{ span: condition.span, message }]
  }
  if (condition.type === 'or') return await evaluateAny(input, condition.conditions)
  const findings = await evaluateAll(input, condition.conditions)
  if (condition.type === 'and') return findings
  return findings.length > 0 ? [] : [{ span: condition.span, message: 'Not precondition failed' }]
}

/** Empty as soon as one holds. */
async function evaluateAny(input: CheckInput, conditions: readonly Precondition[]): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const condition of conditions) {
    const found = await evaluate(input, condition)
    if (found.length === 0) return []
    findings.push(...found)
  }
  return findings
}

function diagnosticOf(finding: Finding, code: string): Diagnostic {
  return {
    code,
    severity: 'error',
    message: finding.message,
    span: finding.span,
    fix: 'Bring the database into the state that the precondition expects, or say with onFail what should happen instead.',
  }
}

/** What the database or the condition itself refused; a lost connection or a cancel is not an answer to the question. */
function isEvaluationError(error: unknown): error is Fault {
  if (!(error instanceof Fault)) return false
  const passThrough = ['cancelled', 'database-lost', 'database-unreachable', 'timed-out', 'stale-fence', 'bug']
  return !passThrough.includes(error.code)
}
