// How a -sql command gives its plan: the script alone, or the whole plan as JSON.
import { planDocument } from '#engine/payload'
import type { Script } from '#engine/sql'
import type { ChangelogSession } from '../target/session.ts'

/** The script has no line about the digest, so that two of them can be compared; `--plan` prints it on standard error. */
export async function printPlan(session: ChangelogSession, { plan, sql }: Script): Promise<void> {
  const { context, json, terminal, print, settings } = session
  if (json) print(await planDocument(context, plan, sql), undefined)
  else print(undefined, sql.replace(/\n$/, ''))
  if (settings.isOn('plan', false)) terminal.err(`plan ${plan.digest}`)
}
