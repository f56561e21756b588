import { describe, expect, test } from 'vitest'
import type { EventBody, LiveEvent } from '#contract/event/live'
import { addWork, needsReading, noWork } from './execution-state.ts'

const event = (body: EventBody, at = 5000): LiveEvent => ({
  id: '1',
  at,
  actor: { type: 'system', name: 'system' },
  execution: 'e',
  body,
})
test('what asks for a new reading of the execution', () => {
  expect(needsReading(event({ type: 'log.committed', attempt: '1', node: 'a', committed: 10 }))).toBe(false)
  expect(needsReading(event({ type: 'plan.posted', node: 'a', digest: 'd' }))).toBe(true)
  expect(needsReading(event({ type: 'node.status', node: 'a', status: 'Running' }))).toBe(true)
})

describe('the change sets of a step', () => {
  const work = (phase: 'started' | 'finished', id: string, rest: object = {}, at = 1000): LiveEvent =>
    event(
      {
        type: 'change-set.state',
        attempt: '7',
        node: 'a',
        dbSchema: 's',
        dbInstance: 'i',
        fileName: 'f.yaml',
        id,
        author: 'ann',
        phase,
        ...rest,
      },
      at,
    )
  const shown = (known: ReturnType<typeof addWork>) =>
    [...(known.get('a')?.values() ?? [])].map(
      (one) => `${one.id} ${one.status ?? 'in progress'} ${one.duration ?? '-'}`,
    )

  test('begin and end', () => {
    const begun = addWork(noWork, [work('started', '001'), work('started', '002')])
    expect(shown(begun)).toEqual(['001 in progress -', '002 in progress -'])
    const ended = addWork(begun, [work('finished', '001', { status: 'Successfully_Deployed', duration: 12 })])
    expect(shown(ended)).toEqual(['001 Successfully_Deployed 12', '002 in progress -'])
    expect(shown(begun)).toEqual(['001 in progress -', '002 in progress -'])
  })

  test('stand though events come twice or without their start', () => {
    const failed = work('finished', '001', { status: 'Deployment_Failed', duration: 200, error: 'no' }, 1200)
    const known = addWork(noWork, [failed, work('started', '001'), failed])
    expect(shown(known)).toEqual(['001 Deployment_Failed 200'])
    expect([...known.get('a')!.values()][0]).toMatchObject({ startedAt: 1000, error: 'no' })
  })

  test('are the same object when nothing concerns them', () => {
    const known = addWork(noWork, [work('started', '001')])
    expect(addWork(known, [event({ type: 'plan.posted', node: 'a', digest: 'd' })])).toBe(known)
  })
})
