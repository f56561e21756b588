// Removes what belongs to an attempt: its Secrets as soon as nobody needs them, pod and anchor when the end was read.
import type { Clock } from '#contract/delegate/repeat'
import type { DelegateLog } from '../../log.ts'
import type { PodApi } from './api.ts'
import type { Pod } from './object.ts'
import { documentSecret } from './pod.ts'
import { registrySecretName } from './secret.ts'
import type { KubernetesSettings } from './settings.ts'

export interface CleanOptions {
  readonly api: PodApi
  readonly settings: KubernetesSettings
  readonly clock: Clock
  readonly log: DelegateLog
}
interface Place {
  readonly name: string
  readonly namespace: string
}

export async function dropSecrets(
  { api, settings }: Pick<CleanOptions, 'api' | 'settings'>,
  { name, namespace }: Place,
): Promise<void> {
  const names = [documentSecret(name, 'source'), documentSecret(name, 'step')]
  if (settings.registryCredentialsFile) names.push(registrySecretName(name))
  await Promise.all(names.map((secret) => api.remove('secrets', namespace, secret).catch(() => {})))
}

async function letGo(api: PodApi, { name, namespace }: Place, pod: Pod | undefined, forced: boolean): Promise<void> {
  if (pod) {
    await api.remove('pods', namespace, name, forced ? 0 : undefined)
    await api.dropFinalizer(namespace, pod)
  }
  await api.remove('leases', namespace, name)
}

/** What cannot be removed now is removed by a later sweep. `wanted`: somebody stopped it, so there is nothing to look into. */
export async function cleanUp(
  options: CleanOptions,
  place: Place,
  pod: Pod | undefined,
  { forced, wanted }: { readonly forced: boolean; readonly wanted: boolean },
): Promise<void> {
  const { api, settings, clock, log } = options
  const finish = async (): Promise<void> => {
    try {
      await letGo(api, place, pod, forced)
    } catch (error) {
      log('warn', `what is left of pod ${place.name} could not be removed: ${String(error)}`)
    }
  }
  await dropSecrets(options, place)
  const { keep } = settings.times
  if (keep === 0 || wanted || !pod) return await finish()
  // Nobody's, so that no sweep takes it for left behind before its time, and one does should this delegate die.
  await api.renewLease(place.namespace, place.name, 'kept', keep).catch(() => {})
  void clock.sleep(keep * 1000).then(finish)
}
