// Sends notifications: any number of replicas look, one claims each, and what fails is tried again until it is given up.
import { sql } from 'kysely'
import { readAtMost } from '#contract/body'
import type { Fetch } from '#contract/client'
import { openText, type SecretText } from '#contract/delegate/program-work'
import { Fault, type FaultRecord, toFaultRecord } from '#contract/fault'
import { isAddress } from '#pipeline/address'
import type { NotificationEvent, NotificationMethod } from '#pipeline/notification/rule'
import { claimDue, sendDue } from '../outbox/due.ts'
import { inAbout, messageOf, MOST_TRIES, pauseAfter } from '../outbox/retry.ts'
import type { RootKeys } from '../secret/envelope.ts'
import type { Executor, Store, StoreTransaction } from '../store/port.ts'
import { readOwnSecret } from '../trigger/secret.ts'
import { mailText, pagerDutyPost, type Post, slackPost, teamsPost, webhookPost } from './channel.ts'
import { groupAddresses } from './group.ts'
import { type Message, type NotificationRow, readMessage } from './message.ts'
import type { Detail, Target } from './request.ts'
import { isStepMail, recipientsOf, type StepMailTarget } from './step-mail.ts'

export interface Mail {
  readonly to: readonly string[]
  readonly cc?: readonly string[]
  readonly subject: string
  readonly text: string
  readonly html?: string
  /** What repeated mails are known by: letters, digits and hyphens. */
  readonly id: string
}
/** Hands a mail to the mail server. Raises an error with what the server answered; `permanent` when trying again is of no use. */
export type SendMail = (mail: Mail) => Promise<void>

/** A step waits for the mail; nothing happens when it does no longer. */
export type MailSettled = (
  tx: StoreTransaction,
  executionId: string,
  settled: { readonly node: string; readonly number: number; readonly fault?: FaultRecord },
) => Promise<void>

export interface DeliverDependencies {
  readonly store: Store
  readonly rootKeys: RootKeys
  readonly account: string
  /** Reaches what users name, and nothing that it must not reach. */
  readonly fetch: Fetch
  /** Absent: no mail server is configured. */
  readonly sendMail: SendMail | undefined
  readonly mailSettled: MailSettled
  /** Where browsers reach the manager, without a slash at the end; absent: no links to it. */
  readonly publicUrl: string | undefined
  readonly log: (line: string) => void
}

const seconds = 10
const MOST_ANSWER = 65_536
const LONGEST_ERROR = 1024
/** Nothing changes by trying again; a person corrects it and sends it again from the list. */
const permanent: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 410, 413, 414, 422])

class Refused extends Error {
  readonly permanent: boolean
  /** Seconds that the receiver asks for. */
  readonly after: number
  constructor(message: string, isPermanent: boolean, after = 0) {
    super(message)
    this.permanent = isPermanent
    this.after = after
  }
}

/** Sends what is due. Gives how many were tried, well or not. */
export function sendNotifications(dependencies: DeliverDependencies): Promise<number> {
  const { store, log } = dependencies
  return sendDue(store.db, 'notification', (id) => sendOne(dependencies, id), log)
}

async function sendOne(dependencies: DeliverDependencies, id: string): Promise<boolean> {
  const { store, account, publicUrl } = dependencies
  const row = await claim(store.db, id)
  if (!row) return false
  try {
    if (isStepMail(row.target)) await sendStepMail(dependencies, row, row.target)
    else await send(dependencies, row, await readMessage(store.db, row, account, publicUrl))
    await settle(dependencies, row, { state: 'done', tries: row.tries + 1, error: null })
  } catch (error) {
    await fail(dependencies, row, error)
  }
  return true
}

async function claim(db: Executor, id: string): Promise<NotificationRow | undefined> {
  if (!(await claimDue(db, 'notification', id))) return undefined
  const { event, method, detail, ...rest } = await db
    .selectFrom('notification')
    .where('id', '=', id)
    .select(['id', 'project_id', 'execution_id', 'rule', 'event', 'node_id', 'status', 'method'])
    .select(['target', 'detail', 'tries', 'created_at'])
    .executeTakeFirstOrThrow()
  return { ...rest, event: event as NotificationEvent, method: method as NotificationMethod, detail: detail as Detail }
}

interface Settled {
  readonly state: 'open' | 'done' | 'dead'
  readonly tries: number
  readonly error: string | null
  /** Seconds. */
  readonly next?: number
  readonly fault?: FaultRecord
}
async function settle(
  { store, mailSettled }: DeliverDependencies,
  { id, execution_id: executionId, node_id: node, target }: NotificationRow,
  { state, tries, error, next = 0, fault }: Settled,
): Promise<void> {
  await store.transaction(async (tx) => {
    // The run first, as everywhere: whoever moves it on may drop the mail.
    if (state !== 'open' && isStepMail(target) && node !== null)
      await mailSettled(tx, executionId, { node, number: target.number, ...(fault ? { fault } : {}) })
    await tx
      .updateTable('notification')
      .set({ state, tries, error, next_at: inAbout(next), updated_at: sql`now()` })
      .where('id', '=', id)
      .where('state', '=', 'open')
      .execute()
  })
}

async function fail(dependencies: DeliverDependencies, row: NotificationRow, error: unknown): Promise<void> {
  const tries = row.tries + 1
  const asked = error instanceof Refused ? error.after : 0
  const state = tries >= MOST_TRIES || isPermanent(error) ? 'dead' : 'open'
  const next = Math.max(pauseAfter(tries), asked)
  const message = messageOf(error).slice(0, LONGEST_ERROR)
  const fault = error instanceof Fault ? toFaultRecord(error) : ({ code: 'request-failed', message } as const)
  await settle(dependencies, row, { state, tries, error: message, next, ...(state === 'dead' ? { fault } : {}) })
}

function isPermanent(error: unknown): boolean {
  if (error instanceof Fault) return error.retry === 'no'
  return (error as { readonly permanent?: unknown } | null)?.permanent === true
}

function mailServer(sendMail: SendMail | undefined): SendMail {
  if (sendMail) return sendMail
  throw new Fault('not-offered', 'No mail server is configured.', { hint: 'Set SLUICE_SMTP_HOST for the manager.' })
}

async function sendStepMail(
  { store, rootKeys, sendMail }: DeliverDependencies,
  row: NotificationRow,
  { mail }: StepMailTarget,
): Promise<void> {
  const { to, cc } = await recipientsOf(store.db, rootKeys, row.project_id, mail)
  if (to.length === 0) throw new Refused('Nobody can be told: the groups have no e-mail address.', true)
  const { subject, text, html } = mail
  const content = { subject, text, ...(html === undefined ? {} : { html }), id: row.id }
  await mailServer(sendMail)({ to: to.map(mailAddress), cc: cc.map(mailAddress), ...content })
}

async function send(dependencies: DeliverDependencies, row: NotificationRow, message: Message): Promise<void> {
  const { store, rootKeys, fetch, sendMail } = dependencies
  const target = row.target as Target
  const opened = 'group' in target ? undefined : await openTarget(store.db, rootKeys, row.project_id, target)
  const addresses = opened
    ? [opened.address]
    : await groupAddresses(store.db, rootKeys, row.project_id, (target as { group: string }).group, row.method)
  if (addresses.length === 0)
    throw new Refused(`Nobody of the group can be told by ${row.method}: it has no such address.`, true)
  if (row.method === 'Email') {
    return mailServer(sendMail)({ to: addresses.map(mailAddress), ...mailText(message), id: row.id })
  }
  for (const address of addresses) await post(fetch, postOf(row.method, address, opened?.headers ?? {}, message))
}

function postOf(
  method: Exclude<NotificationMethod, 'Email'>,
  address: string,
  headers: Readonly<Record<string, string>>,
  message: Message,
): Post {
  switch (method) {
    case 'Slack':
      return slackPost(address, message)
    case 'MsTeams':
      return teamsPost(address, message)
    case 'PagerDuty':
      return pagerDutyPost(address, message)
    case 'Webhook':
      break
  }
  return webhookPost(address, headers, message)
}

async function openTarget(
  db: Executor,
  keys: RootKeys,
  projectId: string,
  { address, headers }: Extract<Target, { readonly address: SecretText }>,
): Promise<{ readonly address: string; readonly headers: Readonly<Record<string, string>> }> {
  const open = async (text: SecretText): Promise<string> => {
    const values = new Map<string, string>()
    // Of several versions of a secret the first is the newest.
    for (const part of text)
      if (typeof part !== 'string')
        values.set(part.secret, await readOwnSecret(db, keys, projectId, part.secret.split(',')[0] ?? ''))
    return openText(text, (reference) => values.get(reference) ?? '')
  }
  const opened: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) opened[name] = await open(value)
  return { address: (await open(address)).trim(), headers: opened }
}

function mailAddress(text: string): string {
  if (isAddress(text)) return text
  throw new Refused('The recipient is no e-mail address.', true)
}

async function post(fetch: Fetch, { url, headers, body }: Post): Promise<void> {
  // Neither the address nor a header is ever in an error: both may be secrets.
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new Refused('The address is no http or https URL.', true)
  const { host, username, password } = new URL(url)
  // The client would refuse it with the whole address in its words.
  if (username !== '' || password !== '')
    throw new Refused('The address has a user name or password in it; send them as a header of a webhook.', true)
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: checkedHeaders(headers),
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(seconds * 1000),
  })
  const { status } = response
  const after = Number(response.headers.get('retry-after') ?? 0)
  // Read so that the connection is used again. The status has said it: an answer that breaks off must not have it sent again.
  await readAtMost(response, MOST_ANSWER).catch(() => {})
  if (status >= 200 && status < 300) return
  throw new Refused(`${host} answered ${status}.`, permanent.has(status) || isRedirect(status), within(after))
}

const isRedirect = (status: number): boolean => status >= 300 && status < 400
const within = (after: number): number => (after > 0 && after <= 3600 ? after : 0)

/** Those that say how the message travels are ours. */
const ours: ReadonlySet<string> = new Set(['content-type', 'content-length', 'host', 'connection', 'transfer-encoding'])

function checkedHeaders(given: Readonly<Record<string, string>>): Record<string, string> {
  const headers = new Headers()
  for (const [name, value] of Object.entries(given)) {
    if (ours.has(name.toLowerCase())) continue
    try {
      headers.set(name, value)
    } catch {
      throw new Refused(`The header ${name.slice(0, 64)} has a value that cannot be sent.`, true)
    }
  }
  headers.set('content-type', 'application/json')
  headers.set('user-agent', 'sluice')
  return Object.fromEntries(headers)
}
