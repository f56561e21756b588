// Images of others in pods: scripts that write the changelog, the folder that the steps of a group share, and stock plugin images.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, holds } from '../check.ts'
import { until } from '../cluster.ts'
import { applyStep, namespace, pipelineWith, type Project, type World } from '../world.ts'
import { slowChangelog } from './changelog.ts'
import type { Scenario } from './index.ts'
import { containerLogs } from './look.ts'

const scope = { org: 'default', project: 'cluster' } as const

/** Changes a schema to one whose changelog a script writes. */
export async function written(world: World, schema: string, command: string): Promise<void> {
  const changeLogScript = { image: 'localhost/team/shell:1', shell: 'Sh', command, location: 'out/changelog.yaml' }
  await world.client.updateDbSchema({
    params: { ...scope, dbschema: schema },
    body: { type: 'Script', changeLogScript },
  })
}
const changelog = (table: string): string =>
  `databaseChangeLog: [{changeSet: {id: 1, author: cluster, changes: [{sql: {sql: create table ${table} (id int)}}]}}]`

/** Folders of this machine as volumes; nothing here makes them by itself. One for each run of a group, since none is used twice. */
export async function volumes(world: World, name: string, count: number): Promise<void> {
  await world.cluster.apply({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'sluice-test' },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
  })
  for (let index = 1; index <= count; index++) {
    const path = join(world.folder, `volume-${name}-${index}`)
    mkdirSync(path, { recursive: true })
    await world.cluster.apply({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `sluice-test-${name}-${index}` },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'sluice-test',
        local: { path },
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node1'] }] },
            ],
          },
        },
      },
    })
  }
}

export const images = {
  step: 'localhost/sluice/step:test',
  source: 'localhost/sluice/source:test',
  entrypoints: { 'localhost/plugins/liquibase': ['/bin/sh', '/usr/local/bin/entrypoint.sh'] },
}
export const allow = { images: ['localhost/'] }
export const faults = ({ nodes }: Awaited<ReturnType<Project['end']>>): string =>
  nodes.map(({ fault }) => fault?.message ?? '').join(' ')

export const group: Readonly<Record<string, Scenario>> = {
  'scripts write changelogs, and a later step of the group sees the files of an earlier one': async (world) => {
    await volumes(world, 'group', 2)
    const steps = `{ ${applyStep('giver', '5m', 'give')} }, { ${applyStep('taker', '5m', 'take')} }`
    const infrastructure = '{ type: KubernetesDirect, spec: { connectorRef: k8s } }'
    const group = `stepGroup: { identifier: all, name: All, stepGroupInfra: ${infrastructure}, sharedPaths: [/var/shared], steps: [${steps}] }`
    const pipeline = (): string => pipelineWith('giver', group)
    const giver = await world.project('giver', slowChangelog(1, 0), { pipeline })
    const taker = await world.project('taker', slowChangelog(1, 0))
    await written(
      world,
      'giver',
      `mkdir out; echo handed_over > /workspace/note; echo twice > /var/shared/note; echo '${changelog('given')}' > out/changelog.yaml; echo said so`,
    )
    const inserted = '$(cat /harness/note)_$(cat /var/shared/note)'
    await written(world, 'taker', `mkdir out; echo "${changelog(inserted)}" > out/changelog.yaml`)
    // Without the administrator's word neither the images nor the folder are to be had.
    const refused = faults(await giver.end(await giver.start()))
    holds(`the image is refused: ${refused}`, refused.includes('allow.images'))
    await world.withDelegate('shareless', { images, allow }, async () => {
      const missing = faults(await giver.end(await giver.start()))
      holds(`the folder is refused: ${missing}`, missing.includes('share a folder'))
    })
    const workspace = { storageClassName: 'sluice-test', size: '100Mi' }
    await world.withDelegate('sharing', { images, allow, workspace }, async () => {
      const execution = await giver.start()
      const { status } = await giver.end(execution)
      const log = await giver.log(execution)
      expect(`status; ${log}`, status, 'Success')
      holds('the log has the words of the script', log.includes('said so'))
      expect('the first step', giver.query("select count(*) from pg_tables where tablename = 'given'"), '1')
      const made = taker.query("select tablename from pg_tables where tablename like 'handed%'")
      expect('the second step', made, 'handed_over_twice')
      await written(world, 'taker', 'echo no such thing; exit 7')
      const failed = faults(await giver.end(await giver.start()))
      holds(`the failed script is told: ${failed}`, /exit code 7\s+no such thing/.test(failed))
      const leases = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`
      const { items } = await world.cluster.get<{ items: { metadata: { name: string } }[] }>(leases)
      // The sweep would do this a day later; the claim goes with its anchor.
      for (const { metadata } of items) await world.cluster.remove(`${leases}/${metadata.name}`)
      await until('the claims to go', async () => {
        const path = `/api/v1/namespaces/${namespace}/persistentvolumeclaims`
        return (await world.cluster.get<{ items: unknown[] }>(path)).items.length === 0 ? true : undefined
      })
    })
  },
  'how a stock plugin image is started its registry tells, asked with the credentials that pods pull with': async (
    world,
  ) => {
    const { registry, images: store, folder } = world
    const stock = store.images.find(({ name }) => name === 'localhost/plugins/liquibase:1')
    if (!stock) throw new Error('There is no stand-in.')
    const image = await registry.push(store, stock, 'plugins/liquibase', '2')
    const credentials = join(folder, 'registry-stock.json')
    writeFileSync(credentials, registry.credentials, { mode: 0o600 })
    const own = { step: images.step, source: images.source }
    const settings = { allow: { images: [`${registry.host}/`] }, imagePullPolicy: 'IfNotPresent' }
    const project = await world.project('stock_asked', {
      'changelog.yaml': `# stock: well\n${changelog('never')}\n`,
    })
    await world.client.updateImages({ body: [{ field: 'defaultTag', value: image }] })
    try {
      await world.withDelegate('strange', { ...settings, images: own }, async () => {
        const refused = faults(await project.end(await project.start()))
        holds(`without plain HTTP nothing is asked: ${refused}`, refused.includes('its registry does not tell'))
      })
      const known = { ...own, plainHttpRegistries: [registry.host] }
      await world.withDelegate(
        'asking',
        { ...settings, images: known, registryCredentialsFile: credentials },
        async () => {
          const { status, id } = await project.end(await project.start())
          const log = await project.log(id)
          expect(`status; ${log}`, status, 'Success')
          holds(`it ran: ${log}`, log.includes("'update' was executed successfully"))
        },
      )
    } finally {
      await world.client.deleteImages({})
    }
  },
  'a stock plugin image runs in a pod by its contract: success, failure, unknown, abort': async (world) => {
    const files = (mode: string): Readonly<Record<string, string>> => ({
      'changelog.yaml': `# stock: ${mode}\n${changelog('never')}\n`,
    })
    const body = [{ field: 'defaultTag' as const, value: 'localhost/plugins/liquibase:1' }]
    await world.client.updateImages({ body })
    let words = ''
    try {
      await world.withDelegate('stock', { images, allow }, async () => {
        const run = async (mode: string) => {
          const project = await world.project(`stock_${mode}`, files(mode))
          const execution = await project.start()
          let most = { files: 0, bytes: 0 }
          const looking = setInterval(() => {
            const now = containerLogs()
            if (now.bytes > most.bytes || now.files > most.files) most = now
          }, 200)
          const ended = await project.end(execution).finally(() => clearInterval(looking))
          return { ended, most, log: await project.log(execution) }
        }
        const well = await run('well')
        expect(`status; ${well.log}`, well.ended.status, 'Success')
        holds(`the log has its words: ${well.log}`, well.log.includes("'update' was executed successfully"))
        const masked = /--password (\S+) update/.exec(well.log)?.[1]
        holds(`the password is masked: ${masked}`, masked !== undefined && /^\*+$/.test(masked))
        for (const secret of world.secrets) holds('no secret in the log', !well.log.includes(secret))
        // More than the kubelet keeps: the log comes from inside the pod.
        const flood = await run('flood')
        // Whatever the kubelet keeps or rotates away of a container's own output: nothing of the step is in it.
        const { files: kept, bytes } = flood.most
        holds(`nothing of it went through the kubelet: ${bytes} bytes`, kept > 0 && bytes < 10_000)
        expect('status', flood.ended.status, 'Success')
        expect('lines', flood.log.split('a line that must not be lost').length - 1, 200_000)
        const failed = await run('fail')
        expect('status', failed.ended.status, 'Failed')
        holds(`the exit code is told: ${faults(failed.ended)}`, faults(failed.ended).includes('exit code 3'))
        const silent = await run('silent')
        holds(`without exit_code no success: ${silent.ended.status}`, silent.ended.status !== 'Success')
        const sleeping = await world.project('stock_sleep', files('sleep'))
        const execution = await sleeping.start()
        await until('the tool', async () => ((await sleeping.log(execution)).includes('sleeping') ? true : undefined))
        const begun = performance.now()
        await sleeping.abort(execution)
        const aborted = await sleeping.end(execution)
        const seconds = (performance.now() - begun) / 1000
        holds(`ended by the abort: ${aborted.status}`, aborted.status !== 'Success')
        holds(`the silent one was looked into: ${silent.log}`, silent.log.includes('Reconcile'))
        words = `silent: ${silent.ended.status}; aborted: ${aborted.status} after ${seconds.toFixed(1)} s`
      })
    } finally {
      await world.client.deleteImages({})
    }
    return words
  },
}
