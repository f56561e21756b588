// Any pipeline document that is valid: stages, groups, loops, strategies, all kinds of steps that the manager itself can play.
import * as fc from 'fast-check'

type Json = Readonly<Record<string, unknown>>
let counter = 0
const named = (): { readonly identifier: string; readonly name: string } => {
  counter += 1
  return { identifier: `n${counter}`, name: `n${counter}` }
}
const target = { dbSchema: 's', dbInstance: 'i' }
const manual = { timeout: '1h', onTimeout: { action: { type: 'MarkAsFailure' } } }
const retry = { retryCount: 2, retryIntervals: ['10s', '1m'], onRetryFailure: { action: { type: 'StageRollback' } } }
/** Only where a stage or group says so: at a step some of them are refused. */
const wideStrategies = fc.constantFrom<readonly unknown[]>(
  [{ onFailure: { errors: ['AllErrors'], action: { type: 'MarkAsSuccess' } } }],
  [{ onFailure: { errors: ['AllErrors'], action: { type: 'Retry', spec: retry } } }],
  [{ onFailure: { errors: ['InputTimeoutError'], action: { type: 'ProceedWithDefaultValues' } } }],
)
const loop = fc.constantFrom<Json>(
  {},
  {},
  {},
  { strategy: { parallelism: 2 } },
  { strategy: { repeat: { items: ['x', 'y', 'z'], maxConcurrency: 1 } } },
  { strategy: { matrix: { one: ['x', 'y'], two: ['z'], maxConcurrency: 1 }, onFailure: 'RunAll' } },
)
const strategies = fc.constantFrom<readonly unknown[]>(
  [],
  [],
  ...['Ignore', 'MarkAsFailure', 'Abort', 'StageRollback', 'StepGroupRollback', 'PipelineRollback'].map((type) => [
    { onFailure: { errors: ['AllErrors'], action: { type } } },
  ]),
  [{ onFailure: { errors: ['Connectivity'], action: { type: 'Retry', spec: retry } } }],
  [{ onFailure: { errors: ['AllErrors'], action: { type: 'ManualIntervention', spec: manual } } }],
)
const whenStep = fc.constantFrom(undefined, undefined, 'Success', 'Failure', 'All')
const step = fc.record({
  kind: fc.constantFrom(
    'DBSchemaApply',
    'DBSchemaApply',
    'DBSchemaRollback',
    'DBSchemaUpdateSQL',
    'DBTestAndPreview',
    'HarnessApproval',
    'Wait',
    'Queue',
    'LiquibaseCommand',
    'ShellScript',
    'Run',
    'Http',
    'Email',
    'GitClone',
    'Late',
  ),
  failureStrategies: strategies,
  on: whenStep,
  loop,
})
const asStep = ({
  kind,
  failureStrategies: strategiesOf,
  on,
  loop: looped,
}: {
  kind: string
  failureStrategies: readonly unknown[]
  on: string | undefined
  loop: Json
}): Json => {
  // Retry at an approval is refused.
  const failureStrategies =
    kind === 'HarnessApproval' && JSON.stringify(strategiesOf).includes('"Retry"') ? [] : strategiesOf
  const specs: Readonly<Record<string, Json>> = {
    DBSchemaRollback: { ...target, changeSetCount: 1 },
    LiquibaseCommand: { ...target, command: 'tag', settings: { tag: 'x' } },
    HarnessApproval: { approvers: { minimumCount: 1, disallowPipelineExecutor: false } },
    DBTestAndPreview: { ...target, changeset: '<changeSet id="1" author="a"/>' },
    Wait: { duration: '10m' },
    Queue: { key: 'k', scope: 'Stage' },
    ShellScript: { shell: 'Bash', source: { type: 'Inline', spec: { script: 'true' } } },
    Run: { command: 'true' },
    Http: { method: 'GET', url: 'https://example.org' },
    GitClone: { connectorRef: 'git', repoName: 'r' },
    Email: { to: 'a@example.org', subject: 'x', body: 'y' },
  }
  const when = on === undefined ? {} : { when: { stageStatus: on } }
  // It asks for a value when it begins.
  const late = { ...target, tag: '<+input>.executionInput()' }
  const [type, spec] = kind === 'Late' ? ['DBSchemaApply', late] : [kind, specs[kind] ?? target]
  return { step: { ...named(), type, failureStrategies, ...when, ...looped, spec } }
}
/** Steps that wait for each other, one of them between others in a group of its own. */
const meeting = fc
  .tuple(strategies, whenStep, fc.array(step, { maxLength: 1 }), step, strategies)
  .map(([failureStrategies, on, before, after, ofGroup]): Json => {
    const { identifier: barrierRef } = named()
    const here = (more: Json): Json => ({ step: { ...named(), type: 'Barrier', ...more, spec: { barrierRef } } })
    const when = on === undefined ? {} : { when: { stageStatus: on } }
    const steps = [...before.map(asStep), here({ failureStrategies, ...when }), asStep(after)]
    return { parallel: [here({}), { stepGroup: { ...named(), failureStrategies: ofGroup, steps } }] }
  })
const element = fc.oneof(
  { weight: 1, arbitrary: meeting },
  { weight: 4, arbitrary: step.map(asStep) },
  {
    weight: 1,
    arbitrary: fc.array(step, { minLength: 1, maxLength: 3 }).map((parts) => ({ parallel: parts.map(asStep) })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.array(step, { minLength: 1, maxLength: 2 }),
        fc.array(step, { maxLength: 1 }),
        fc.oneof(strategies, wideStrategies),
        loop,
      )
      .map(([steps, back, failureStrategies, looped]): Json => {
        const parts = { steps: steps.map(asStep), rollbackSteps: back.map(asStep) }
        return { stepGroup: { ...named(), ...looped, failureStrategies, ...parts } }
      }),
  },
)
const stage = fc
  .record({
    steps: fc.array(element, { minLength: 1, maxLength: 3 }),
    rollbackSteps: fc.array(element, { maxLength: 2 }),
    failureStrategies: fc.oneof(strategies, wideStrategies),
    loop,
    timeout: fc.constantFrom(undefined, '1h'),
    on: whenStep,
    asks: fc.constantFrom(false, false, true),
  })
  .map(({ steps, rollbackSteps, failureStrategies, timeout, on, loop: looped, asks }): Json => {
    const when = on === undefined ? {} : { when: { pipelineStatus: on } }
    const asked = { name: 'asked', type: 'String', value: '<+input>.default(v0).executionInput()' }
    const spec = { execution: { steps, rollbackSteps } }
    return {
      stage: {
        ...named(),
        type: 'Custom',
        ...looped,
        failureStrategies,
        ...(timeout ? { timeout } : {}),
        ...(asks ? { variables: [asked] } : {}),
        ...when,
        spec,
      },
    }
  })
/** A barrier is no place of a loop. */
const meets = (stage: Json): boolean => JSON.stringify(stage).includes('"barrierRef"')
const once = (one: Json): Json => {
  const { strategy: _, ...rest } = one['stage'] as Record<string, unknown>
  return meets(one) ? { stage: rest } : one
}
/** Stages at the same time, of which each may go on only with the other. */
const together = ([one, other]: readonly [Json, Json], meet: boolean): Json => {
  if (!meet) return { parallel: [once(one), once(other)] }
  const { identifier: barrierRef } = named()
  const met = (stage: Json): Json => {
    const { spec, ...rest } = stage['stage'] as { spec: { execution: { steps: readonly Json[] } } }
    const step = { step: { ...named(), type: 'Barrier', timeout: '1h', spec: { barrierRef } } }
    return once({
      stage: { ...rest, spec: { execution: { ...spec.execution, steps: [step, ...spec.execution.steps] } } },
    })
  }
  return { parallel: [met(one), met(other)] }
}
export const anyPipeline = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: stage.map(once) },
      {
        weight: 1,
        arbitrary: fc.tuple(fc.tuple(stage, stage), fc.boolean()).map(([two, meet]) => together(two, meet)),
      },
    ),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  .map((stages) => {
    const barriers = new Set([...JSON.stringify(stages).matchAll(/"barrierRef":"(\w+)"/g)].map(([, name]) => name))
    const flowControl = { barriers: [...barriers].map((name) => ({ identifier: name, name })) }
    return JSON.stringify({ pipeline: { identifier: 'p', name: 'P', timeout: '1d', flowControl, stages } })
  })
