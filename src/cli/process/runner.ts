// Which runner a delegate gets: processes beside it, or pods in a cluster.
import { randomUUID } from 'node:crypto'
import { Fault } from '#contract/fault'
import { systemClock } from '#contract/delegate/repeat'
import type { DelegateLog } from '#delegate/log'
import { createProcessRunner } from '#delegate/runner/process'
import type { Runner } from '#delegate/runner/port'
import { programFile } from './built.ts'

export interface RunnerFlags {
  readonly runner: string
  readonly kubernetesSettings?: string
  readonly kubeconfig?: string
}

/** `environment`: of the delegate, with what its steps need on top. */
export async function openRunner(
  { runner, kubernetesSettings, kubeconfig }: RunnerFlags,
  delegate: string,
  log: DelegateLog,
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<Runner> {
  if (runner === 'process')
    return createProcessRunner({ command: [process.execPath, programFile(), 'step'], environment })
  if (kubernetesSettings === undefined)
    throw new Fault('usage', '--runner kubernetes needs --kubernetes-settings.', {
      hint: 'docs/operate/kubernetes.md shows such a file.',
    })
  const { openKubernetesRunner } = await import('#delegate/runner/kubernetes/open')
  return await openKubernetesRunner(
    {
      settingsFile: kubernetesSettings,
      kubeconfig,
      environment,
      nodeTrusts: process.env['NODE_EXTRA_CA_CERTS'],
      delegate,
      holder: `${delegate}/${randomUUID()}`,
      clock: systemClock,
      log,
    },
    signal,
  )
}
