// Commands of the engine as steps that change a database, over the API with real steps: an approval binds how far they go, and
// drop-all drops what was listed and nothing else.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from '#database/open'
import { join } from 'node:path'
import type { PlanPayload } from '#contract/change-set'
import { isFinal } from '#contract/pipeline/status'
import { approval, pipeline, stage, step, strategy } from './document.ts'
import { here, openRealWorld, processRunner, type RealWorld } from './real-world.ts'

const changelog = `--liquibase formatted sql
--changeset shop:one
create table one (id int primary key);
--rollback drop table one;
--changeset shop:two
create table two (id int primary key);
--rollback drop table two;
`
const target = { dbSchema: 'shop', dbInstance: 'dev' }
const command = (identifier: string, name: string, settings: object = {}, more: object = {}) =>
  step(identifier, 'LiquibaseCommand', { ...target, command: name, settings }, more)

let world: RealWorld
beforeAll(async () => {
  world = await openRealWorld({ changelog })
  await world.delegate('able', await world.token(), { runner: processRunner() })
})
afterAll(() => world.close())

async function run(identifier: string, ...steps: readonly object[]): Promise<string> {
  const yaml = pipeline(identifier, [stage('s', ...steps)])
  await world.client.createPipeline({ params: here, body: { identifier, name: identifier, pipeline_yaml: yaml } })
  const started = await world.client.executePipeline({ params: { ...here, pipeline: identifier }, body: {} })
  return started.execution_details.execution_id
}

/** Waits for the approval, looks at the plans that it shows, and approves them. */
async function approve(execution: string, at: string): Promise<readonly PlanPayload[]> {
  await world.until(execution, ({ nodes }) => nodes.some(({ id, status }) => id === at && status === 'ApprovalWaiting'))
  const plans = await world.client.getPlan({ params: { ...here, execution, node: at } })
  const { rows } = await world.client.listApprovals({ params: here, query: { execution, status: 'WAITING' } })
  const params = { ...here, approval: rows[0]?.id ?? '' }
  await world.client.decideApproval({
    params,
    body: { action: 'APPROVE', comments: '', planDigests: rows[0]?.planDigests },
  })
  return plans
}

async function ended(execution: string) {
  const done = await world.until(execution, ({ status }) => isFinal(status))
  const node = (id: string) => done.nodes.find((one) => one.id === `s.${id}`)
  return { told: done.nodes.map(({ id, status, fault }) => `${id} ${status} ${fault?.code ?? ''}`.trimEnd()), node }
}

async function tables(): Promise<readonly string[]> {
  const url = `jdbc:sqlite:${join(world.folder, 'target.db')}`
  const database = await openDatabase({ url, username: undefined, password: undefined })
  try {
    const { rows } = await database.session.execute("select name from sqlite_master where type = 'table' order by name")
    return rows.map((row) => String(row['name'])).filter((name) => !name.startsWith('DATABASECHANGELOG'))
  } finally {
    await database.close()
  }
}

const ignored = { failureStrategies: [strategy('Ignore')] }

test('an approval binds the commands that run how it begins, and no more than it showed', {
  timeout: 60_000,
}, async () => {
  const execution = await run(
    'beginning',
    step('preview', 'DBSchemaUpdateSQL', target),
    approval('whole'),
    command('first', 'update-count', { count: '1' }),
    command('undo', 'rollback-to-date', { date: '2020-01-01' }),
    command('preview_one', 'update-count-sql', { count: '1' }),
    // Looks only: what was shown stays what would run.
    command('look', 'history', {}),
    approval('one'),
    step('all', 'DBSchemaApply', target, ignored),
    command('rehearse', 'update-testing-rollback', {}, ignored),
  )
  const idsOf = (plans: readonly PlanPayload[]) => plans.map((plan) => plan.changeSets.map(({ id }) => id))
  expect(idsOf(await approve(execution, 's.whole'))).toEqual([['one', 'two']])
  expect(idsOf(await approve(execution, 's.one'))).toEqual([['one']])
  const { told, node } = await ended(execution)
  expect(told.filter((one) => !one.endsWith(' Success'))).toEqual([
    's IgnoreFailed',
    's.all IgnoreFailed plan-changed',
    's.rehearse IgnoreFailed plan-changed',
  ])
  expect(node('first')?.output['changeSets']).toEqual(['changelog.sql::one::shop'])
  expect(node('undo')?.output['changeSets']).toEqual(['changelog.sql::one::shop'])
  expect(await tables()).toEqual([])
})

test('drop-all drops what an approver saw, and refuses when there is more', { timeout: 60_000 }, async () => {
  const execution = await run(
    'drop',
    command('rehearse', 'update-testing-rollback'),
    command('list', 'drop-all-sql'),
    approval('ok'),
    command('more', 'execute-sql', { sql: 'create table more (id int)' }),
    command('drop', 'drop-all', {}, ignored),
    command('list_again', 'drop-all-sql'),
    approval('again'),
    command('drop_again', 'drop-all', { force: 'true' }),
  )
  const [plan] = await approve(execution, 's.ok')
  const statements = plan?.changeSets.flatMap((changeSet) => changeSet.statements) ?? []
  expect(statements.map((text) => text.replaceAll(/[^a-z ]/gi, '').toLowerCase()).toSorted()).toEqual([
    'drop table if exists one',
    'drop table if exists two',
  ])
  await approve(execution, 's.again')
  const { told, node } = await ended(execution)
  expect(told.filter((one) => !one.endsWith(' Success'))).toEqual([
    's IgnoreFailed',
    's.drop IgnoreFailed plan-changed',
  ])
  expect(node('rehearse')?.output).toMatchObject({ changeSets: [expect.any(String), expect.any(String)] })
  expect(node('drop_again')?.output['result']).toMatch(/^3 objects were dropped\n/)
  expect(await tables()).toEqual([])
})
