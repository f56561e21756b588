// Tasks, which are no steps of a pipeline and run as pods all the same.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, holds } from '../check.ts'
import { address, until } from '../cluster.ts'
import type { World } from '../world.ts'
import { slowChangelog } from './changelog.ts'
import type { Scenario } from './index.ts'
import { builtIn, connector, tested, write } from './openbao.ts'

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
  'connectors sign in to the API of a cluster by the token of a service account and by a client certificate': async (
    world: World,
  ) => {
    const { client, cluster } = world
    const pki = join(cluster.state, 'pki')
    const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: pki, stdio: 'ignore' })
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    openssl('req', ...curve, '-keyout', 'person.key', '-out', 'person.csr', '-subj', '/O=team/CN=person')
    const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2']
    openssl('x509', '-req', '-in', 'person.csr', ...signed, '-out', 'person.crt')
    const token = /token: ([\w.-]+)/.exec(readFileSync(await cluster.kubeconfigOf('sluice', 'sluice-delegate'), 'utf8'))
    const values = {
      api_ca: readFileSync(join(pki, 'ca.crt'), 'utf8'),
      api_token: token?.[1] ?? '',
      api_wrong: 'eyJhbGciOiJSUzI1NiJ9.e30.x',
      api_cert: readFileSync(join(pki, 'person.crt'), 'utf8'),
      api_key: readFileSync(join(pki, 'person.key'), 'utf8'),
    }
    for (const [identifier, value] of Object.entries(values)) await write(client, builtIn(identifier, value))
    const caCertRef = 'api_ca'
    const signIns = {
      api_by_token: { type: 'ServiceAccount', spec: { serviceAccountTokenRef: 'api_token', caCertRef } },
      api_by_wrong: { type: 'ServiceAccount', spec: { serviceAccountTokenRef: 'api_wrong', caCertRef } },
      api_by_cert: { type: 'ClientKeyCert', spec: { clientCertRef: 'api_cert', clientKeyRef: 'api_key', caCertRef } },
    }
    const masterUrl = `https://${address}:16443`
    for (const [identifier, auth] of Object.entries(signIns))
      await write(
        client,
        connector('K8sCluster', identifier, { credential: { type: 'ManualConfig', spec: { masterUrl, auth } } }),
      )
    const [byToken, byWrong, byCertificate] = await Promise.all(
      Object.keys(signIns).map((name) => tested(client, name)),
    )
    for (const one of [byToken, byCertificate]) {
      expect(`the sign-in; ${JSON.stringify(one)}`, one?.status, 'succeeded')
      holds('its version is told', JSON.stringify(one?.output).includes('Kubernetes v1.'))
    }
    expect(`a wrong token; ${JSON.stringify(byWrong)}`, byWrong?.fault?.code, 'cluster-refused')
    await world.cleared()
  },
}
