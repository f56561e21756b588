// `calculate-checksum`: what MD5SUM of a change set would be.
import { type ChangeSetIdentity, changeSetFqn } from '#contract/change-set'
import { hasErrors } from '#contract/diagnostic'
import { Fault } from '#contract/fault'
import { parseChangeSet, unfilteredChecksum } from './change-set/parse.ts'
import type { EngineContext } from './context.ts'
import { historyKey } from './history/row.ts'
import { changelogFault } from './change-set/finding.ts'

/** `9:` and 32 hexadecimal digits. Fault `not-found` when the changelog has no such change set. */
export async function calculateChecksum(context: EngineContext, identity: ChangeSetIdentity): Promise<string> {
  const key = historyKey(identity.fileName, identity.id, identity.author)
  const changeSets = [...context.changelog.changeSets, ...context.changelog.skipped]
  const changeSet = changeSets.find((one) => historyKey(one.path, one.id, one.author) === key)
  if (changeSet === undefined) {
    throw new Fault('not-found', `The changelog has no change set ${changeSetFqn(identity)}.`, {
      hint: 'Write it as file::id::author, as `sluice status` prints it.',
    })
  }
  const parsed = parseChangeSet(context, changeSet)
  if (hasErrors(parsed.diagnostics)) throw changelogFault(parsed.diagnostics)
  return await unfilteredChecksum(context, parsed)
}
