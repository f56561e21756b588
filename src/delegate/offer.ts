// Takes an offered attempt: accepts it, opens its secrets, has its step started.
import type { PollReply } from '#contract/delegate/protocol'
import type { Clock } from '#contract/delegate/repeat'
import { type StepSpec, secretReferences } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import { callMilliseconds, type Connection } from './connection.ts'
import { type Capabilities, capabilityTimes } from './capability.ts'
import type { DelegateLog } from './log.ts'
import type { Metrics } from './metric.ts'
import { resolveSecrets, type SecretRequest, type SecretSource } from './secret/source.ts'
import type { Supervisor } from './supervisor.ts'

export type Offer = PollReply['offers'][number]

export interface OfferOptions {
  readonly managerUrl: string
  readonly connection: Connection
  readonly supervisor: Supervisor
  readonly secretSources: readonly SecretSource[]
  readonly clock: Clock
  /** Random id of this process. */
  readonly instance: string
  readonly log: DelegateLog
  /** Absent: everything is taken, and the step says what is missing. */
  readonly capabilities?: Capabilities
  readonly metrics?: Metrics
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
  const { spec, fence, attemptToken, secrets: sealed } = accepted
  const secrets = await openSecrets(options, spec, { attempt, fence, sealed }, signal)
  const { timeoutSeconds, work } = spec
  await supervisor.launch(
    { attempt, fence, attemptToken, type: work.type, acceptedAt: clock.now(), timeoutSeconds },
    (folder) => ({ managerUrl, attemptToken, fence, spec, secrets, files: {}, folder }),
  )
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
  const body = { fence, reason: reason.slice(0, 2048), seconds: capabilityTimes.no }
  await connection
    .call((client, stop) => client.decline({ params: { attempt }, body }, stop), callMilliseconds, signal)
    .catch((error: unknown) => {
      if (!(error instanceof Fault && missed.has(error.code))) throw error
    })
}

/** One that is missing is left to the step, which fails with its name: it has the log that people read. */
async function openSecrets(
  { secretSources, log }: OfferOptions,
  spec: StepSpec,
  request: SecretRequest,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const reference of secretReferences(spec)) {
    try {
      Object.assign(found, await resolveSecrets([reference], secretSources, request, signal))
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      log('error', error.message, { attempt: request.attempt })
    }
  }
  return found
}
