import { describe, expect, test } from 'vitest'
import { Run as PlainRun } from '../../test/pipeline/run.ts'
import { readPipeline } from './read/pipeline.ts'

/** Here the requests to hold something are what is looked at. */
class Run extends PlainRun {
  constructor(text: string) {
    super(text, (_, transition) => transition)
  }
  said(): readonly string[] {
    return this.commands.map(({ type, node }) => `${type} ${node}`)
  }
}
const step = (id: string, type: string, spec: string, more = '') =>
  `{ step: { identifier: ${id}, name: ${id}, type: ${type}, spec: { ${spec} } ${more} } }`
const apply = (id: string, instance = 'i') => step(id, 'DBSchemaApply', `dbSchema: s, dbInstance: "${instance}"`)
const stage = (id: string, steps: string[], more = '') =>
  `{ stage: { identifier: ${id}, name: ${id}, type: Custom, spec: { execution: { steps: [${steps.join()}] } } ${more} } }`
const pipeline = (stages: string, more = '') =>
  `pipeline: { identifier: p, name: P, variables: [{ name: env, type: String, value: dev }], stages: [${stages}] ${more} }`
const done = (node: string) =>
  ({ type: 'attempt-ended', node, number: 1, result: { outcome: 'success', output: {} } }) as const

describe('a stage that changes instances', () => {
  test('asks for all of them, waits, and gives them back when it ends', () => {
    const look = step('look', 'DBSchemaUpdateSQL', 'dbSchema: s, dbInstance: other')
    const run = new Run(pipeline(stage('a', [look, apply('x', '<+pipeline.variables.env>'), apply('y'), apply('z')])))
    expect(run.commands).toEqual([
      {
        type: 'request-hold',
        node: 'a',
        targets: [
          { dbSchema: 's', dbInstance: 'dev' },
          { dbSchema: 's', dbInstance: 'i' },
        ],
      },
    ])
    run.tell({ type: 'hold-delayed', node: 'a' })
    expect([run.status('a'), run.status('a.look')]).toEqual(['ResourceWaiting', 'NotStarted'])
    run.tell({ type: 'hold-granted', node: 'a' })
    expect(run.said()).toEqual(['run-step a.look'])
    for (const node of ['a.look', 'a.x', 'a.y', 'a.z']) run.tell(done(node))
    expect(run.said()).toContain('release-hold a')
    expect(run.state.status).toBe('Success')
  })
  test('aborted or too late while it waits, it leaves the line', () => {
    const waiting = pipeline(stage('a', [apply('x')], ', timeout: 1h'))
    for (const event of [
      { type: 'abort', by: 'Dana' },
      { type: 'timer', node: 'a', kind: 'timeout' },
    ] as const) {
      const run = new Run(waiting).tell(event)
      expect(run.said()).toContain('release-hold a')
      expect(run.status('a.x')).toBe('Skipped')
      expect(['Aborted', 'Expired']).toContain(run.state.status)
      expect(run.tell({ type: 'hold-granted', node: 'a' }).commands).toEqual([])
    }
  })
  test('one that only looks waits for nobody', () => {
    const run = new Run(pipeline(stage('a', [step('look', 'DBSchemaUpdateSQL', 'dbSchema: s, dbInstance: i')])))
    expect(run.said()).toEqual(['run-step a.look'])
  })
})

describe('Queue', () => {
  const yaml = (scope: string) =>
    pipeline(
      [
        stage('a', [step('q', 'Queue', `key: "k_<+pipeline.variables.env>", scope: ${scope}`, ', timeout: 1h')]),
        stage('b', [step('w', 'Wait', 'duration: 1m')]),
      ].join(),
    )
  test('goes on when the key is its own, and gives it back with its stage', () => {
    const run = new Run(yaml('Stage'))
    expect(run.commands[0]).toEqual({ type: 'request-hold', node: 'a.q', targets: [], key: 'k_dev' })
    run.tell({ type: 'hold-granted', node: 'a.q' })
    expect(run.said()).toContain('release-hold a.q')
    expect(run.status('b.w')).toBe('Running')
  })
  test('or keeps it to the end of the run', () => {
    const run = new Run(yaml('Pipeline')).tell({ type: 'hold-granted', node: 'a.q' })
    expect(run.said()).not.toContain('release-hold a.q')
  })
  test('too late, it has failed and left the line', () => {
    const run = new Run(yaml('Stage')).tell({ type: 'timer', node: 'a.q', kind: 'timeout' })
    expect(run.said()).toContain('release-hold a.q')
    expect([run.status('a.q'), run.state.status]).toEqual(['Expired', 'Expired'])
  })
})

describe('Barrier', () => {
  const barrier = (id: string, more = '') => step(id, 'Barrier', 'barrierRef: meet', more)
  const wait = (id: string) => step(id, 'Wait', 'duration: 1m')
  const declared = ', flowControl: { barriers: [{ identifier: meet, name: Meet }] }'
  const branches = (one: string[], other: string[]) =>
    pipeline(`{ parallel: [${stage('a', one)}, ${stage('b', other)}] }`, declared)
  test('who arrives waits for the others, then all go on', () => {
    const run = new Run(branches([barrier('m'), wait('after')], [wait('before'), barrier('m')]))
    expect([run.status('a.m'), run.status('b.before')]).toEqual(['ResourceWaiting', 'Running'])
    run.tell({ type: 'timer', node: 'b.before', kind: 'wait' })
    expect([run.status('a.m'), run.status('b.m'), run.status('a.after')]).toEqual(['Success', 'Success', 'Running'])
  })
  test('one that fails before it takes the others with it; one left out by its condition is not waited for', () => {
    const failing = step('go', 'DBSchemaUpdateSQL', 'dbSchema: s, dbInstance: i')
    const run = new Run(branches([barrier('m')], [failing, barrier('m')]))
    const result = { outcome: 'failure', output: {}, fault: { code: 'change-set-failed', message: 'No.' } } as const
    run.tell({ type: 'attempt-ended', node: 'b.go', number: 1, result })
    expect([run.status('a.m'), run.state.nodes['a.m']?.reason]).toEqual([
      'Failed',
      'b.m does not come to the barrier meet',
    ])
    const skipped = barrier('m', ', when: { stageStatus: Success, condition: "false" }')
    expect(new Run(branches([barrier('m')], [skipped])).state.status).toBe('Success')
  })
  test('too late', () => {
    const run = new Run(branches([barrier('m')], [wait('w'), barrier('m')])).tell({
      type: 'timer',
      node: 'a.m',
      kind: 'timeout',
    })
    expect(run.status('a.m')).toBe('Expired')
  })
  test.each([
    [
      branches([barrier('m')], [wait('w')]).replace('barrierRef: meet', 'barrierRef: other'),
      'No barrier is called `other`',
    ],
    [branches([barrier('m'), barrier('n')], [wait('w')]), 'can never be at the barrier meet at the same time'],
    [
      branches([barrier('m', ', strategy: { repeat: { times: 2, maxConcurrency: 1 } }')], [wait('w')]),
      'cannot stand in a loop',
    ],
  ])('%s is refused', (yaml, message) => {
    expect(
      readPipeline(yaml)
        .diagnostics.map((finding) => finding.message)
        .join(),
    ).toContain(message)
  })
})
