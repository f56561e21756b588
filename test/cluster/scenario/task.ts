// Tasks, which are no steps of a pipeline and run as pods all the same.
import { expect, holds } from '../check.ts'
import { until } from '../cluster.ts'
import type { World } from '../world.ts'
import { slowChangelog } from './changelog.ts'
import type { Scenario } from './index.ts'

const scope = { org: 'default', project: 'cluster' } as const

export const task: Readonly<Record<string, Scenario>> = {
  'tests of connections, previews, snapshots, comparisons and history syncs run as pods': async (world: World) => {
    const { client } = world
    const project = await world.project('tasks', slowChangelog(2, 0))
    const params = { ...scope, dbschema: 'tasks', dbinstance: 'tasks' }
    const seen = new Set<string>()
    const looking = setInterval(
      () => void world.pods().then((pods) => pods.forEach(({ metadata }) => seen.add(metadata.name))),
      200,
    )
    const query = { wait: 0 }
    const ended = async (asked: { readonly id: string }) => {
      const done = await until('the task', async () => {
        const now = await client.getTask({ params: { ...scope, task: asked.id }, query: { wait: 5 } })
        return now.status === 'queued' || now.status === 'running' ? undefined : now
      })
      expect(`${done.kind}; ${JSON.stringify(done)}`, done.status, 'succeeded')
      return done
    }
    try {
      await ended(await client.testInstance({ params, query, body: {} }))
      const preview = await ended(await client.previewInstance({ params, query, body: {} }))
      const plan = await client.getTaskPlan({ params: { ...scope, task: preview.id } })
      holds('the preview has its SQL', JSON.stringify(plan).includes('create table made_2'))
      expect('nothing ran', project.query("select count(*) from pg_tables where tablename = 'made_1'"), '0')
      project.query('create table found (id int primary key)')
      const snapshot = await ended(await client.takeSnapshot({ params, query, body: {} }))
      const names = await client.listSnapshotObjectNames({ params, query: { objectType: 'Table' } })
      holds(`the snapshot has it: ${JSON.stringify(names)}`, JSON.stringify(names).includes('found'))
      project.query('create table later (id int primary key)')
      const compared = await ended(await client.diffInstance({ params, query, body: { snapshot: snapshot.id } }))
      const result = { ...scope, task: compared.id, result: 'diff' }
      const { text } = await client.getTaskResult({ params: result, query: { offset: 0 } })
      holds(`the comparison tells what is new: ${text.slice(0, 500)}`, text.includes('later'))
      await ended(await client.syncInstance({ params, query, body: {} }))
      await world.cleared()
      holds(`each had a pod: ${seen.size}`, seen.size === 5)
    } finally {
      clearInterval(looking)
    }
    return `${seen.size} pods`
  },
}
