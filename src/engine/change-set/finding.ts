// Findings about the whole changelog, and the one fault that carries many findings.
import type { ChangeSet } from '#changelog/model'
import { changeSetFqn } from '#contract/change-set'
import type { Diagnostic } from '#contract/diagnostic'
import { Fault } from '#contract/fault'
import type { EngineContext } from '../context.ts'
import { historyKey } from '../history/row.ts'
import type { History } from '../history/table.ts'
import { evaluatePreconditions } from '../precondition/evaluate.ts'

/** One fault for many findings; its code is that of the gravest. */
export function changelogFault(diagnostics: readonly Diagnostic[]): Fault {
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error')
  const changed = errors.filter((diagnostic) => diagnostic.code === 'engine/checksum-changed').length
  if (changed === errors.length) {
    const message =
      changed === 1 ? 'One change set was edited after it ran.' : `${changed} change sets were edited after they ran.`
    return new Fault('checksum-changed', message, { diagnostics })
  }
  const subject = errors.length === 1 ? 'one error' : `${errors.length} errors`
  return new Fault('changelog-invalid', `The changelog has ${subject}.`, { diagnostics })
}

/** The same identity twice among those that count on this database. */
export function duplicateIdentities(changeSets: readonly ChangeSet[]): readonly Diagnostic[] {
  const first = new Map<string, ChangeSet>()
  const found: Diagnostic[] = []
  for (const changeSet of changeSets) {
    const key = historyKey(changeSet.path, changeSet.id, changeSet.author)
    const other = first.get(key)
    if (other === undefined) first.set(key, changeSet)
    else {
      const at = `${other.span.file}:${other.span.line}:${other.span.column}`
      found.push({
        code: 'changelog/duplicate-identity',
        severity: 'error',
        message: `${changeSetFqn({ ...changeSet, fileName: changeSet.path })} stands twice in the changelog, first at ${at}`,
        span: changeSet.span,
        fix: 'Give one of them another id. File, id and author together must be unique.',
      })
    }
  }
  return found
}

/** Those of the changelog itself. Fault `precondition-failed`, or a line in the log for WARN. */
export async function checkChangelogPreconditions(
  context: EngineContext,
  history: History,
  signal?: AbortSignal,
): Promise<void> {
  const container = context.changelog.preconditions
  if (container === undefined) return
  const outcome = await evaluatePreconditions(
    {
      context,
      history: () => Promise.resolve(history),
      path: context.changelog.file,
      quoting: 'LEGACY',
      expand: context.expanderFor({ span: container.span, id: '', author: '' }),
      signal,
    },
    container,
  )
  if (outcome.result === 'passed') return
  const message = `A precondition of the changelog does not hold: ${outcome.message}`
  if (outcome.how === 'WARN') context.log(`Warning: ${message}`)
  else throw new Fault('precondition-failed', message, { diagnostics: outcome.diagnostics })
}
