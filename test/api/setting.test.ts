// Settings and what they keep: as the compatible API changes them, and what is gone after a purge and what is not.
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRetention } from '#manager/retention/purge'
import { storeKinds } from '../store/store.ts'
import { runStep } from './step-run.ts'
import { addProject, openWorld, type World } from './world.ts'

describe.each(storeKinds)('settings on %s', (kind) => {
  let world: World
  beforeAll(async () => {
    world = await openWorld({}, kind)
    const admin = world.as('admin')
    await addProject(world)
    const params = { org: 'default', project: 'shop' }
    const changelog = { connector: 'git', location: 'c.yaml' }
    await admin.createDbSchema({ params, body: { identifier: 's', name: 'S', changelog } })
    const instance = { identifier: 'dev', connector: 'c', branch: 'main' }
    await admin.createDbInstance({ params: { ...params, dbschema: 's' }, body: instance })
  })
  afterAll(() => world.close())

  test('are listed with their defaults, changed, audited and restored', async () => {
    const admin = world.as('admin')
    const of = async () => (await admin.listSettings({ query: { category: 'DBOPS' } })).map(({ setting }) => setting)
    expect((await of()).map(({ value, settingSource }) => [value, settingSource])).toEqual(
      Array.from({ length: 3 }, () => ['0', 'DEFAULT']),
    )
    const identifier = 'retention_logs_days' as const
    const [changed] = await admin.updateSettings({ body: [{ identifier, value: '90', updateType: 'UPDATE' }] })
    expect(changed).toMatchObject({
      identifier,
      updateStatus: true,
      setting: { value: '90', settingSource: 'ACCOUNT' },
    })
    expect(await admin.getSetting({ params: { identifier } })).toEqual({ valueType: 'Number', value: '90' })
    await admin.updateSettings({ body: [{ identifier, value: '91', updateType: 'UPDATE' }] })
    await admin.updateSettings({ body: [{ identifier, updateType: 'RESTORE' }] })
    const { rows } = await sql<{
      body: object
    }>`select body from event where body ->> 'kind' = 'setting' order by id`.execute(world.store.db)
    const change = (before: object, after: object) => ({
      body: { type: 'entity.updated', kind: 'setting', identifier, before, after },
    })
    const unset = { value: '0', allowOverrides: true }
    const held = (value: string) => ({ value, allowOverrides: false })
    expect(rows).toEqual([change(unset, held('90')), change(held('90'), held('91')), change(held('91'), unset)])
  })

  test('a value that means nothing is refused and changes none of the others; a name that nobody knows is not found', async () => {
    const admin = world.as('admin')
    for (const value of ['', '-1', '1.5', 'ever', '99999'])
      await expect(
        admin.updateSettings({
          body: [
            { identifier: 'retention_executions_days', value: '7', updateType: 'UPDATE' },
            { identifier: 'retention_logs_days', value, updateType: 'UPDATE' },
          ],
        }),
      ).rejects.toThrow(/whole number of days/)
    expect(await admin.getSetting({ params: { identifier: 'retention_executions_days' } })).toMatchObject({
      value: '0',
    })
    await expect(admin.getSetting({ params: { identifier: 'nonsense' } })).rejects.toMatchObject({ code: 'not-found' })
  })

  test('what a project sets counts there, unless a scope above holds it; restored, the scope above counts again', async () => {
    const admin = world.as('admin')
    const identifier = 'retention_payloads_days' as const
    const org = { orgIdentifier: 'default' }
    const shop = { ...org, projectIdentifier: 'shop' }
    const put = (query: object, value: string, allowOverrides?: boolean) =>
      admin.updateSettings({ query, body: [{ identifier, value, allowOverrides, updateType: 'UPDATE' }] })
    const read = async (query: object) => {
      const { setting } =
        (await admin.listSettings({ query })).find(({ setting: one }) => one.identifier === identifier) ?? {}
      return [setting?.value, setting?.settingSource, setting?.isSettingEditable]
    }
    // Nothing above is set: everybody may.
    await put(shop, '5')
    expect([await read({}), await read(org), await read(shop)]).toEqual([
      ['0', 'DEFAULT', true],
      ['0', 'DEFAULT', true],
      ['5', 'PROJECT', true],
    ])
    // The organization says what holds.
    await put(org, '30')
    expect([await read(org), await read(shop)]).toEqual([
      ['30', 'ORG', true],
      ['30', 'ORG', false],
    ])
    await expect(put(shop, '6')).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('30') })
    await put(org, '30', true)
    expect(await read(shop)).toEqual(['5', 'PROJECT', true])
    // A change without a word about it keeps that.
    await put(org, '31')
    await put(shop, '6')
    await put({}, '90')
    expect([await read(org), await read(shop)]).toEqual([
      ['90', 'ACCOUNT', false],
      ['90', 'ACCOUNT', false],
    ])
    await put({}, '90', true)
    const restore = (query: object) => admin.updateSettings({ query, body: [{ identifier, updateType: 'RESTORE' }] })
    expect(await admin.getSetting({ params: { identifier }, query: shop })).toMatchObject({ value: '6' })
    await restore(shop)
    expect(await read(shop)).toEqual(['31', 'ORG', true])
    await restore(org)
    expect(await read(shop)).toEqual(['90', 'ACCOUNT', true])
    await restore({})
    expect(await read(shop)).toEqual(['0', 'DEFAULT', true])
  })

  test('only what a project keeps no longer goes from it', async () => {
    const { db } = world.store
    const admin = world.as('admin')
    const at = { org: 'default', project: 'brief' }
    await admin.createProject({ params: { org: 'default' }, body: { project: { identifier: 'brief', name: 'Brief' } } })
    await sql`insert into execution (id, project_id, pipeline, pipeline_name, number, status, yaml, document, state,
        trigger_type, triggered_by, triggered_by_name, created_at, ended_at)
      select project.identifier || '-' || days, project.id, 'p', 'P', days, 'Success', '', '{}', '{}', 'MANUAL', 'a', 'A', now(),
        now() - make_interval(days => days)
      from project cross join unnest(array[10, 50]) as days`.execute(db)
    const retention = createRetention(world.store, () => {})
    const left = async () => {
      const { rows } = await sql<{ id: string }>`select id from execution order by id`.execute(db)
      return rows.map(({ id }) => id)
    }
    const put = (query: object, value: string, allowOverrides = true) =>
      admin.updateSettings({
        query,
        body: [{ identifier: 'retention_executions_days', value, allowOverrides, updateType: 'UPDATE' }],
      })
    const brief = { orgIdentifier: at.org, projectIdentifier: at.project }
    await put(brief, '7')
    expect(await retention.tick()).toMatchObject({ executions: 2 })
    expect(await left()).toEqual(['shop-10', 'shop-50'])
    await put({}, '30')
    expect(await retention.tick()).toMatchObject({ executions: 1 })
    expect(await left()).toEqual(['shop-10'])
    // Held for all: what the project said does not count.
    await put({}, '5', false)
    await put({}, '0', false)
    expect(await retention.tick()).toMatchObject({ executions: 0 })
    await admin.updateSettings({ body: [{ identifier: 'retention_executions_days', updateType: 'RESTORE' }] })
    await sql`delete from execution`.execute(db)
    await admin.deleteProject({ params: at })
  })

  test('logs go, then results, then executions; what has not ended, what is deployed and the audit trail stay', async () => {
    const { db } = world.store
    const admin = world.as('admin')
    const project = await db.selectFrom('project').select('id').executeTakeFirstOrThrow()
    for (const number of [1, 2, 3]) {
      const target = { projectId: project.id, dbSchema: 's', dbInstance: 'dev' }
      const apply = await runStep(world, target, number, 'DBSchemaApply')
      await apply.started(`change_${number}`)
      await apply.finished(`change_${number}`)
      await apply.end({ outcome: 'success' })
    }
    // The first ended long ago, the second now, the third not at all.
    await sql`update execution set ended_at = case number when 1 then now() - interval '40 days' when 2 then now() end`.execute(
      db,
    )
    for (const stream of ['step', 'sql']) {
      await sql`insert into log_stream (attempt_id, stream, committed, closed) select id, ${stream}, 1, true from attempt
        on conflict do nothing`.execute(db)
      await sql`insert into log_chunk (attempt_id, stream, start_offset, size, data) select id, ${stream}, 0, 1, 'x' from attempt
        on conflict do nothing`.execute(db)
    }
    await sql`insert into run_secret (execution_id, node_id, name, ciphertext) select id, 'a', 'key', 'x' from execution`.execute(
      db,
    )
    const { rows: sealed } = await sql<{ n: string }>`select count(*) as n from audit_pending`.execute(db)
    const left = async () => {
      const { rows } = await sql<{ what: string; n: number }>`
        select 'executions' as what, count(*)::int as n from execution union all
        select stream, count(*)::int from log_chunk group by stream union all
        select 'deployed', count(*)::int from change_set_state where status = 'Successfully_Deployed'`.execute(db)
      return Object.fromEntries(rows.map(({ what, n }) => [what, n]))
    }
    const said: string[] = []
    const retention = createRetention(world.store, (line) => void said.push(line))
    const set = (identifier: 'retention_logs_days', value = '30') =>
      admin.updateSettings({ body: [{ identifier, value, updateType: 'UPDATE' }] })
    expect(await retention.tick()).toEqual({ executions: 0, logs: 0, payloads: 0 })
    expect(await left()).toEqual({ executions: 3, step: 3, sql: 3, deployed: 3 })
    // Whatever the settings say: nobody can go on from that run any more.
    const { rows: secrets } = await sql`select number from run_secret join execution e on e.id = execution_id
      order by number`.execute(db)
    expect(secrets).toEqual([{ number: 2 }, { number: 3 }])
    await set('retention_logs_days')
    expect(await retention.tick()).toEqual({ executions: 0, logs: 1, payloads: 0 })
    expect(await left()).toEqual({ executions: 3, step: 2, sql: 3, deployed: 3 })
    await set('retention_payloads_days' as 'retention_logs_days')
    expect(await retention.tick()).toEqual({ executions: 0, logs: 0, payloads: 1 })
    expect(await left()).toEqual({ executions: 3, step: 2, sql: 2, deployed: 3 })
    await set('retention_executions_days' as 'retention_logs_days')
    // Two replicas at once purge it once.
    const both = await Promise.all([retention.tick(), createRetention(world.store, () => {}).tick()])
    expect(both.map(({ executions }) => executions).toSorted((one, other) => one - other)).toEqual([0, 1])
    expect(await left()).toEqual({ executions: 2, step: 2, sql: 2, deployed: 3 })
    expect(await retention.tick()).toEqual({ executions: 0, logs: 0, payloads: 0 })
    expect(said).toHaveLength(both[0]?.executions === 1 ? 3 : 2)
    const { rows: after } = await sql<{ n: string }>`select count(*) as n from audit_pending`.execute(db)
    // Nothing that is audited went; three purges and three settings came.
    expect(Number(after[0]?.n)).toBe(Number(sealed[0]?.n) + 6)
  })
})
