// The calls of one fake step, with the counters that the protocol wants.
import { createHash } from 'node:crypto'
import type { ChangeSetDeploymentStatus, ChangeSetIdentity } from '#contract/change-set'
import { type Client, createClient, type Fetch } from '#contract/client'
import { type Payload } from '#contract/delegate/payload'
import { type FinishBody, protocol, type StepEvent } from '#contract/delegate/protocol'
import { type Clock, repeatCall } from '#contract/delegate/repeat'
import type { StepDocument } from '#contract/delegate/step-document'

export interface FakeChangeSet extends ChangeSetIdentity {
  readonly direction?: 'apply' | 'rollback'
  /** Deployed or rolled back unless told; `Deployment_Failed` ends the step with a failure. */
  readonly status?: ChangeSetDeploymentStatus
  readonly sql?: readonly string[]
  readonly error?: string
}

const { start, lease, events, payload, appendLog, finish } = protocol
const attemptProtocol = { start, lease, events, payload, appendLog, finish }

/** One step at work: the calls of the protocol with their counters. */
export class FakeStep {
  private readonly client: Client<typeof attemptProtocol>
  private readonly document: StepDocument
  private readonly clock: Clock
  private readonly dead: AbortSignal
  private bytes = Buffer.alloc(0)
  private sequence = 0

  constructor(document: StepDocument, clock: Clock, dead: AbortSignal, fetch: Fetch | undefined) {
    this.document = document
    this.clock = clock
    this.dead = dead
    this.client = createClient(attemptProtocol, {
      baseUrl: document.managerUrl,
      headers: { authorization: `Bearer ${document.attemptToken}` },
      validate: true,
      ...(fetch ? { fetch } : {}),
    })
  }

  private get params(): { attempt: string } {
    return { attempt: this.document.spec.attempt }
  }
  private get fence(): string {
    return this.document.fence
  }
  private call<T>(work: (signal: AbortSignal) => Promise<T>, signal = this.dead): Promise<T> {
    return repeatCall(work, { clock: this.clock, random: () => 0.5, tryMilliseconds: 15_000 }, signal)
  }

  async log(line: string): Promise<void> {
    const raw = new TextEncoder().encode(`${new Date(this.clock.now()).toISOString()} ${line}\n`)
    const query = { fence: this.fence, offset: this.bytes.length }
    const params = { ...this.params, stream: 'step' as const }
    await this.call((signal) => this.client.appendLog({ params, query, raw }, signal))
    this.bytes = Buffer.concat([this.bytes, raw])
  }
  async start(): Promise<void> {
    await this.call((signal) => this.client.start({ params: this.params, body: { fence: this.fence } }, signal))
  }
  async post(one: Payload): Promise<void> {
    await this.call((signal) =>
      this.client.payload({ params: this.params, body: { fence: this.fence, payload: one } }, signal),
    )
  }
  async change({ direction = 'apply', status, sql = [], error, ...identity }: FakeChangeSet): Promise<void> {
    const done = direction === 'apply' ? 'Successfully_Deployed' : 'Rolled_Back'
    await this.event({ type: 'change-set.started', ...identity, direction })
    await this.event({
      type: 'change-set.finished',
      ...identity,
      direction,
      status: status ?? done,
      duration: 1,
      sql: [...sql],
      ...(error === undefined ? {} : { error }),
    })
  }
  private async event(body: StepEvent['body']): Promise<void> {
    const event = { seq: ++this.sequence, at: this.clock.now(), body }
    await this.call((signal) =>
      this.client.events({ params: this.params, body: { fence: this.fence, events: [event] } }, signal),
    )
  }

  /** Resolves with the reason when the lease or the delegate says so, and with nothing when `over` is aborted first. */
  async cancelled(stop: AbortSignal, over: AbortSignal): Promise<string | undefined> {
    const any = AbortSignal.any([stop, over, this.dead])
    const body = { fence: this.fence }
    try {
      for (;;) {
        const { cancel } = await this.call((signal) => this.client.lease({ params: this.params, body }, signal), any)
        if (cancel) return cancel.reason
        await this.clock.sleep(1000, any)
      }
    } catch (error) {
      this.dead.throwIfAborted()
      if (over.aborted) return undefined
      if (stop.aborted) return 'The delegate asked the step to stop.'
      throw error
    }
  }
  async finish(result: Omit<FinishBody, 'fence' | 'logs'>): Promise<void> {
    await this.log(`Step ended: ${result.outcome}`)
    const sha256 = createHash('sha256').update(this.bytes).digest('hex')
    const body = { ...result, fence: this.fence, logs: { step: { bytes: this.bytes.length, sha256 } } }
    await this.call((signal) => this.client.finish({ params: this.params, body }, signal))
  }
}
