// Until when a pod may take to start: scheduling, pulling images and making containers each end a wait that has no end by itself.
import type { Clock } from '#contract/delegate/repeat'
import { Fault } from '#contract/fault'
import type { PodApi } from './api.ts'
import type { PodState } from './judge.ts'
import type { Pod } from './object.ts'
import type { KubernetesSettings } from './settings.ts'

export interface BudgetOptions {
  readonly api: PodApi
  readonly settings: KubernetesSettings
  readonly clock: Clock
}

/** How long each part of the start may take. */
export class Budget {
  readonly #options: BudgetOptions
  readonly #namespace: string
  readonly #begunAt: number
  readonly #init: number
  #imageSince: number | undefined

  /** `init` in seconds; absent: as the settings have it. */
  constructor(options: BudgetOptions, namespace: string, init: number | undefined) {
    this.#options = options
    this.#namespace = namespace
    this.#init = init ?? options.settings.times.init
    this.#begunAt = options.clock.elapsed()
  }

  /** Why the pod is to be given up. */
  async overrun(pod: Pod, { waiting }: Extract<PodState, { type: 'starting' }>): Promise<Fault | undefined> {
    const { clock, settings, api } = this.#options
    const now = clock.elapsed()
    const stuck = waiting?.what === 'image' || waiting?.what === 'container'
    if (!stuck) this.#imageSince = undefined
    else this.#imageSince ??= now
    if (waiting && this.#imageSince !== undefined) {
      const patience = waiting.final ? 0 : settings.times.imagePull * 1000
      if (now - this.#imageSince >= patience)
        return new Fault('step-died', `Its pod cannot start, ${waiting.reason}: ${waiting.message}`)
    }
    const init = this.#init
    if (now - this.#begunAt < init * 1000) return undefined
    const warnings = await api.warnings(this.#namespace, pod.metadata.uid)
    const why = waiting ? [`${waiting.reason}: ${waiting.message}`, ...warnings] : warnings
    return new Fault('step-died', `Its step did not run within ${init} s. ${why.join('; ')}`.trim())
  }
}
