// Claim and finish of attempts by 8 delegates through HTTP on PostgreSQL: how much work a manager can hand out.
// Each task is a poll's share, an accept and a finish, each acknowledged on disk.
import { sql } from 'kysely'
import { printFigure } from './figure.ts'
import { openQueue, type Queue } from './queue.ts'

const delegates = 8
const warmUp = 500
const tasks = 5000

interface Offer {
  readonly attempt: string
  readonly fence: string
}

/** All delegates work until `count` tasks are done together. */
async function drain(queue: Queue, tokens: readonly string[], count: number): Promise<void> {
  let done = 0
  const work = async (token: string): Promise<void> => {
    while (done < count) {
      const body = { instance: 'i', freeSlots: 10, running: [], capacity: 10, holdSeconds: 1 }
      const { offers } = await queue.post<{ offers: Offer[] }>('/d/v1/poll', token, body)
      for (const { attempt, fence } of offers) {
        if (done >= count) return
        const path = `/d/v1/attempts/${attempt}`
        const accepted = await queue.post<{ fence: string; attemptToken: string }>(`${path}/accept`, token, {
          fence,
          instance: 'i',
        })
        const report = { fence: accepted.fence, outcome: 'success', output: {}, logs: {} }
        await queue.post(`${path}/finish`, accepted.attemptToken, report)
        done += 1
      }
    }
  }
  await Promise.all(tokens.map(work))
}

const queue = await openQueue('claim', delegates)
if (queue) {
  try {
    await queue.fill(warmUp + tasks + delegates * 10)
    await sql`analyze`.execute(queue.store.db)
    const tokens = await Promise.all(Array.from({ length: delegates }, (_, n) => queue.join(`delegate-${n}`)))
    await drain(queue, tokens, warmUp)
    // As the server does by itself within a minute: the tables were empty when their statements were planned.
    await sql`analyze`.execute(queue.store.db)
    const begun = performance.now()
    await drain(queue, tokens, tasks)
    const seconds = (performance.now() - begun) / 1000
    const { rows } = await sql<{ n: string }>`select count(*) as n from attempt where outcome = 'success'`.execute(
      queue.store.db,
    )
    if (Number(rows[0]?.n) < warmUp + tasks) throw new Error(`only ${rows[0]?.n} attempts are finished`)
    printFigure({
      name: `claim and finish through HTTP by ${delegates} delegates on PostgreSQL`,
      value: tasks / seconds,
      unit: 'tasks/s',
      bound: { value: 500, at: 'least', source: 'requirement' },
      note: `${tasks} tasks; manager, delegates and server on the same machine`,
    })
  } finally {
    await queue.close()
  }
}
