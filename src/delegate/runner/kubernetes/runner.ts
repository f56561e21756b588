// Runs steps as pods: one bare pod for each attempt, never a Job, because a Job whose pod is deleted starts a twin beside it.
import type { Fetch } from '#contract/client'
import { isScriptWork } from '#contract/delegate/program-work'
import type { Clock } from '#contract/delegate/repeat'
import { Fault } from '#contract/fault'
import type { DelegateLog } from '../../log.ts'
import type { AcceptedAttempt, AskEnded, Runner, RunningStep } from '../port.ts'
import { forbidden, forbiddenImages } from './allow.ts'
import { createPodApi, type PodApi } from './api.ts'
import type { ApiClient } from './client.ts'
import { createEntrypoints } from './entrypoint.ts'
import { PodLife } from './life.ts'
import { objectName } from './name.ts'
import { createObserver, type Observer } from './observe.ts'
import { describeVerb, missingVerbs, neededVerbs, workspaceVerbs } from './permission.ts'
import { planPod } from './plan.ts'
import { readPodRecord, writeFailure, writeLeft, writePodRecord } from './remains.ts'
import type { KubernetesSettings } from './settings.ts'
import { sweep, type Swept } from './sweep.ts'

export interface KubernetesRunnerOptions {
  readonly client: ApiClient
  /** Where pods go that do not ask for another. */
  readonly namespace: string
  readonly settings: KubernetesSettings
  /** The administrator lets pipelines run scripts. */
  readonly mayRunScripts: boolean
  /** Name of the delegate. */
  readonly delegate: string
  /** This process, among all that share the namespace. */
  readonly holder: string
  readonly clock: Clock
  readonly log: DelegateLog
  /** For calls to the manager. */
  readonly fetch?: Fetch
  /** For calls to registries of images: nothing that identifies the delegate to its manager. */
  readonly fetchImages?: Fetch
}

export interface KubernetesRunner extends Runner {
  /** Names of the pods of this runner that are not done with. */
  readonly names: ReadonlySet<string>
  /** Takes over or removes what delegates that are gone left behind. */
  sweep(): Promise<Swept>
}

/** `signal` ends the watching, not the pods. */
export function createKubernetesRunner(options: KubernetesRunnerOptions, signal: AbortSignal): KubernetesRunner {
  const { client, settings, mayRunScripts, delegate, holder, clock, log, fetch } = options
  const api: PodApi = createPodApi(client, clock)
  const observers = new Map<string, Observer>()
  const entrypointOf = createEntrypoints({ settings, fetch: options.fetchImages ?? globalThis.fetch, clock })
  let askManager: AskEnded | undefined
  const names = new Set<string>()

  function observerOf(namespace: string): Observer {
    const known = observers.get(namespace) ?? createObserver({ client, namespace, clock, log }, signal)
    observers.set(namespace, known)
    return known
  }
  function live(
    namespace: string,
    accepted: AcceptedAttempt,
    start: ConstructorParameters<typeof PodLife>[1],
  ): RunningStep {
    const name = objectName(accepted.attempt, accepted.fence)
    names.add(name)
    const life = new PodLife({ name, namespace, accepted }, start, {
      api,
      observer: observerOf(namespace),
      settings,
      delegate,
      holder,
      clock,
      log,
      fetch,
      signal,
    })
    void life.ended.then(() => names.delete(name))
    return life
  }
  return {
    names,
    async start(accepted, document) {
      const { spec } = document
      const asked = spec.pod ?? {}
      const namespace = asked.namespace ?? options.namespace
      try {
        const problems = [
          ...(isScriptWork(spec.work) && !mayRunScripts ? ['scripts (--allow-scripts)'] : []),
          ...forbidden(asked, settings.allow, options),
          ...forbiddenImages(spec, settings.allow),
        ]
        if (problems.length > 0) {
          const message = `The administrator of delegate ${delegate} does not allow ${problems.join(', ')}.`
          throw new Fault('invalid-input', message)
        }
        const plan = await planPod(spec, settings, entrypointOf)
        await writePodRecord(accepted.folder, { namespace, name: objectName(accepted.attempt, accepted.fence) })
        return live(namespace, accepted, { document, asked, plan })
      } catch (error) {
        if (error instanceof Fault) await writeFailure(accepted.folder, accepted.fence, error)
        throw error
      }
    },
    async find(accepted) {
      const record = await readPodRecord(accepted.folder)
      if (!record) return undefined
      if (await api.getPod(record.namespace, record.name)) return live(record.namespace, accepted, undefined)
      // It was made, or was about to be; that it is gone does not tell what it did.
      await writeLeft(accepted.folder, undefined)
      await api.remove('leases', record.namespace, record.name)
      return undefined
    },
    async lackingForPods(asked) {
      const namespace = asked ?? options.namespace
      const verbs = [...neededVerbs.filter(({ optional }) => !optional), ...(settings.workspace ? workspaceVerbs : [])]
      const missing = await missingVerbs(client, namespace, verbs)
      if (missing.length === 0) return undefined
      return `in the Kubernetes namespace ${namespace} it may not ${missing.map(describeVerb).join(', ')}`
    },
    connected: (ask) => {
      askManager = ask
    },
    sweep: async () => {
      // A manager that is away for a moment is asked by the next sweep; nothing else waits for it.
      const askEnded = async (executions: readonly string[]) => (await askManager?.(executions).catch(() => [])) ?? []
      const common = { api, client, clock, settings, holder, own: names, askEnded }
      const swept: Swept[] = []
      // Those that a pipeline asked for are swept as long as this process lives.
      for (const namespace of new Set([options.namespace, ...observers.keys()]))
        swept.push(await sweep({ ...common, namespace }))
      return {
        adopted: swept.flatMap(({ adopted }) => adopted),
        removed: swept.flatMap(({ removed }) => removed),
      }
    },
  }
}
