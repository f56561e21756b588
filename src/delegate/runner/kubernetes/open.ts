// Opens the runner of pods: finds the cluster, checks what it may do there, cleans up now and every five minutes.
import { mayRunScripts } from '#contract/delegate/program-work'
import type { Clock } from '#contract/delegate/repeat'
import { Fault } from '#contract/fault'
import { openFetch } from '#outward/fetch'
import { readOutward, withoutCertificate } from '#outward/setting'
import type { DelegateLog } from '../../log.ts'
import type { Runner } from '../port.ts'
import { createApiClient } from './client.ts'
import { findCluster } from './credential.ts'
import { describeVerb, missingVerbs, neededVerbs, workspaceVerbs } from './permission.ts'
import { createKubernetesRunner, type KubernetesRunner } from './runner.ts'
import { loadKubernetesSettings } from './settings.ts'

export interface OpenOptions {
  /** YAML, see `kubernetesSettingsSchema`. */
  readonly settingsFile: string
  readonly kubeconfig: string | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The NODE_EXTRA_CA_CERTS that this process was started with. */
  readonly nodeTrusts: string | undefined
  /** Name of the delegate. */
  readonly delegate: string
  /** Unique for this process. */
  readonly holder: string
  readonly clock: Clock
  readonly log: DelegateLog
}

/** Raises Fault `usage` without a cluster, `forbidden` that names each verb that is missing. `signal` ends watching and cleaning. */
export async function openKubernetesRunner(options: OpenOptions, signal: AbortSignal): Promise<Runner> {
  const { settingsFile, kubeconfig, environment, delegate, holder, clock, log } = options
  const settings = await loadKubernetesSettings(settingsFile)
  const access = await findCluster(kubeconfig, environment)
  const namespace = settings.namespace ?? access.namespace
  if (!namespace)
    throw new Fault('usage', `${settingsFile} names no namespace, and neither does the cluster's identity.`)
  const client = createApiClient(access)
  const verbs = [...neededVerbs, ...(settings.workspace ? workspaceVerbs : [])]
  const missing = await missingVerbs(client, namespace, verbs).catch((cause: unknown) => {
    const words = cause instanceof Error ? cause.message : String(cause)
    throw new Fault('usage', `The Kubernetes API at ${access.server} cannot be used: ${words}`, { cause })
  })
  const needed = missing.filter(({ optional }) => !optional)
  for (const verb of missing.filter(({ optional }) => optional)) log('warn', `not allowed: ${describeVerb(verb)}`)
  if (needed.length > 0) {
    const list = needed.map(describeVerb).join(', ')
    throw new Fault('forbidden', `In the namespace ${namespace} this delegate may not ${list}.`, {
      hint: 'Give its service account the Role of deploy/kubernetes/delegate.yaml.',
    })
  }
  log('info', `steps run as pods in namespace ${namespace} of ${access.server}`)
  const outward = readOutward(environment)
  const fetch = await openFetch(outward, options.nodeTrusts)
  const fetchImages = await openFetch(withoutCertificate(outward), options.nodeTrusts)
  const ports = { client, namespace, clock, log, fetch, fetchImages }
  const runner = createKubernetesRunner(
    { ...ports, settings, mayRunScripts: mayRunScripts(environment), delegate, holder },
    signal,
  )
  // Often enough that an anchor that ran out is not noticed much later.
  void sweepRegularly(runner, settings.times.adopt * 250, { clock, log }, signal)
  return runner
}

async function sweepRegularly(
  runner: KubernetesRunner,
  every: number,
  { clock, log }: Pick<OpenOptions, 'clock' | 'log'>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    // Not at once: a delegate that starts takes over its own pods first.
    await clock.sleep(every, signal).catch(() => {})
    if (signal.aborted) return
    try {
      const { adopted, removed } = await runner.sweep()
      for (const name of adopted) log('info', `took over ${name}, which nobody looked after any more`)
      for (const name of removed) log('info', `removed ${name}, which nobody looked after any more`)
    } catch (error) {
      log('warn', `could not clean up: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}
