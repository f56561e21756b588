// How the members of a user group are reached: its notification settings, and for mail its members.
import { replaceSecrets, secretsIn } from '#contract/delegate/secret-expression'
import { Fault } from '#contract/fault'
import type { NotificationMethod } from '#pipeline/notification/rule'
import { parseReference, seenFromProject } from '../entity/reference.ts'
import { findProjectOwners } from '../entity/scope.ts'
import { readScoped } from '../entity/scoped-entity.ts'
import type { RootKeys } from '../secret/envelope.ts'
import type { Executor } from '../store/port.ts'
import { readOwnSecret } from '../trigger/secret.ts'

/** Type and field of a setting, as the compatible product has them. */
const settings: Readonly<Record<Exclude<NotificationMethod, 'Webhook'>, readonly [string, string]>> = {
  Slack: ['SLACK', 'slackWebhookUrl'],
  MsTeams: ['MSTEAMS', 'microsoftTeamsWebhookUrl'],
  PagerDuty: ['PAGERDUTY', 'pagerDutyKey'],
  Email: ['EMAIL', 'groupEmail'],
}

/** Raises `not-found` for a group that is not there, and `secret-unresolved` for its secrets. */
export async function groupAddresses(
  db: Executor,
  keys: RootKeys,
  projectId: string,
  reference: string,
  method: NotificationMethod,
): Promise<readonly string[]> {
  if (method === 'Webhook') throw new Fault('invalid-input', 'A webhook has no groups.')
  const { scope, identifier } = parseReference(reference)
  const owners = await findProjectOwners(db, projectId)
  const { projectId: ofProject, organizationId } = owners[scope]
  const organization = scope === 'project' ? owners.organization.organizationId : organizationId
  const place = { organizationId: organization, projectId: ofProject, org: undefined, project: undefined }
  const group = await readScoped(db, { kind: 'user-group', title: 'User group' }, place, identifier)
  const { notificationConfigs = [] } = group.body as { readonly notificationConfigs?: readonly unknown[] }
  const [type, field] = settings[method]
  const found: string[] = []
  let asksForMembers = false
  for (const config of notificationConfigs) {
    const setting = config as Readonly<Record<string, unknown>> | null
    if (setting?.['type'] !== type) continue
    asksForMembers ||= setting['sendEmailToAllUsers'] === true || setting['sendEmailToAllUsers'] === 'true'
    const value = setting[field]
    if (typeof value === 'string' && value !== '')
      found.push(await opened(value, (secret) => readOwnSecret(db, keys, projectId, seenFromProject(scope, secret))))
  }
  if (method !== 'Email' || (found.length > 0 && !asksForMembers)) return found
  return [...new Set([...found, ...(await members(db, group.id))])]
}

async function opened(text: string, read: (reference: string) => Promise<string>): Promise<string> {
  const values = new Map<string, string>()
  for (const reference of secretsIn(text)) values.set(reference, await read(reference))
  return replaceSecrets(text, (reference) => values.get(reference) ?? '').trim()
}

async function members(db: Executor, group: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('user_group_member')
    .innerJoin('user_account', 'user_account.id', 'user_group_member.user_id')
    .where('user_group_member.group_id', '=', group)
    .select('user_account.email')
    .orderBy('user_account.email')
    .execute()
  return rows.map(({ email }) => email)
}
