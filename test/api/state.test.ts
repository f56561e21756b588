// Deployed state as the observer of the work queue keeps it and the API shows it: told as runs of steps on two instances.
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { api } from '#contract/api/index'
import type { Client } from '#contract/client'
import type { StepWork } from '#contract/delegate/step-spec'
import { sayWhatIsMissing, storeKinds } from '../store/store.ts'
import { fqn, on, type Run, runStep } from './step-run.ts'
import { addProject, openWorld, type World } from './world.ts'

let world: World
let admin: Client<typeof api>
let projectId = ''
let count = 0
let dbschema = ''
const scope = { org: 'default', project: 'shop' }

const run = (dbInstance: string, type: StepWork['type'], work: object = {}): Promise<Run> =>
  runStep(world, { projectId, dbSchema: dbschema, dbInstance }, (count += 1), type, work)

/** The matrix as text: one line for each change set, `id dev prod`. */
async function matrix(query: object = {}, instanceFilter?: object): Promise<string[]> {
  const { body } = await admin.getMigrationState({
    params: { ...scope, dbschema },
    query,
    body: instanceFilter === undefined ? {} : { instanceFilter },
  })
  const short = { Successfully_Deployed: '+', Not_Deployed: '.', Rolled_Back: '<', Deployment_Failed: '!' }
  return body.changeSets.map((changeSet) =>
    [changeSet.changeSet, ...changeSet.instances.map(({ status }) => short[status]), changeSet.synced ? '=' : '']
      .join(' ')
      .trim(),
  )
}
const stateOf = async (id: string, instance = 'dev') => {
  const { body } = await admin.getMigrationState({ params: { ...scope, dbschema } })
  return body.changeSets.find(({ changeSet }) => changeSet === id)?.instances.find((one) => one.instance === instance)
}
const deployed = async (
  of: Run,
  stepType: 'DBSchemaApply' | 'DBSchemaRollback' = 'DBSchemaApply',
  query: object = {},
) =>
  admin.getDeployedState({
    params: { ...scope, dbschema, dbinstance: 'dev' },
    query,
    body: { planExecutionId: of.execution, stageExecutionId: 'dev', stepType, pipeline: 'release' },
  })
const statuses = async (of: Run, stepType?: 'DBSchemaApply' | 'DBSchemaRollback') =>
  (await deployed(of, stepType)).rows.map(({ changeSetId, status }) => `${changeSetId} ${status}`)

sayWhatIsMissing('deployed state')
describe.each(storeKinds)('deployed state on %s', (kind) => {
  beforeAll(async () => {
    world = await openWorld({}, kind)
    admin = world.as('admin')
    await addProject(world)
    projectId = (await world.store.db.selectFrom('project').select('id').executeTakeFirstOrThrow()).id
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    dbschema = `s${(count += 1)}`
    await admin.createDbSchema({
      params: scope,
      body: { identifier: dbschema, name: 'S', changelog: { connector: 'git', location: 'c.yaml' } },
    })
    for (const identifier of ['dev', 'prod'])
      await admin.createDbInstance({
        params: { ...scope, dbschema },
        body: { identifier, connector: identifier, branch: 'main' },
      })
  })

  describe('an apply', () => {
    test('shows each change set while it runs, when it is done, and where it came from', async () => {
      const apply = await run('dev', 'DBSchemaApply')
      await apply.started('one')
      expect(await statuses(apply)).toEqual(['one IN_PROGRESS'])
      await apply.finished('one', { comment: 'first', labels: 'l' })
      await apply.started('two')
      await apply.finished('two')
      await apply.told([on('one', 'Successfully_Deployed', { tag: 'v1' }), on('two', 'Successfully_Deployed')], 'v1')
      await apply.end({ outcome: 'success' })
      expect(await statuses(apply)).toEqual(['one SUCCESS', 'two SUCCESS'])
      expect((await deployed(apply)).rows[0]).toMatchObject({
        changeSetFQN: fqn('one'),
        comment: 'first',
        label: 'l',
        command: 'Update',
        metadata: { pipeline: 'release', planExecutionId: apply.execution, stageExecutionId: 'dev' },
        deployedInCurrentExecution: true,
      })
      expect(await matrix()).toEqual(['one + .', 'two + .'])
      expect(await stateOf('one')).toMatchObject({
        tag: 'v1',
        pipeline: 'release',
        planExecutionId: apply.execution,
        stageExecutionId: 'dev',
      })
      const instance = await admin.getDbInstance({ params: { ...scope, dbschema, dbinstance: 'dev' } })
      expect(instance.lastDeployedChangeSetTag).toBe('v1')
    })

    test('on all instances it is synced', async () => {
      for (const instance of ['dev', 'prod']) {
        const apply = await run(instance, 'DBSchemaApply')
        await apply.finished('one')
      }
      expect(await matrix()).toEqual(['one + + ='])
      expect(await matrix({}, { instances: ['prod'] })).toEqual(['one + ='])
    })

    test('that fails leaves the failed one failed and the rest as it was', async () => {
      const apply = await run('dev', 'DBSchemaApply')
      await apply.finished('one')
      await apply.started('two')
      await apply.finished('two', { status: 'Deployment_Failed', error: 'relation exists' })
      await apply.told([on('one', 'Successfully_Deployed'), on('two', 'Not_Deployed'), on('three', 'Not_Deployed')])
      await apply.end({ outcome: 'failure', fault: { code: 'change-set-failed', message: 'two failed' } })
      expect(await statuses(apply)).toEqual(['one SUCCESS', 'two FAILURE'])
      expect(await matrix()).toEqual(['one + .', 'two ! .', 'three . .'])
      expect(await stateOf('two')).toMatchObject({ error: 'relation exists' })
      const again = await run('dev', 'DBSchemaApply')
      await again.finished('two')
      expect(await stateOf('two')).not.toHaveProperty('error')
    })

    test('whose step ends in the middle fails what was open; cancelled, it is cancelled', async () => {
      const failed = await run('dev', 'DBSchemaApply')
      await failed.started('one')
      await failed.end({ outcome: 'failure', fault: { code: 'timed-out', message: 'too slow' } })
      expect(await statuses(failed)).toEqual(['one FAILURE'])
      expect(await stateOf('one')).toMatchObject({ status: 'Deployment_Failed', error: 'too slow' })
      const cancelled = await run('dev', 'DBSchemaApply')
      await cancelled.started('two')
      await cancelled.end({ outcome: 'cancelled' })
      expect(await statuses(cancelled)).toEqual(['two CANCELLED'])
      expect(await matrix()).toEqual(['one ! .'])
    })

    test('tells the same twice without harm', async () => {
      const apply = await run('dev', 'DBSchemaApply')
      const changeSets = [on('one', 'Successfully_Deployed', { executedAt: 1_700_000_000_000 })]
      await apply.started('one')
      await apply.started('one')
      await apply.told(changeSets)
      const first = await stateOf('one')
      expect(first?.updated).toBe(1_700_000_000)
      await apply.told(changeSets)
      expect(await stateOf('one')).toEqual(first)
    })
  })

  describe('a rollback', () => {
    test('shows what was rolled back, and keeps showing it when the changelog is told', async () => {
      const apply = await run('dev', 'DBSchemaApply')
      await apply.finished('one')
      await apply.finished('two')
      const back = await run('dev', 'DBSchemaRollback')
      await back.finished('two', { sql: ['drop two'] })
      await back.told([on('one', 'Successfully_Deployed'), on('two', 'Not_Deployed')])
      await back.end({ outcome: 'success' })
      expect(await matrix()).toEqual(['one + .', 'two < .'])
      expect(await statuses(back, 'DBSchemaRollback')).toEqual(['two SUCCESS'])
      expect(await statuses(back)).toEqual([])
    })

    test('that fails leaves the change set deployed', async () => {
      const apply = await run('dev', 'DBSchemaApply')
      await apply.finished('one')
      const back = await run('dev', 'DBSchemaRollback')
      await back.started('one')
      await back.finished('one', { status: 'Deployment_Failed', error: 'in use' })
      await back.end({ outcome: 'failure' })
      expect(await matrix()).toEqual(['one + .'])
      expect(await statuses(back, 'DBSchemaRollback')).toEqual(['one FAILURE'])
    })
  })

  describe('a step that was lost', () => {
    const lostWork = { lostWork: 'DBSchemaApply' }
    test('stays open until its history was read, then ends as it really did', async () => {
      const lost = await run('dev', 'DBSchemaApply')
      for (const id of ['one', 'two']) await lost.started(id)
      await lost.end({ outcome: 'unknown' })
      expect(await statuses(lost)).toEqual(['one IN_PROGRESS', 'two IN_PROGRESS'])
      const reconcile = await run('dev', 'Reconcile', { ...lostWork, lostAttempt: lost.attempt.id })
      await reconcile.told([on('one', 'Successfully_Deployed'), on('two', 'Not_Deployed')])
      expect(await statuses(lost)).toEqual(['one SUCCESS', 'two IN_PROGRESS'])
      await reconcile.end({
        outcome: 'success',
        reconcile: { verdict: 'resumable', explanation: 'two has not begun.' },
      })
      expect(await statuses(lost)).toEqual(['one SUCCESS', 'two FAILURE'])
      expect(await stateOf('two')).toMatchObject({
        status: 'Deployment_Failed',
        error: expect.stringContaining('lost'),
      })
    })

    test('stays open when reading the history did not work either', async () => {
      const lost = await run('dev', 'DBSchemaApply')
      await lost.started('one')
      await lost.end({ outcome: 'unknown' })
      const reconcile = await run('dev', 'Reconcile', { ...lostWork, lostAttempt: lost.attempt.id })
      await reconcile.end({ outcome: 'failure', fault: { code: 'database-unreachable', message: 'away' } })
      expect(await statuses(lost)).toEqual(['one IN_PROGRESS'])
    })

    test('a lost rollback that got through shows as rolled back', async () => {
      const apply = await run('dev', 'DBSchemaApply')
      for (const id of ['one', 'two']) await apply.finished(id)
      const lost = await run('dev', 'DBSchemaRollback')
      for (const id of ['two', 'one']) await lost.started(id)
      await lost.end({ outcome: 'unknown' })
      const work = { lostWork: 'DBSchemaRollback', lostAttempt: lost.attempt.id }
      const reconcile = await run('dev', 'Reconcile', work)
      await reconcile.told([on('one', 'Successfully_Deployed'), on('two', 'Not_Deployed')])
      await reconcile.end({ outcome: 'success', reconcile: { verdict: 'resumable', explanation: 'one is left.' } })
      expect(await statuses(lost, 'DBSchemaRollback')).toEqual(['two SUCCESS', 'one FAILURE'])
      expect(await matrix()).toEqual(['one + .', 'two < .'])
    })
  })

  describe('the matrix', () => {
    test('has the order of the changelog that was told last; what only others have comes after', async () => {
      const prod = await run('prod', 'DBSchemaApply')
      await prod.told(['old', 'one', 'two'].map((id) => on(id, 'Successfully_Deployed')))
      const dev = await run('dev', 'DBSchemaApply')
      await dev.told(['two', 'new', 'one'].map((id) => on(id, 'Successfully_Deployed')))
      expect(await matrix()).toEqual(['two + + =', 'new + .', 'one + + =', 'old . +'])
      await prod.told(['one', 'new', 'two'].map((id) => on(id, 'Not_Deployed')))
      expect(await matrix()).toEqual(['one + .', 'new + .', 'two + .'])
    })

    test('is paged and searched, with instances sorted as asked', async () => {
      const dev = await run('dev', 'DBSchemaApply')
      const ids = Array.from({ length: 25 }, (_, index) => `cs${index}`)
      await dev.told(ids.map((id) => on(id, 'Successfully_Deployed')))
      const params = { ...scope, dbschema }
      const page = async (query: object) => {
        const { body, total } = await admin.getMigrationState({ params, query })
        return { ids: body.changeSets.map(({ changeSet }) => changeSet), total }
      }
      expect(await page({})).toEqual({ ids: ids.slice(0, 10), total: 25 })
      expect(await page({ page: 2 })).toEqual({ ids: ids.slice(20), total: 25 })
      expect(await page({ page: 9 })).toEqual({ ids: [], total: 25 })
      expect(await page({ search_term: 'CS2' })).toEqual({
        ids: ['cs2', 'cs20', 'cs21', 'cs22', 'cs23', 'cs24'],
        total: 6,
      })
      const { body } = await admin.getMigrationState({
        params,
        body: { instanceFilter: { order: 'DESC' } },
      })
      expect(body.instances.map(({ identifier }) => identifier)).toEqual(['prod', 'dev'])
    })

    test('of a schema without any run is empty but knows its instances', async () => {
      const { body, total } = await admin.getMigrationState({ params: { ...scope, dbschema } })
      expect([body.changeSets, total, body.instances.length]).toEqual([[], 0, 2])
    })

    test('takes 2,000 change sets at once', async () => {
      const dev = await run('dev', 'DBSchemaApply')
      await dev.told(Array.from({ length: 2000 }, (_, index) => on(`cs${index}`, 'Successfully_Deployed')))
      expect((await admin.getMigrationState({ params: { ...scope, dbschema } })).total).toBe(2000)
    })
  })

  describe('what ran', () => {
    const params = () => ({ ...scope, dbschema, dbinstance: 'dev' })
    test('the SQL of a change set is that of its last successful apply, in pages', async () => {
      const sql = Array.from({ length: 12 }, (_, index) => `insert ${index}`)
      await (await run('dev', 'DBSchemaApply')).finished('one', { sql })
      await (await run('dev', 'DBSchemaRollback')).finished('one', { sql: ['delete'] })
      await (await run('dev', 'DBSchemaApply')).finished('one', { sql: ['x'], status: 'Deployment_Failed', error: 'e' })
      const read = (query: object) =>
        admin.getChangeSetSql({ params: params(), query, body: { changesetFQN: fqn('one') } })
      expect(await read({})).toEqual({ sql: sql.slice(0, 10) })
      expect(await read({ page: 1 })).toEqual({ sql: sql.slice(10) })
      await expect(
        admin.getChangeSetSql({ params: params(), body: { changesetFQN: fqn('none') } }),
      ).rejects.toMatchObject({ code: 'not-found' })
    })

    test('what the steps of a stage ran or previewed is read by their command, in pages', async () => {
      const apply = await run('dev', 'DBSchemaApply')
      await apply.finished('one', { sql: ['a', 'b'], definition: 'id: one' })
      await apply.finished('two', { sql: ['c'] })
      const read = (harnessCommand: 'Update', contentType: 'Sql' | 'Yaml' = 'Sql', more: object = {}) => {
        const { execution: pipelineExecutionId } = apply
        const query = { harnessCommand, contentType, pipelineExecutionId, stageExecutionId: 'dev', ...more }
        return admin.getChangeSetMetadata({ params: params(), query })
      }
      expect(await read('Update')).toEqual({ data: ['a', 'b', 'c'] })
      expect(await read('Update', 'Sql', { limit: 2, page: 1 })).toEqual({ data: ['c'] })
      expect(await read('Update', 'Yaml')).toEqual({ data: ['id: one'] })
      const none = { code: 'not-found' }
      await expect(read('Rollback' as 'Update')).rejects.toMatchObject(none)
      await expect(read('Update', 'Sql', { stageExecutionId: 'prod' })).rejects.toMatchObject(none)
      const preview = 'DBOPSUpdateSQL' as 'Update'
      await expect(read(preview)).rejects.toMatchObject(none)
      const changeSet = { fileName: 'f', id: 'one', author: 'a', direction: 'apply', description: '' }
      const plan = { digest: 'd', sql: 'x', changeSets: [{ ...changeSet, statements: ['p', 'q'] }] }
      await sql`with node as (
          insert into execution_node (execution_id, node_id, position, kind, type, identifier, name, status, db_schema, db_instance)
          values (${apply.execution}, 'dev.look', 1, 'step', 'DBSchemaUpdateSQL', 'look', 'Look', 'Success', ${dbschema}, 'dev'))
        insert into plan (execution_id, node_id, attempt_id, digest, payload)
        values (${apply.execution}, 'dev.look', ${apply.attempt.id}, 'd', ${JSON.stringify(plan)}::jsonb)`.execute(
        world.store.db,
      )
      expect(await read(preview)).toEqual({ data: ['p', 'q'] })
      await expect(read(preview, 'Yaml')).rejects.toMatchObject({ code: 'not-offered' })
      await expect(read('DBOPSSnapshot' as 'Update')).rejects.toMatchObject({ code: 'not-offered' })
    })

    test('deployed state is paged and begins at a time', async () => {
      const apply = await run('dev', 'DBSchemaApply')
      for (const id of ['one', 'two', 'three']) await apply.finished(id)
      expect(await deployed(apply, 'DBSchemaApply', { limit: 2, page: 1 })).toMatchObject({
        rows: [{ changeSetId: 'three' }],
        total: 3,
      })
      expect(await deployed(apply, 'DBSchemaApply', { page: 5 })).toEqual({ rows: [], total: 3 })
      const later = await admin.getDeployedState({
        params: params(),
        body: {
          planExecutionId: apply.execution,
          stageExecutionId: 'dev',
          stepType: 'DBSchemaApply',
          pipeline: 'release',
          startTime: 4_000_000_000,
        },
      })
      expect(later).toEqual({ rows: [], total: 0 })
    })

    test('the overview counts and shows the last five deployments, newest first', async () => {
      const before = await admin.getOverview({ params: scope })
      expect([before.dbSchemaCount, before.dbInstanceCount % 2]).toEqual([expect.any(Number), 0])
      await (await run('prod', 'DBSchemaApply')).finished('one')
      await (await run('dev', 'DBSchemaApply')).finished('one')
      const { recentDeployments } = await admin.getOverview({ params: scope })
      expect(recentDeployments.length).toBeLessThanOrEqual(5)
      expect(recentDeployments.slice(0, 2)).toMatchObject([
        { dbSchemaIdentifier: dbschema, dbInstanceIdentifier: 'dev', lastDeployed: expect.any(Number) },
        { dbSchemaIdentifier: dbschema, dbInstanceIdentifier: 'prod' },
      ])
    })
  })

  describe('deleting', () => {
    test('an instance that was deleted is no reason to fail a report', async () => {
      const apply = await run('dev', 'DBSchemaApply')
      await world.store.db
        .updateTable('attempt')
        .set({ state: 'finished' })
        .where('id', '=', apply.attempt.id)
        .execute()
      await admin.deleteDbInstance({ params: { ...scope, dbschema, dbinstance: 'dev' } })
      await apply.finished('one')
      await apply.told([on('one', 'Successfully_Deployed')])
      await apply.end({ outcome: 'success' })
      expect(await matrix()).toEqual([])
    })

    test('is refused while a step works on it', async () => {
      const apply = await run('dev', 'DBSchemaApply')
      const conflict = { code: 'conflict', message: expect.stringContaining(apply.execution) }
      const params = { ...scope, dbschema }
      await expect(admin.deleteDbInstance({ params: { ...params, dbinstance: 'dev' } })).rejects.toMatchObject(conflict)
      await expect(admin.deleteDbSchema({ params })).rejects.toMatchObject(conflict)
      const anyConflict = { code: 'conflict' }
      await expect(admin.deleteProject({ params: scope })).rejects.toMatchObject(anyConflict)
      await expect(admin.deleteOrganization({ params: { org: 'default' } })).rejects.toMatchObject(anyConflict)
      expect(await admin.deleteDbInstance({ params: { ...params, dbinstance: 'prod' } })).toBeNull()
      // A lost attempt counts until its execution has ended.
      const { db } = world.store
      await db.updateTable('attempt').set({ state: 'unknown' }).where('id', '=', apply.attempt.id).execute()
      await expect(admin.deleteDbSchema({ params })).rejects.toMatchObject(conflict)
      await db.updateTable('execution').set({ ended_at: new Date() }).where('id', '=', apply.execution).execute()
      expect(await admin.deleteDbSchema({ params })).toBeNull()
    })
  })
})
