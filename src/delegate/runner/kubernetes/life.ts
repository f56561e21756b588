// One attempt's pod from its making to its end: anchor, secrets, pod; then watch, intervene, read how it ended, let it go.
import { readFile } from 'node:fs/promises'
import type { Fetch } from '#contract/client'
import { type Clock, withOwnSignal } from '#contract/delegate/repeat'
import type { StepDocument } from '#contract/delegate/step-document'
import type { PodSettings } from '#contract/delegate/pod-settings'
import { Fault } from '#contract/fault'
import type { DelegateLog } from '../../log.ts'
import type { AcceptedAttempt } from '../port.ts'
import { microTime, type PodApi } from './api.ts'
import { Budget } from './budget.ts'
import { cleanUp, dropSecrets } from './clean.ts'
import { ApiRefusal, isPassing } from './client.ts'
import { holdLease } from './hold.ts'
import { judgePod, type PodState } from './judge.ts'
import { mark } from './name.ts'
import type { Pod } from './object.ts'
import type { Observer } from './observe.ts'
import type { PodPlan } from './plan.ts'
import { labelsOf, type PodInput, podOf, type Workspace } from './pod.ts'
import { writeFailure, writeLeft } from './remains.ts'
import {
  type Documents,
  documentsOf,
  plainSecrets,
  registrySecret,
  registrySecretName,
  sealedSecrets,
} from './secret.ts'
import type { KubernetesSettings } from './settings.ts'
import { type Ended, leaveRemains, type Seen } from './settle.ts'
import { keepWorkspace, renewAnchors } from './workspace.ts'

export interface LifeOptions {
  readonly api: PodApi
  readonly observer: Observer
  readonly settings: KubernetesSettings
  /** Name of the delegate. */
  readonly delegate: string
  /** This process: replicas share a name. */
  readonly holder: string
  readonly clock: Clock
  readonly log: DelegateLog
  readonly fetch?: Fetch | undefined
  /** Ends the looking, not the pod: then `ended` stays open. */
  readonly signal: AbortSignal
}

/** Where it is, and whose. */
export interface Place {
  readonly name: string
  readonly namespace: string
  readonly accepted: AcceptedAttempt
}

/** What only the delegate that accepted the attempt has. */
export interface Start {
  readonly document: StepDocument
  readonly asked: PodSettings
  readonly plan: PodPlan
}

export interface Life {
  readonly ended: Promise<string>
  terminate(): void
  kill(): void
}

/** Milliseconds. `lastWord`: the kubelet may take a minute; by then the lease of the attempt has run out, and nobody hears it. */
const times = { lastWord: 30_000, quotaPause: 5000, quotaPatience: 600_000, look: 1000 } as const

const owner = (name: string, uid: string): Record<string, unknown> => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  name,
  uid,
  blockOwnerDeletion: false,
})

/** Nothing hangs on it: a process that has nothing else ends. */
const never = new Promise<never>(() => {})

const hasQuotaText = (error: unknown): boolean =>
  error instanceof ApiRefusal && error.status === 403 && /exceeded quota|quota/i.test(error.message)

export class PodLife implements Life {
  readonly ended: Promise<string>
  readonly #place: Place
  readonly #options: LifeOptions
  #documents: Documents | undefined
  #owner: Record<string, unknown> | undefined
  #labels: Record<string, string> = {}
  /** Why the pod was told to go; the first reason counts. */
  #stopped: Fault | undefined
  #killed = false
  #started = false
  #podMade = false
  /** By the clock. */
  #renewAt: number
  #wake: () => void = () => {}

  constructor(place: Place, start: Start | undefined, options: LifeOptions) {
    this.#place = place
    this.#options = options
    this.#podMade = start === undefined
    this.#renewAt = options.clock.elapsed() + this.#renewEvery
    this.ended = this.#live(start).catch(async (error: unknown) => {
      const how = error instanceof Error ? error.message : String(error)
      options.log('error', `the pod of attempt ${place.accepted.attempt} was lost sight of: ${how}`)
      // Whatever it was that failed here, it says nothing of the step.
      if (this.#podMade) await writeLeft(place.accepted.folder, undefined).catch(() => {})
      return how
    })
  }

  terminate(): void {
    this.#stop(new Fault('cancelled', 'It was asked to stop before its step ran.'))
  }

  kill(): void {
    this.#killed = true
    this.#stop(new Fault('cancelled', 'It was killed.'))
    void this.#delete(0)
    this.#wake()
  }

  /** The deletion of the pod, if there is one, was ours and had a grace. */
  get #graceful(): boolean {
    return this.#stopped !== undefined && !this.#killed
  }

  #stop(why: Fault): void {
    if (this.#stopped) return
    this.#stopped = why
    // A step that runs gets its grace; what only prepares has nothing to finish.
    void this.#delete(this.#started ? undefined : 1)
    this.#wake()
  }

  async #delete(grace: number | undefined): Promise<void> {
    const { name, namespace } = this.#place
    if (!this.#podMade) return
    await this.#options.api.remove('pods', namespace, name, grace).catch((error: unknown) => {
      this.#options.log('error', `pod ${name} cannot be deleted: ${String(error)}`)
    })
  }

  async #live(start: Start | undefined): Promise<string> {
    return await withOwnSignal((holding) => this.#liveHolding(start, holding), this.#options.signal)
  }

  /** `holding` ends the renewing of the lease at the manager. */
  async #liveHolding(start: Start | undefined, holding: AbortController): Promise<string> {
    const { name, accepted } = this.#place
    try {
      if (start) {
        void this.#hold(start, holding.signal)
        const failure = await this.#make(start)
        if (failure) {
          await writeFailure(accepted.folder, accepted.fence, failure)
          await this.#clean(undefined)
          return failure.message
        }
      }
      const last = await this.#watch(start, () => holding.abort())
      const how = await leaveRemains(this.#options, this.#place, last, this.#stopped)
      this.#options.log('info', `pod ${name}: ${how}`, { attempt: accepted.attempt })
      await this.#clean(last.pod)
      return how
    } finally {
      holding.abort()
      this.#options.log('info', `pod ${name} is done with`, { attempt: accepted.attempt })
    }
  }

  #hold({ document }: Start, signal: AbortSignal): Promise<void> {
    const { clock, fetch } = this.#options
    const { attempt, attemptToken, fence } = this.#place.accepted
    return holdLease(
      {
        managerUrl: document.managerUrl,
        attempt,
        attemptToken,
        fence,
        clock,
        fetch,
        onCancel: (reason) => this.#stop(new Fault('cancelled', reason)),
        onLost: (fault) => this.#stop(fault),
      },
      signal,
    )
  }

  /** Gives why there is no pod and will be none; undefined when there is one. */
  async #make({ document, asked, plan }: Start): Promise<Fault | undefined> {
    const { api, settings, delegate, holder, clock } = this.#options
    const { name, namespace, accepted } = this.#place
    try {
      this.#documents = documentsOf(document, settings.managerUrl)
      const credentials = settings.registryCredentialsFile
      const input: PodInput = {
        name,
        namespace,
        attempt: accepted.attempt,
        fence: accepted.fence,
        delegate,
        step: document.spec.node,
        execution: document.spec.execution,
        timeoutSeconds: accepted.timeoutSeconds,
        asked,
        settings,
        pullSecrets: credentials ? [registrySecretName(name)] : [],
        ...plan,
        workspace: await this.#workspace(plan, document.spec.execution),
      }
      this.#labels = labelsOf(input)
      const lease = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name, labels: this.#labels },
        spec: {
          holderIdentity: holder,
          leaseDurationSeconds: settings.times.adopt,
          renewTime: microTime(clock.now()),
        },
      }
      const uid = (await api.create('leases', namespace, lease)) ?? (await api.getLeaseUid(namespace, name))
      if (uid === undefined) return new Fault('step-died', `The Lease ${name} of its pod vanished.`)
      this.#owner = owner(name, uid)
      const place = { name, labels: this.#labels, owner: this.#owner }
      const secrets = settings.secretInjection === 'file' ? plainSecrets(this.#documents, place) : []
      if (credentials) secrets.push(registrySecret(await readFile(credentials, 'utf8'), place))
      await Promise.all(secrets.map((secret) => api.create('secrets', namespace, secret)))
      return await this.#makePod(podOf(input, this.#owner))
    } catch (error) {
      if (error instanceof Fault) return error
      const words = error instanceof Error ? error.message : String(error)
      return new Fault('step-died', `Its pod could not be made: ${words}`)
    }
  }

  async #workspace({ group }: PodPlan, execution: string): Promise<Workspace | undefined> {
    const { api, clock, holder, settings } = this.#options
    const { namespace } = this.#place
    if (!group || !settings.workspace) return undefined
    return await keepWorkspace({ api, clock, namespace, holder, settings: settings.workspace }, execution, group)
  }

  /** A full quota passes; so does an admission that is too busy. */
  async #makePod(pod: unknown): Promise<Fault | undefined> {
    const { api, clock, log, signal } = this.#options
    const { name, namespace } = this.#place
    const until = clock.elapsed() + times.quotaPatience
    for (;;) {
      if (signal.aborted) return await never
      if (this.#stopped) return this.#stopped
      try {
        // From here on there may be a pod, whatever the answer.
        this.#podMade = true
        await api.create('pods', namespace, pod)
        return undefined
      } catch (error) {
        const refused = error instanceof ApiRefusal && error.status >= 400 && error.status < 500
        if (refused) this.#podMade = false
        const passing = hasQuotaText(error) || isPassing(error)
        if (!passing || clock.elapsed() > until) {
          if (!refused && (await api.getPod(namespace, name).catch(() => undefined))) return undefined
          throw error
        }
        log('warn', `pod ${name} waits: ${error instanceof Error ? error.message : String(error)}`)
        // Its anchor must not look like one that nobody holds.
        this.#renew(undefined)
        await Promise.race([clock.sleep(Math.min(times.quotaPause, this.#renewEvery)), this.#woken()])
      }
    }
  }

  /** Milliseconds. */
  get #kubeletLag(): number {
    return this.#options.settings.times.lost * 1000
  }

  get #renewEvery(): number {
    return this.#options.settings.times.adopt * 333
  }

  /** Says that the pod is looked after and its workspace used, as often as it is time. */
  #renew(pod: Pod | undefined): void {
    const { clock, log } = this.#options
    if (clock.elapsed() < this.#renewAt) return
    this.#renewAt = clock.elapsed() + this.#renewEvery
    // An API that is away, or hidden by a proxy, must not end the delegate; there is time for another two tries.
    renewAnchors(this.#options, this.#place, pod).catch((error: unknown) => {
      log('warn', `the anchor of pod ${this.#place.name} could not be renewed: ${String(error)}`)
    })
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  /** Sees the pod to its end. Gives the last that was seen of it. */
  async #watch(start: Start | undefined, onStarted: () => void): Promise<Seen> {
    const { api, observer, clock, signal } = this.#options
    const { name, namespace } = this.#place
    let pod: Pod | undefined
    let gone = false
    const follow = (now: Pod | undefined): void => {
      gone = now === undefined
      pod = now ?? pod
      this.#wake()
    }
    const end = observer.follow(name, follow)
    try {
      // The change that made it may have been told before anybody listened.
      follow(await api.getPod(namespace, name).catch(() => pod))
      const budget = new Budget(this.#options, namespace, start?.asked.initTimeoutSeconds)
      let endsAt: number | undefined
      for (;;) {
        if (signal.aborted) return await never
        if (gone || !pod) return { pod, state: undefined }
        const state = judgePod(pod, this.#graceful)
        if (state.type === 'ended') return await this.#last(pod, state, () => (gone ? undefined : pod))
        if (state.type === 'running' && !this.#started) {
          this.#started = true
          onStarted()
          // What was mounted stays where it is; nobody else needs it.
          void dropSecrets(this.#options, this.#place)
          if (this.#stopped) void this.#delete(this.#killed ? 0 : undefined)
        }
        if (state.type === 'starting') await this.#help(pod, state, budget)
        // A node that does not answer, or is no more, reports no end.
        const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = pod.metadata
        if (this.#killed || deletionTimestamp !== undefined)
          endsAt ??= clock.elapsed() + deletionGracePeriodSeconds * 1000 + this.#kubeletLag
        if (endsAt !== undefined && clock.elapsed() > endsAt) return { pod, state: 'silent' }
        this.#renew(pod)
        const alarm = new AbortController()
        await Promise.race([clock.sleep(times.look, alarm.signal).catch(() => {}), this.#woken()])
        alarm.abort()
      }
    } finally {
      end()
    }
  }

  /** While the step is not there yet: gives the pod its sealed documents, or gives it up. */
  async #help(pod: Pod, state: Extract<PodState, { type: 'starting' }>, budget: Budget): Promise<void> {
    if (state.prepared !== undefined && !(mark.sealed in pod.metadata.annotations) && !this.#stopped) {
      if (this.#documents && this.#owner) await this.#seal(state.prepared)
      else this.#stop(new Fault('step-died', 'The delegate that knew its secrets is gone; it had not begun.'))
    }
    const why = await budget.overrun(pod, state)
    if (why) this.#stop(why)
  }

  #sealing = false
  async #seal(prepared: string): Promise<void> {
    const { api } = this.#options
    const { name, namespace } = this.#place
    if (this.#sealing || !this.#documents) return
    this.#sealing = true
    try {
      const place = { name, labels: this.#labels, owner: this.#owner }
      const secrets = sealedSecrets(this.#documents, place, prepared)
      await Promise.all(secrets.map((secret) => api.create('secrets', namespace, secret)))
      // The kubelet looks at volumes every minute, or when the pod changes.
      await api.annotate(namespace, name, { [mark.sealed]: 'true' })
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error)
      this.#stop(new Fault('step-died', `Its documents could not be sealed to it: ${words}`))
    }
  }

  /** The end of the log comes before the kubelet's last word (up to a minute). */
  async #last(pod: Pod, state: Ended, now: () => Pod | undefined): Promise<Seen> {
    const { clock } = this.#options
    const until = clock.elapsed() + Math.min(times.lastWord, this.#kubeletLag)
    let seen: { pod: Pod; state: Ended } = { pod, state }
    while (seen.state.mayChange && clock.elapsed() < until) {
      await Promise.race([clock.sleep(times.look), this.#woken()])
      const next = now()
      if (!next) break
      const judged = judgePod(next, this.#graceful)
      if (judged.type === 'ended') seen = { pod: next, state: judged }
    }
    return seen
  }

  #clean(pod: Pod | undefined): Promise<void> {
    const ending = { forced: this.#killed, wanted: this.#stopped !== undefined }
    return cleanUp(this.#options, this.#place, pod, ending)
  }
}
