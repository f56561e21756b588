// Was a change set edited after it ran? Compares with MD5SUM of its row.
import type { ChangeSet } from '#changelog/model'
import { changeSetFqn } from '#contract/change-set'
import { type Diagnostic, hasErrors } from '#contract/diagnostic'
import type { EngineContext } from '../context.ts'
import type { HistoryRow } from '../history/row.ts'
import { changedChecksum, type ParsedChangeSet } from './parse.ts'

/** For a rollback: what would be undone is not what ran. Change sets that may change are exempt. */
export async function editedSince(
  context: EngineContext,
  parsed: ParsedChangeSet,
  row: HistoryRow,
): Promise<readonly Diagnostic[]> {
  const { changeSet } = parsed
  if (changeSet.runAlways || changeSet.runOnChange || row.checksum === undefined) return []
  if (hasErrors(parsed.diagnostics)) return []
  return await checksumFindings(context, parsed, row.checksum)
}

/** None, or one. `stored`: MD5SUM of the row; it is compared in its own version. */
export async function checksumFindings(
  context: EngineContext,
  parsed: ParsedChangeSet,
  stored: string,
): Promise<readonly Diagnostic[]> {
  const { changeSet } = parsed
  const now = await changedChecksum(context, parsed, stored)
  if (now === undefined || acceptsAnyway(changeSet, stored, now)) return []
  return [
    {
      code: 'engine/checksum-changed',
      severity: 'error',
      message: `${changeSetFqn({ ...changeSet, fileName: changeSet.path })} was edited after it ran: was: ${stored} but is now: ${now}`,
      span: changeSet.span,
      fix: `Undo the edit and write a new change set, or accept it with validCheckSum ${stored}.`,
    },
  ]
}

/** validCheckSum: the stored value, the present one, or `any`. A value without a version counts as version 1. */
function acceptsAnyway(changeSet: ChangeSet, stored: string, now: string): boolean {
  return changeSet.validCheckSums.some((valid) => {
    const text = valid.trim()
    return text === stored || text === now || /^(?:1:)?(?:any|all|\*)$/i.test(text)
  })
}
