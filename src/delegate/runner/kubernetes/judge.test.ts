// Statuses as a real cluster gave them: each is one way in which "how did it end" is easily read wrong.
import { describe, expect, test } from 'vitest'
import { judgePod } from './judge.ts'
import { type Pod, podSchema } from './object.ts'

interface Given {
  readonly phase?: string
  readonly reason?: string
  readonly message?: string
  readonly step?: object
  readonly tool?: object
  readonly source?: object
  readonly prepare?: object
  readonly metadata?: object
  readonly nodeName?: string | null
  readonly conditions?: readonly object[]
}
function pod({ phase = 'Running', step, tool, source, prepare, metadata, nodeName = 'n', ...status }: Given): Pod {
  const container = (name: string, state: object | undefined): object[] => (state ? [{ name, state }] : [])
  return podSchema.parse({
    metadata: { name: 'p', namespace: 's', uid: 'u', ...metadata },
    spec: nodeName === null ? {} : { nodeName },
    status: {
      ...status,
      phase,
      initContainerStatuses: [...container('prepare', prepare), ...container('source', source)],
      containerStatuses: [...container('step', step), ...container('tool', tool)],
    },
  })
}
const terminated = (exitCode: number, message = '', reason = exitCode === 0 ? 'Completed' : 'Error'): object => ({
  terminated: { exitCode, message, reason },
})
const ended = (given: Given, graceful = false) => {
  const state = judgePod(pod(given), graceful)
  if (state.type !== 'ended') throw new Error(`not ended but ${state.type}`)
  return state
}

describe('a pod that ended', () => {
  test('says how far its step was by what the step left', () => {
    const left = ended({ phase: 'Succeeded', step: terminated(0, '{"phase":"reported"}\n') }).left
    expect(left).toEqual({ phase: 'reported' })
  })
  test('the rest of a longer text behind the first line is not read', () => {
    const message = '{"phase":"started"}\n"fence":"1"}}'
    expect(ended({ phase: 'Failed', step: terminated(137, message) }).left).toEqual({ phase: 'started' })
  })
  test('OOMKilled with exit code 0 is told as such', () => {
    const { how, left } = ended({ phase: 'Succeeded', step: terminated(0, '{"phase":"started"}\n', 'OOMKilled') })
    expect(how).toContain('OOMKilled')
    expect(left?.phase).toBe('started')
  })
  test('a deadline counts although the container still says running, and may have more to say', () => {
    const state = ended({ phase: 'Failed', reason: 'DeadlineExceeded', step: { running: {} } })
    expect(state).toMatchObject({ left: undefined, mayChange: true })
    expect(state.how).toContain('deadline')
  })
  test('an eviction leaves no containers: nobody knows how far it was', () => {
    const state = ended({ phase: 'Failed', reason: 'Evicted', message: 'ephemeral storage' })
    expect(state.left).toBeUndefined()
    expect(state.how).toContain('Evicted')
  })
  test('a disruption is named', () => {
    const conditions = [
      { type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler', message: 'for p2' },
    ]
    expect(ended({ phase: 'Failed', conditions, step: terminated(137) }).how).toContain('PreemptionByScheduler')
  })
  test('a step that the kubelet tells of as never started, after its changelog came, may have run', () => {
    const forgotten = {
      phase: 'Failed',
      source: terminated(0),
      step: { waiting: { reason: 'PodInitializing' } },
      metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' },
    }
    expect(ended(forgotten)).toMatchObject({ left: undefined, mayChange: false })
    expect(ended({ ...forgotten, source: terminated(1) }).left).toEqual({ phase: 'preparing' })
  })
  test('a step that left nothing had not begun', () => {
    expect(ended({ phase: 'Failed', step: terminated(1) }).left).toEqual({ phase: 'preparing' })
    expect(ended({ phase: 'Failed', step: terminated(128, 'no such file', 'StartError') }).left?.phase).toBe(
      'preparing',
    )
  })
  test('a status that the kubelet made up is no knowledge', () => {
    const step = terminated(137, 'The container could not be located', 'ContainerStatusUnknown')
    expect(ended({ phase: 'Failed', step }).left).toBeUndefined()
  })
  test('text that is not ours is no knowledge', () => {
    expect(ended({ phase: 'Failed', step: terminated(1, 'panic') }).left).toBeUndefined()
  })
  test('a failed fetch is told in its own words, and the step was never started', () => {
    const source = terminated(1, '{"code":"source-authentication","message":"no"}\n')
    const state = ended({ phase: 'Failed', source, step: { waiting: { reason: 'PodInitializing' } } })
    expect(state.left).toEqual({ phase: 'preparing' })
    expect(state.sourceFailure).toContain('source-authentication')
  })
})

describe('a pod that is being deleted', () => {
  const metadata = { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0 }
  const waiting = { waiting: { reason: 'PodInitializing' } }
  test('without a node it never began', () => {
    expect(ended({ phase: 'Pending', nodeName: null, metadata }).left?.phase ?? 'nobody knows').toBe('nobody knows')
    expect(judgePod(pod({ phase: 'Pending', nodeName: null, metadata })).type).toBe('ended')
  })
  test('on a node it is over when the kubelet says so, not when somebody forced it', () => {
    expect(judgePod(pod({ phase: 'Pending', step: waiting, metadata })).type).toBe('starting')
    expect(ended({ phase: 'Pending', source: terminated(0), step: waiting, metadata }, true).left?.phase).toBe(
      'preparing',
    )
    const asked = { ...metadata, deletionGracePeriodSeconds: 1 }
    const done = { phase: 'Pending', source: terminated(0), step: waiting, metadata: asked }
    expect(judgePod(pod(done), true).type).toBe('starting')
  })
  test('with an image that never came it is over at once', () => {
    const source = { waiting: { reason: 'ImagePullBackOff' } }
    const asked = { ...metadata, deletionGracePeriodSeconds: 1 }
    const given = { phase: 'Pending', source, step: waiting, metadata: asked }
    expect(ended(given, true).left).toEqual({ phase: 'preparing' })
    expect(judgePod(pod(given), false).type).toBe('starting')
  })
  test('its step still runs until the container ended', () => {
    expect(judgePod(pod({ step: { running: {} }, metadata }), true).type).toBe('running')
  })
})

describe('a pod that has not started', () => {
  test.each([
    ['ErrImagePull', 'image', false],
    ['InvalidImageName', 'image', true],
    ['CreateContainerConfigError', 'container', false],
  ])('waits for %s', (reason, what, final) => {
    const state = judgePod(pod({ phase: 'Pending', source: { waiting: { reason, message: 'words' } } }))
    expect(state).toMatchObject({ type: 'starting', waiting: { what, reason, final } })
  })
  test('waits for the container beside it, whose image may not come', () => {
    const waiting = { waiting: { reason: 'ErrImagePull', message: 'denied' } }
    expect(judgePod(pod({ step: { running: {} }, tool: waiting }))).toMatchObject({
      type: 'starting',
      waiting: { what: 'image', reason: 'ErrImagePull' },
    })
    expect(judgePod(pod({ step: { running: {} }, tool: { running: {} } })).type).toBe('running')
    // What a tool that died means is said by the step that spoke with it.
    expect(judgePod(pod({ step: { running: {} }, tool: terminated(137, '', 'OOMKilled') })).type).toBe('running')
  })
  test('waits for a node', () => {
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes' }]
    const state = judgePod(pod({ phase: 'Pending', nodeName: null, conditions }))
    expect(state).toMatchObject({ type: 'starting', waiting: { what: 'schedule', message: '0/1 nodes' } })
  })
  test('has said its keys', () => {
    const state = judgePod(pod({ phase: 'Pending', prepare: terminated(0, '{"source":"a"}'), source: { running: {} } }))
    expect(state).toMatchObject({ type: 'starting', prepared: '{"source":"a"}' })
  })
})
