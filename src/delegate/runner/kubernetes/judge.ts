// What a pod's status means. The order matters: the reason of the pod before its phase, the phase before its containers, because
// a container may say "running" for ever after a deadline, and exit code 0 may stand beside OOMKilled. Success is never read from
// here: only the step's own report to the manager is that.
import { type PodResult, podResultSchema } from '#contract/delegate/pod-folder'
import type { ContainerStatus, Pod } from './object.ts'

export interface Waiting {
  readonly what: 'schedule' | 'image' | 'container'
  /** In the words of Kubernetes. */
  readonly reason: string
  readonly message: string
  /** No time makes this better. */
  readonly final: boolean
}

export type PodState =
  /** The step container has not run yet. */
  | { readonly type: 'starting'; readonly waiting: Waiting | undefined; readonly prepared: string | undefined }
  | { readonly type: 'running' }
  | {
      readonly type: 'ended'
      readonly how: string
      /** How far the step was; `undefined` when nobody can say, which counts as begun. */
      readonly left: PodResult | undefined
      /** What the container that fetches said when it failed. */
      readonly sourceFailure: string | undefined
      /** The kubelet may still have more to say. */
      readonly mayChange: boolean
    }

const imageReasons = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
])
const containerReasons = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'PreCreateHookError',
  'PreStartHookError',
  'RunContainerError',
])
const finalReasons = new Set(['InvalidImageName', 'ErrImageNeverPull'])

const nothingBegun: PodResult = { phase: 'preparing' }

function waitingOf(pod: Pod): Waiting | undefined {
  const { conditions, initContainerStatuses, containerStatuses } = pod.status
  for (const { name, state } of [...initContainerStatuses, ...containerStatuses]) {
    const { reason = '', message = '' } = state.waiting ?? {}
    const what = imageReasons.has(reason) ? 'image' : containerReasons.has(reason) ? 'container' : undefined
    if (what)
      return { what, reason, message: `container ${name}: ${message || reason}`, final: finalReasons.has(reason) }
  }
  const scheduled = conditions.find(({ type }) => type === 'PodScheduled')
  if (scheduled?.status !== 'False') return undefined
  const { reason = 'Unschedulable', message = '' } = scheduled
  return { what: 'schedule', reason, message, final: false }
}

/** The first line is ours; behind it may stand the rest of something longer that was there before. */
function readResult(message: string | undefined): PodResult | undefined {
  try {
    return podResultSchema.parse(JSON.parse((message ?? '').split('\n', 1)[0] ?? ''))
  } catch {
    return undefined
  }
}

/**
 * A kubelet that has removed the containers of a deleted pod before it was asked again tells of them as if they had never been
 * started (seen with preemption on 1.20). With the changelog there, the step may have run.
 */
function isForgotten({ status }: Pod): boolean {
  const source = status.initContainerStatuses.find(({ name }) => name === 'source')
  return status.phase === 'Failed' && source?.state.terminated?.exitCode === 0
}

/** What the step container leaves, as far as it can be known. */
function leftBy(step: ContainerStatus | undefined, forgotten: boolean): PodResult | undefined {
  if (!step || (forgotten && step.state.waiting)) return undefined
  const { terminated, running } = step.state
  if (terminated) {
    const { reason, message = '' } = terminated
    // The runtime could not even start it.
    if (reason === 'StartError' || reason === 'ContainerCannotRun') return nothingBegun
    if (reason === 'ContainerStatusUnknown') return undefined
    // It says so before it touches anything.
    return message === '' ? nothingBegun : readResult(message)
  }
  return running || step.containerID ? undefined : nothingBegun
}

function oomKilled(pod: Pod): string | undefined {
  const { initContainerStatuses, containerStatuses } = pod.status
  return [...initContainerStatuses, ...containerStatuses].find(({ state }) => state.terminated?.reason === 'OOMKilled')
    ?.name
}

function describe(pod: Pod): string {
  const { reason, message = '', conditions, initContainerStatuses, containerStatuses } = pod.status
  const words = message === '' ? '' : `: ${message}`
  if (reason === 'DeadlineExceeded') return `the pod outlived its deadline${words}`
  if (reason) return `the pod ended, ${reason}${words}`
  const disrupted = conditions.find(({ type, status }) => type === 'DisruptionTarget' && status === 'True')
  if (disrupted) return `the pod was disrupted, ${disrupted.reason ?? ''}: ${disrupted.message ?? ''}`
  const starved = oomKilled(pod)
  if (starved) return `container ${starved} was killed for want of memory (OOMKilled); give it more in resources`
  const ended = [...initContainerStatuses, ...containerStatuses].filter(({ state }) => state.terminated)
  const bad = ended.find(({ state }) => state.terminated?.exitCode !== 0) ?? ended.at(-1)
  const end = bad?.state.terminated
  if (!bad || !end) return 'the pod ended and nothing is known of its containers'
  if (end.reason === 'StartError' || end.reason === 'ContainerCannotRun')
    return `container ${bad.name} could not be started: ${end.message ?? ''}`
  const how = end.exitCode > 128 && end.exitCode < 160 ? `signal ${end.exitCode - 128}` : `exit code ${end.exitCode}`
  return `container ${bad.name} ended with ${how}`
}

function ended(pod: Pod): PodState {
  const { initContainerStatuses, containerStatuses, phase } = pod.status
  const step = containerStatuses.find(({ name }) => name === 'step')
  const failed = initContainerStatuses.find(({ state }) => state.terminated && state.terminated.exitCode !== 0)
  const sourceFailure = failed?.name === 'source' ? failed.state.terminated?.message : undefined
  // An init container that failed is the end: the step was never started.
  const left = failed && !step?.state.terminated && !step?.state.running ? nothingBegun : leftBy(step, isForgotten(pod))
  // Once a deleted pod has a final phase, the kubelet has said what it knows.
  const isOver = pod.metadata.deletionTimestamp !== undefined && phase === 'Failed' && !step?.state.running
  const settled = step?.state.terminated !== undefined || failed !== undefined || phase === 'Pending' || isOver
  return { type: 'ended', how: describe(pod), left, sourceFailure, mayChange: !settled && phase !== 'Succeeded' }
}

/**
 * A pod that is being deleted and whose step was never seen. It is over when it has no node, or when what comes before the step is not
 * done and does not run: no kubelet that knows of the deletion starts anything then, and a step that one starts all the same asks
 * the manager first, who says no. A deletion that somebody forced says nothing.
 */
function neverStarted(pod: Pod, graceful: boolean): boolean {
  if (pod.spec.nodeName === undefined) return true
  const { initContainerStatuses } = pod.status
  const source = initContainerStatuses.find(({ name }) => name === 'source')
  if (!graceful || source?.state.terminated?.exitCode === 0) return graceful && kubeletSaysSo(pod)
  return initContainerStatuses.length > 0 && initContainerStatuses.every(({ state }) => !state.running)
}

/** It turns a grace above zero into zero when nothing of the pod is left on its node. */
const kubeletSaysSo = (pod: Pod): boolean => pod.metadata.deletionGracePeriodSeconds === 0

/** `graceful`: when the pod is being deleted, that was asked with a grace above zero. */
export function judgePod(pod: Pod, graceful = false): PodState {
  const { phase, initContainerStatuses, containerStatuses } = pod.status
  const step = containerStatuses.find(({ name }) => name === 'step')
  if (phase === 'Succeeded' || phase === 'Failed' || step?.state.terminated) return ended(pod)
  if (pod.metadata.deletionTimestamp !== undefined && !step?.state.running && neverStarted(pod, graceful))
    return ended(pod)
  const tool = containerStatuses.find(({ name }) => name === 'tool')
  // The step waits for the container beside it before it begins anything.
  const isAlone = tool !== undefined && !tool.state.running && !tool.state.terminated
  if (step?.state.running && !isAlone) return { type: 'running' }
  const prepare = initContainerStatuses.find(({ name }) => name === 'prepare')?.state.terminated
  const prepared = prepare?.exitCode === 0 ? prepare.message : undefined
  return { type: 'starting', waiting: waitingOf(pod), prepared }
}
