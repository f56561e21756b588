// A change set named on the command line.
import type { ChangeSetIdentity } from '#contract/change-set'
import { Fault } from '#contract/fault'

/** `file::id::author`. */
export function parseIdentity(text: string): ChangeSetIdentity {
  const [fileName, id, author, ...rest] = text.split('::')
  if (fileName && id && author !== undefined && rest.length === 0) return { fileName, id, author }
  throw new Fault('usage', `${text} does not name a change set.`, { hint: 'Write it as file::id::author.' })
}
