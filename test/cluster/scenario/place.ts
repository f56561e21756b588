// Where delegates may stand: in the cluster by the manifest of deploy/, and behind a proxy that cuts connections. And how soon a step
// is at work.
import { readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'
import { mark } from '#delegate/runner/kubernetes/name'
import { expect, holds } from '../check.ts'
import { address, until } from '../cluster.ts'
import { startProxy } from '../proxy.ts'
import { managerUrl, namespace } from '../world.ts'
import { ran, slowChangelog } from './changelog.ts'
import type { Scenario } from './index.ts'

interface StatefulSet {
  readonly kind: string
  spec: {
    volumeClaimTemplates?: unknown
    template: {
      spec: {
        containers: {
          image: string
          imagePullPolicy?: string
          args: string[]
          env: { name: string; value?: string }[]
        }[]
        volumes: object[]
      }
    }
  }
}

/** The manifest as it is, with images and addresses of the tests, and without a disk, which this cluster has not. */
function statefulSet(): StatefulSet {
  const documents = parseAllDocuments(readFileSync('deploy/kubernetes/delegate.yaml', 'utf8'))
  const found = documents.map((document) => document.toJS() as StatefulSet).find(({ kind }) => kind === 'StatefulSet')
  const container = found?.spec.template.spec.containers[0]
  if (!found || !container) throw new Error('The manifest has no StatefulSet.')
  container.image = 'localhost/sluice/delegate:test'
  container.imagePullPolicy = 'Never'
  container.args = [
    ...container.args.map((arg) => (arg.startsWith('--manager=') ? `--manager=${managerUrl}` : arg)),
    '--allow-plain-http',
  ]
  // Nothing here leads the address of the service to the API server.
  container.env.push(
    { name: 'KUBERNETES_SERVICE_HOST', value: address },
    { name: 'KUBERNETES_SERVICE_PORT', value: '16443' },
  )
  delete found.spec.volumeClaimTemplates
  found.spec.template.spec.volumes.push({ name: 'data', emptyDir: {} })
  return found
}

export const place: Readonly<Record<string, Scenario>> = {
  'a delegate in the cluster, by the manifest of deploy/, runs steps as pods': async (world) => {
    await world.delegates[0]?.stop()
    const settings = [
      `namespace: ${namespace}`,
      'images: {step: "localhost/sluice/step:test", source: "localhost/sluice/source:test"}',
      'imagePullPolicy: Never',
      'resources: {memory: 256Mi, cpu: "2", cpuRequest: 20m, storage: 128Mi}',
    ].join('\n')
    const metadata = { name: 'sluice-delegate', namespace: 'sluice' }
    await world.cluster.apply(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'kubernetes.yaml': settings } },
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { ...metadata, name: 'sluice-delegate-token' },
        stringData: { token: world.token },
      },
      statefulSet(),
    )
    const project = await world.project('inside', slowChangelog(2, 0))
    const execution = await project.start()
    const { status } = await project.end(execution)
    expect(`status; ${await project.log(execution)}`, status, 'Success')
    expect('change sets', project.query(ran), '2')
    await world.cleared()
    await world.cluster.remove('/apis/apps/v1/namespaces/sluice/statefulsets/sluice-delegate')
    await world.cluster.remove('/api/v1/namespaces/sluice/pods/sluice-delegate-0', 1)
    world.delegates[0]?.restart()
  },
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
