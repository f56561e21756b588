// A plan as SQL to read: each change set under its name, without the bookkeeping of the history table around it.
import { changeSetFqn, type PlannedChangeSet } from '#contract/change-set'

/** Every line of a text as a comment. */
function asComment(text: string): string {
  return text
    .split(/\r\n|[\r\n]/)
    .map((line) => `-- ${line}`.trimEnd())
    .join('\n')
}

/** Statements end with `;` on their own account here: a plan holds them without. */
export function planText(changeSets: readonly PlannedChangeSet[]): string {
  return changeSets
    .map((changeSet) => {
      const head = asComment(
        [
          `${changeSet.direction === 'rollback' ? 'roll back ' : ''}${changeSetFqn(changeSet)}`,
          ...(changeSet.comment ? [changeSet.comment] : []),
          ...(changeSet.irreversible ? [`cannot be rolled back: ${changeSet.irreversible}`] : []),
        ].join('\n'),
      )
      if (changeSet.statements.length === 0) return `${head}\n-- no SQL`
      return [head, ...changeSet.statements.map((statement) => `${statement.trim()};`)].join('\n')
    })
    .join('\n\n')
}
