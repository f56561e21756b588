// Takes an offered attempt: accepts it, opens its secrets, has its step started.
import type { ReplyOf } from '#contract/endpoint'
import type { PollReply, protocol } from '#contract/delegate/protocol'
import { sharesFolder, type StepSpec } from '#contract/delegate/step-spec'
import type { Clock } from '#contract/delegate/repeat'
import { Fault } from '#contract/fault'
import { callMilliseconds, type Connection } from './connection.ts'
import type { Capabilities } from './capability.ts'
import type { DelegateLog } from './log.ts'
import type { Metrics } from './metric.ts'
import { keepLoans } from './secret/loan.ts'
import { type AttemptSecrets, openAttemptSecrets } from './secret/open.ts'
import type { SecretPorts } from './secret/port.ts'
import type { Supervisor } from './supervisor.ts'
import type { Workspaces } from './workspace.ts'

type Protocol = typeof protocol
export type Offer = PollReply['offers'][number]

/** Seconds for which one attempt is not offered here again: long enough for all others to be asked, each with its checks. */
const declinedSeconds = 30

export interface OfferOptions {
  readonly managerUrl: string
  readonly connection: Connection
  readonly supervisor: Supervisor
  readonly secrets: SecretPorts
  readonly clock: Clock
  /** Random id of this process. */
  readonly instance: string
  readonly log: DelegateLog
  /** Absent: everything is taken, and the step says what is missing. */
  readonly capabilities?: Capabilities
  readonly metrics?: Metrics
  /** Absent where steps are pods, which share claims. */
  readonly workspaces?: Workspaces
}

/** Another delegate was quicker, or the attempt was cancelled meanwhile. */
const missed = new Set<Fault['code']>(['conflict', 'stale-fence', 'attempt-gone', 'not-found'])

/** What was missed is no error. Raises what went wrong; an attempt that was accepted all the same is offered again when its lease ends. */
export async function takeOffer(options: OfferOptions, offer: Offer, signal: AbortSignal): Promise<void> {
  const { managerUrl, connection, supervisor, clock, instance } = options
  const { attempt, fence: offered } = offer
  const params = { attempt }
  options.metrics?.queued(offer.waited)
  const lacking = await options.capabilities?.lacking(offer.needs, signal)
  if (lacking !== undefined) return declineOffer(options, offer, lacking, signal)
  const body = { fence: offered, instance }
  const accepted = await connection
    .call((client, stop) => client.accept({ params, body }, stop), callMilliseconds, signal)
    .catch((error: unknown) => {
      if (error instanceof Fault && missed.has(error.code)) return undefined
      throw error
    })
  if (!accepted) return
  const { spec, fence, attemptToken } = accepted
  const opened = await openSecrets(options, attempt, accepted, signal)
  const { secrets, files, tested } = opened
  const { timeoutSeconds, work } = spec
  const shared = await openWorkspace(options, spec)
  await supervisor.launch(
    { attempt, fence, attemptToken, type: work.type, acceptedAt: clock.now(), timeoutSeconds },
    (folder) => ({ managerUrl, attemptToken, fence, spec, secrets, files, tested, folder, ...shared }),
  )
  if (opened.loans.length > 0) {
    const isAtWork = (): boolean => supervisor.running.includes(attempt)
    void keepLoans(opened.loans, { attempt, clock, log: options.log, isAtWork }, signal)
  }
}

async function openWorkspace(
  { workspaces }: OfferOptions,
  { work, workspace, execution, timeoutSeconds }: StepSpec,
): Promise<{ readonly workspace?: string }> {
  if (!workspaces || !workspace || !sharesFolder(work)) return {}
  return { workspace: await workspaces.open(execution, workspace.group, timeoutSeconds) }
}

/** Others may have it at once; the manager asks again here when the check may come to another end. */
async function declineOffer(
  { connection, log, metrics }: OfferOptions,
  { attempt, fence }: Offer,
  reason: string,
  signal: AbortSignal,
): Promise<void> {
  log('warn', `declined attempt ${attempt}: ${reason}`)
  metrics?.rejected()
  const body = { fence, reason: reason.slice(0, 2048), seconds: declinedSeconds }
  await connection
    .call((client, stop) => client.decline({ params: { attempt }, body }, stop), callMilliseconds, signal)
    .catch((error: unknown) => {
      if (!(error instanceof Fault && missed.has(error.code))) throw error
    })
}

/** One that is missing is left to the step, which fails with its name: it has the log that people read. */
async function openSecrets(
  { secrets: ports, clock, log }: OfferOptions,
  attempt: string,
  accepted: Pick<ReplyOf<Protocol['accept']>, 'fence' | 'secrets' | 'places'>,
  signal: AbortSignal,
): Promise<AttemptSecrets> {
  const { fence, secrets, places } = accepted
  const boxes = secrets.flatMap(({ ref, form, box }) => {
    try {
      return [{ ref, form, value: ports.openBox(box, { attempt, fence, ref }) }]
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      log('error', error.message, { attempt })
      return []
    }
  })
  const opened = await openAttemptSecrets(boxes, places, ports.own, { ...ports, clock }, signal)
  for (const { ref, fault } of opened.failures)
    log('error', `secret ${ref}: ${fault.message} ${fault.hint}`, { attempt, code: fault.code })
  return opened
}
