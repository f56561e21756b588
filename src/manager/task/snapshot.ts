// Snapshots of an instance, and the objects in the newest of them.
import { sql } from 'kysely'
import { Fault } from '#contract/fault'
import { findInstance } from '../entity/scope.ts'
import type { ApiHandlers } from '../http/handler.ts'
import type { Executor, Store } from '../store/port.ts'

type Names = 'listSnapshots' | 'listSnapshotObjectNames' | 'getSnapshotObjectValues'

export function snapshotHandlers(store: Store): ApiHandlers<Names> {
  const { db } = store
  return {
    listSnapshots: async ({ params, query }) => {
      const { instanceId } = await findInstance(db, params)
      const found = db
        .selectFrom('snapshot')
        .innerJoin('task', 'task.id', 'snapshot.task_id')
        .where('db_instance_id', '=', instanceId)
        .where('complete', '=', true)
      const { total } = await found.select(sql<string>`count(*)`.as('total')).executeTakeFirstOrThrow()
      const rows = await found
        .select(['task_id', 'snapshot.created_at', 'objects', 'asked_by', 'asked_by_name'])
        .orderBy('snapshot.created_at', 'desc')
        .orderBy('task_id')
        .limit(query.limit)
        .offset(query.page * query.limit)
        .execute()
      return {
        rows: rows.map((row) => ({
          task: row.task_id,
          createdAt: row.created_at.getTime(),
          objects: row.objects,
          askedBy: { identifier: row.asked_by, name: row.asked_by_name },
        })),
        total: Number(total),
      }
    },
    listSnapshotObjectNames: async ({ params, query }) => {
      const { instanceId } = await findInstance(db, params)
      const found = db
        .selectFrom('snapshot_object')
        .where('task_id', '=', await newestSnapshot(db, instanceId, params.dbinstance))
        .where('type', '=', query.objectType)
      const { total } = await found.select(sql<string>`count(*)`.as('total')).executeTakeFirstOrThrow()
      const rows = await found
        .select('name')
        .orderBy('name')
        .limit(query.limit)
        .offset(query.page * query.limit)
        .execute()
      return { rows: [], total: Number(total), body: { data: rows.map(({ name }) => name) } }
    },
    getSnapshotObjectValues: async ({ params, body }) => {
      const { instanceId } = await findInstance(db, params)
      const rows = await db
        .selectFrom('snapshot_object')
        .where('task_id', '=', await newestSnapshot(db, instanceId, params.dbinstance))
        .where('type', '=', body.objectType)
        .where('name', 'in', body.objectNames)
        .select(['name', 'value'])
        .orderBy('name')
        .execute()
      return { data: rows.map(({ name, value }) => ({ objectName: name, objectValue: JSON.stringify(value) })) }
    },
  }
}

async function newestSnapshot(db: Executor, instanceId: string, name: string): Promise<string> {
  const row = await db
    .selectFrom('snapshot')
    .where('db_instance_id', '=', instanceId)
    .where('complete', '=', true)
    .select('task_id')
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (row) return row.task_id
  throw new Fault('not-found', `There is no snapshot of the DB instance ${name}.`, { hint: 'Take one first.' })
}
