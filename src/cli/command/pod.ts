// `sluice pod`: what the containers of a step's pod run. Started by a delegate that runs steps in Kubernetes.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { Argument, type Command } from 'commander'
import { Fault } from '#contract/fault'
import { readOutward } from '#outward/setting'
import type { PodPorts } from '#step/pod/document'

const tasks = ['prepare', 'source', 'step'] as const

export function configure(command: Command): void {
  command
    .description('Do one part of a step in its pod; started by a delegate that runs steps in Kubernetes')
    .addArgument(new Argument('<task>', 'which part').choices(tasks))
    .action(run)
}

/** Exit code: as `sluice step` has it. */
async function run(task: (typeof tasks)[number]): Promise<void> {
  const terminate = new AbortController()
  process.on('SIGTERM', () => terminate.abort(new Error('The pod was asked to stop.')))
  const sleep = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
    sleepFor(milliseconds, undefined, signal ? { signal } : {})
  const pod = { sleep, root: '/', signal: terminate.signal }
  try {
    // At once: an idle connection must not keep a finished container alive.
    process.exit(await perform(task, pod, terminate.signal))
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    process.exit(2)
  }
}

async function perform(task: (typeof tasks)[number], pod: PodPorts, terminate: AbortSignal): Promise<number> {
  switch (task) {
    case 'prepare': {
      const { SLUICE_ATTEMPT: attempt, SLUICE_FENCE: fence } = process.env
      if (!attempt || !fence) throw new Fault('usage', 'SLUICE_ATTEMPT and SLUICE_FENCE are not set.')
      const { preparePod } = await import('#step/pod/prepare')
      await preparePod(pod.root, attempt, fence)
      return 0
    }
    case 'source': {
      const { fetchPodSource } = await import('#step/pod/source')
      return await fetchPodSource(pod, await environment())
    }
    case 'step':
      break
  }
  const { runPodStep } = await import('#step/pod/step')
  const ports = { environment: await environment(), random: Math.random, terminate, processId: process.pid }
  return await runPodStep(ports, pod)
}

/** With bundles for git, which trusts either what is well known or what it is told. Loaded only then: the first line is waited for. */
async function environment(): Promise<Record<string, string | undefined>> {
  if (!process.env['NODE_EXTRA_CA_CERTS']) return process.env
  const { stepVariables } = await import('#outward/bundle')
  return { ...process.env, ...stepVariables(readOutward(process.env), process.env, join(tmpdir(), 'trust')) }
}
