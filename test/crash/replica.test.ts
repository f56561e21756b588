// kill -9 of one of three managers amid many running executions, twice: nothing is lost, nothing is done twice, and nothing is held up for
// more than half a minute. No session is sticky: each request goes to another replica than the one before.
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isFinal } from '#contract/pipeline/status'
import { verifyAudit } from '#manager/audit/verify'
import { postgresUrl, sayWhatIsMissing } from '../store/store.ts'
import { here, openReplicas, type ReplicaWorld } from './replicas.ts'
import { until } from './world.ts'

const runs = process.env['SLUICE_LONG'] ? 200 : 40
const instances = Array.from({ length: runs }, (_, n) => `shop_${n}`)
/** Seconds; what the product promises, and the pause that the pipeline itself makes. */
const longestDelay = 30
const pause = 10

sayWhatIsMissing('three replicas')
describe.skipIf(postgresUrl === undefined)(`three replicas, ${runs} executions`, () => {
  let world: ReplicaWorld
  const executions: string[] = []
  beforeAll(async () => {
    world = await openReplicas(instances)
  }, 180_000)
  afterAll(() => world?.close(), 60_000)

  const count = async (query: ReturnType<typeof sql<{ n: string }>>): Promise<number> =>
    Number((await query.execute(world.store.db)).rows[0]?.n)

  test('all of them run at the same time', async () => {
    for (let at = 0; at < runs; at += 20)
      await Promise.all(
        instances.slice(at, at + 20).map(async (instance) => {
          const body = { inputs: { 'variables.instance.value': instance } }
          const { execution_details: details } = await world.client.executePipeline({
            params: { ...here, pipeline: 'wave' },
            body,
          })
          executions.push(details.execution_id)
        }),
      )
    await until('every run has its first step at work', async () => {
      const started = await count(sql`select count(*) as n from attempt where state = 'started'`)
      return started === runs ? true : undefined
    })
    expect(Math.min(...world.balancer.handed)).toBeGreaterThan(runs)
  }, 180_000)

  test('kill -9 of one replica while they report, of another while they take up work: all end well, and none waits for long', async () => {
    const { rows: before } = await sql<{ at: Date }>`select clock_timestamp() as at`.execute(world.store.db)
    world.go()
    await until('the first reports are there', async () => {
      const some = await count(sql`select count(*) as n from attempt where state = 'finished'`)
      return some > runs / 10 ? true : undefined
    })
    await world.replicas[1]?.kill()
    world.replicas[1]?.start()
    await world.isReady(1)
    await until('some have gone on after their pause', async () => {
      const some = await count(
        sql`select count(*) as n from attempt where node_id = 'main.second' and accepted_at is not null`,
      )
      return some > runs / 20 ? true : undefined
    })
    await world.replicas[2]?.kill()
    const ended = await until('every run has ended', async () => {
      const { rows } = await sql<{ status: string }>`select status from execution where ended_at is not null`.execute(
        world.store.db,
      )
      return rows.length === runs ? rows : undefined
    })
    expect(ended.filter(({ status }) => status !== 'Success')).toEqual([])
    const { rows } = await sql<{ seconds: string }>`select max(extract(epoch from at - greatest(before,
      ${before[0]?.at}::timestamptz))) as seconds from (select at, lag(at) over (partition by execution_id order by id) as before
      from event where execution_id is not null) as pairs where at > ${before[0]?.at}::timestamptz`.execute(
      world.store.db,
    )
    const seconds = Number(rows[0]?.seconds)
    console.log(
      `${runs} runs; ${world.balancer.broken} requests died with their replica; the longest that a run stood still, ` +
        `its pause of ${pause} s included: ${seconds.toFixed(1)} s`,
    )
    expect(seconds).toBeLessThan(pause + longestDelay)
  }, 180_000)

  test('every step was done once, and every change is known', async () => {
    const documents = world.runners.flatMap((runner) => runner.documents)
    const steps = documents.map(({ spec }) => `${spec.execution} ${spec.node}`)
    expect(steps.length).toBe(2 * runs)
    expect(new Set(steps).size).toBe(2 * runs)
    expect(new Set(executions).size).toBe(runs)
    expect(await count(sql`select count(*) as n from change_set_state where status = 'Successfully_Deployed'`)).toBe(
      2 * runs,
    )
    expect(await count(sql`select count(*) as n from attempt where fence <> 1 or state <> 'finished'`)).toBe(0)
    const { rows } = await sql<{ status: string }>`select status from execution`.execute(world.store.db)
    expect(rows.every(({ status }) => isFinal(status as 'Success'))).toBe(true)
  })

  test('logs are whole, the audit trail is one chain, and the replica comes back', async () => {
    expect(await count(sql`select count(*) as n from log_stream where committed <> expected or not closed`)).toBe(0)
    await until('the audit trail is written', async () => {
      const pending = await count(sql`select count(*) as n from audit_pending`)
      return pending === 0 ? true : undefined
    })
    const { rows: links } = await sql<{ sequence: string; entry: string; hash: string; signature: string | null }>`
      select sequence, entry, hash, signature from audit_entry order by sequence`.execute(world.store.db)
    const { publicKeys } = await world.client.exportAudit({ query: { limit: 1 } })
    expect((await verifyAudit(links, { publicKeys })).problems).toEqual([])
    world.replicas[2]?.start()
    await world.isReady(2)
  }, 60_000)
})
