// Every action of failure strategies, loops, and going on where a run failed, over the API with real steps: the statuses are those
// that the compatible product documents.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Execution } from '#contract/api/execution'
import { isFinal } from '#contract/pipeline/status'
import { group, handles, pipeline, stage, stageWith, step, strategy } from './document.ts'
import { here, openRealWorld, processRunner, type RealWorld } from './real-world.ts'

const changelog = `--liquibase formatted sql
--changeset shop:one
create table one (id int primary key);
--rollback drop table one;
--changeset shop:two runInTransaction:false
insert into nowhere values (1);
--rollback select 1;
`
let world: RealWorld
beforeAll(async () => {
  world = await openRealWorld({ changelog })
  const environment = { ...process.env, SLUICE_ALLOW_SCRIPTS: 'true' }
  const checks = { hasDriver: async () => true }
  await world.delegate('able', await world.token(), {
    runner: processRunner(environment),
    environment,
    checks,
    capacity: 6,
  })
})
afterAll(() => world.close())

const run = (identifier: string, command: string, more: object = {}) => step(identifier, 'Run', { command }, more)
const ok = (identifier: string, more: object = {}) => run(identifier, 'true', more)
const bad = (identifier: string, more: object = {}) => run(identifier, 'exit 1', more)
const always = { when: { pipelineStatus: 'All' } }
const target = { dbSchema: 'shop', dbInstance: 'dev' }

async function start(identifier: string, stages: readonly object[]): Promise<string> {
  const body = { identifier, name: identifier, pipeline_yaml: pipeline(identifier, stages) }
  await world.client.createPipeline({ params: here, body })
  const started = await world.client.executePipeline({ params: { ...here, pipeline: identifier }, body: {} })
  return started.execution_details.execution_id
}
const statusesOf = ({ nodes, status }: Execution): Readonly<Record<string, string>> =>
  Object.fromEntries([['', status], ...nodes.map((node) => [node.id, node.status] as const)])
const ended = async (execution: string) => statusesOf(await world.until(execution, ({ status }) => isFinal(status)))
/** Timers of a kind that wait are due at once. */
const due = (kind: string) =>
  sql`update execution_timer set due_at = now() where kind = ${kind}`.execute(world.store.db)
const waitFor = (execution: string, node: string, status: string) =>
  world.until(execution, ({ nodes }) => nodes.some((one) => one.id === node && one.status === status))

test('what a step, its group and its stage are after each action', { timeout: 90_000 }, async () => {
  const execution = await start('actions', [
    {
      parallel: [
        stage('ignore', bad('bad', handles('Ignore')), ok('next')),
        stage('success', bad('bad', handles('MarkAsSuccess')), ok('next')),
        stage(
          'failure',
          bad('bad', handles('MarkAsFailure')),
          ok('next'),
          ok('after', { when: { stageStatus: 'Failure' } }),
        ),
        stageWith('in_group', {
          steps: [
            group('g', [ok('ok'), bad('bad')], { rollbackSteps: [ok('undo')], ...handles('StepGroupRollback') }),
            ok('next'),
          ],
          rollbackSteps: [ok('undo')],
        }),
        stageWith('in_stage', {
          steps: [group('g', [bad('bad', handles('StageRollback'))], { rollbackSteps: [ok('undo')] }), ok('next')],
          rollbackSteps: [ok('undo')],
        }),
        // The nearest level decides, and there the first entry that matches.
        stageWith(
          'levels',
          { steps: [group('g', [bad('bad', handles('Abort', undefined, ['Timeout']))], handles('Ignore'))] },
          handles('StageRollback'),
        ),
      ],
    },
    stageWith('not_begun', { steps: [ok('never')] }),
    stageWith('clean_up', { steps: [ok('cleans')] }, { when: { pipelineStatus: 'Failure' } }),
  ])
  expect(await ended(execution)).toEqual({
    '': 'Failed',
    ignore: 'IgnoreFailed',
    'ignore.bad': 'IgnoreFailed',
    'ignore.next': 'Success',
    success: 'Success',
    'success.bad': 'Success',
    'success.next': 'Success',
    failure: 'Failed',
    'failure.bad': 'Failed',
    'failure.next': 'Skipped',
    'failure.after': 'Success',
    in_group: 'Failed',
    'in_group.g': 'Failed',
    'in_group.g.ok': 'Success',
    'in_group.g.bad': 'Failed',
    'in_group.g.undo': 'Success',
    'in_group.next': 'Skipped',
    'in_group.undo': 'Skipped',
    in_stage: 'Failed',
    'in_stage.g': 'Failed',
    'in_stage.g.bad': 'Failed',
    'in_stage.g.undo': 'Success',
    'in_stage.next': 'Skipped',
    'in_stage.undo': 'Success',
    levels: 'IgnoreFailed',
    'levels.g': 'IgnoreFailed',
    'levels.g.bad': 'IgnoreFailed',
    not_begun: 'Skipped',
    'not_begun.never': 'Skipped',
    clean_up: 'Success',
    'clean_up.cleans': 'Success',
  })
})

test('an abort rolls nothing back, and a rollback of the pipeline comes to every stage that began', {
  timeout: 60_000,
}, async () => {
  const rolls = (identifier: string, step: object) =>
    stageWith(identifier, { steps: [step], rollbackSteps: [ok('undo')] })
  const abort = await start('aborts', [
    rolls('first', ok('ok')),
    rolls('second', bad('bad', handles('Abort'))),
    rolls('third', ok('ok')),
  ])
  const back = await start('goes_back', [
    rolls('first', ok('ok')),
    rolls('second', bad('bad', handles('PipelineRollback'))),
    rolls('third', ok('ok')),
  ])
  expect(await ended(abort)).toMatchObject({
    '': 'Aborted',
    'first.ok': 'Success',
    'first.undo': 'Skipped',
    'second.bad': 'Failed',
    'second.undo': 'Skipped',
    'third.ok': 'Skipped',
  })
  expect(await ended(back)).toMatchObject({
    '': 'Failed',
    'first.undo': 'Success',
    'second.undo': 'Success',
    'third.ok': 'Skipped',
    'third.undo': 'Skipped',
  })
})

test('retry, a person, defaults of inputs, and what follows when nobody comes', { timeout: 90_000 }, async () => {
  const once = join(world.folder, 'once')
  const retry = (action: string) => ({
    retryCount: 1,
    retryIntervals: ['10m'],
    onRetryFailure: { action: { type: action } },
  })
  const person = { timeout: '1h', onTimeout: { action: { type: 'Ignore' } } }
  const late = { timeout: '1h', ...handles('ProceedWithDefaultValues', undefined, ['InputTimeoutError']) }
  const execution = await start('people', [
    {
      parallel: [
        stage(
          'again',
          run('flaky', `test -e '${once}' || { touch '${once}'; exit 1; }`, handles('Retry', retry('Abort'))),
        ),
        stage('spent', bad('bad', handles('Retry', retry('Ignore')))),
        stage('marked', bad('bad', { failureStrategies: [strategy('ManualIntervention', person)] }), ok('next')),
        stage('nobody', bad('bad', handles('ManualIntervention', person))),
        stage(
          'asked',
          step(
            'late',
            'Run',
            {
              command: 'said=$SAID',
              envVariables: { SAID: '<+input>.default(well).executionInput()' },
              outputVariables: [{ name: 'said' }],
            },
            late,
          ),
        ),
      ],
    },
  ])
  const node = 'marked.bad'
  await waitFor(execution, node, 'InterventionWaiting')
  await world.client.resolveNode({
    params: { ...here, execution, node },
    body: { action: 'MarkAsFailure', reason: 'seen' },
  })
  await waitFor(execution, 'nobody.bad', 'InterventionWaiting')
  await due('intervention')
  await world.until(
    execution,
    ({ nodes }) => nodes.filter(({ statusReason }) => statusReason?.startsWith('is tried again')).length === 2,
  )
  expect(existsSync(once)).toBe(true)
  await waitFor(execution, 'asked.late', 'InputWaiting')
  await due('timeout')
  await due('retry')
  const told = await world.until(execution, ({ status }) => isFinal(status))
  expect(statusesOf(told)).toMatchObject({
    '': 'Failed',
    'again.flaky': 'Success',
    'spent.bad': 'IgnoreFailed',
    'marked.bad': 'Failed',
    'marked.next': 'Skipped',
    'nobody.bad': 'IgnoreFailed',
    'asked.late': 'Success',
  })
  expect(told.nodes.find(({ id }) => id === 'asked.late')?.output['outputVariables']).toEqual({ said: 'well' })
  expect(told.nodes.find(({ id }) => id === 'again.flaky')?.attempts).toBe(2)
})

test('loops, and going on where a run failed, which keeps what was done', { timeout: 60_000 }, async () => {
  const fixed = join(world.folder, 'fixed')
  const execution = await start('loops', [
    stage(
      'done',
      run('each', 'echo <+repeat.item>', { strategy: { repeat: { items: ['a', 'b'], maxConcurrency: 1 } } }),
      run('both', 'test <+matrix.one> != y', {
        strategy: { matrix: { one: ['x', 'y', 'z'], maxConcurrency: 1 }, onFailure: 'RunAll' },
        ...handles('Ignore'),
      }),
    ),
    stage('fails', run('bad', `test -e '${fixed}'`, handles('MarkAsFailure'))),
    stageWith('last', { steps: [run('fix', `touch '${fixed}'`)] }, always),
  ])
  const first = await ended(execution)
  expect(first).toMatchObject({
    '': 'Failed',
    done: 'IgnoreFailed',
    'done.each_0': 'Success',
    'done.each_1': 'Success',
    'done.both_0': 'Success',
    'done.both_1': 'IgnoreFailed',
    'done.both_2': 'Success',
    fails: 'Failed',
    last: 'Success',
  })
  const again = await world.client.retryExecution({ params: { ...here, execution }, body: { stage: 'fails' } })
  const second = await world.until(again.execution_details.execution_id, ({ status }) => isFinal(status))
  expect(statusesOf(second)).toMatchObject({ '': 'IgnoreFailed', 'fails.bad': 'Success', 'last.fix': 'Success' })
  expect(second.nodes.find(({ id }) => id === 'done.each_0')).toMatchObject({ status: 'Success', attempt: null })
})

test('a database step that fails is rolled back to where it began, also what is recorded as run', {
  timeout: 60_000,
}, async () => {
  const apply = (identifier: string, more: object = {}) => step(identifier, 'DBSchemaApply', { ...target, ...more })
  const back = step('back', 'DBSchemaRollback', { ...target, tag: '<+execution.steps.apply.output.preStartTag>' })
  const history = step(
    'history',
    'LiquibaseCommand',
    { ...target, command: 'history', excludeChangeLogFile: true },
    { when: { stageStatus: 'All' } },
  )
  const execution = await start('database', [
    stageWith('rolled', { steps: [apply('apply')], rollbackSteps: [back] }),
    stageWith(
      'marked',
      { steps: [apply('apply', { markNextChangeSetRun: true }), history], rollbackSteps: [] },
      always,
    ),
  ])
  const told = await world.until(execution, ({ status }) => isFinal(status))
  expect(statusesOf(told)).toEqual({
    '': 'Failed',
    rolled: 'Failed',
    'rolled.apply': 'Failed',
    'rolled.back': 'Success',
    marked: 'Failed',
    'marked.apply': 'Failed',
    'marked.history': 'Success',
  })
  const outputOf = (id: string) => told.nodes.find((node) => node.id === id)?.output
  expect(outputOf('rolled.back')?.['changeSets']).toEqual(['changelog.sql::one::shop'])
  expect(outputOf('marked.history')?.['result']).toMatch(/changelog.sql::one::shop\nchangelog.sql::two::shop/)
})
