// A delegate behind a proxy that cuts connections, and how soon a step is at work.
import { mark } from '#delegate/runner/kubernetes/name'
import { expect, holds } from '../check.ts'
import { until } from '../cluster.ts'
import { startProxy } from '../proxy.ts'
import { slowChangelog } from './changelog.ts'
import type { Scenario } from './index.ts'

export const place: Readonly<Record<string, Scenario>> = {
  'behind a proxy that cuts every connection after 8 s, a step of 15 s reports': async (world) => {
    const proxy = await startProxy(8)
    const project = await world.project('proxied', slowChangelog(3, 5))
    try {
      const work = async (): Promise<void> => {
        const { status } = await project.end(await project.start())
        expect('status', status, 'Success')
        expect('change sets', project.query('select count(*), count(distinct id) from trace'), '3|3')
        holds(`it cut connections: ${proxy.cuts}`, proxy.cuts > 0)
      }
      await world.withDelegate('proxied', { managerUrl: proxy.url }, work, { manager: proxy.url })
    } finally {
      proxy.stop()
    }
  },
  'from the making of a pod to its first statement, images present': async (world) => {
    const started = 'select backend_start from pg_stat_activity where pid = pg_backend_pid()'
    const text = `databaseChangeLog:\n  - changeSet:\n      id: "1"\n      author: t\n      changes:\n        - sql: { sql: "create table begun as ${started}" }\n`
    const seconds: number[] = []
    for (let round = 1; round <= 5; round++) {
      const project = await world.project(`begun_${round}`, { 'changelog.yaml': text })
      const execution = await project.start()
      let made = 0
      const seen = until('the pod', async () => {
        const pod = (await world.pods()).find(({ metadata }) => metadata.labels[mark.execution] === execution)
        if (pod) made = Date.now()
        return pod
      })
      const { status } = await project.end(execution)
      await seen
      expect('status', status, 'Success')
      const at = Number(project.query('select extract(epoch from backend_start) from begun'))
      seconds.push(at - made / 1000)
    }
    const sorted = seconds.toSorted((a, b) => a - b)
    return `p50 ${sorted[2]?.toFixed(1)} s of ${sorted.map((one) => one.toFixed(1)).join(', ')}`
  },
}
