// `npm run test:cluster`: a real Kubernetes on this machine, the real manager and delegates, and what may go wrong between them.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Tally, check } from './check.ts'
import { buildPrograms, type Cluster, startCluster } from './cluster.ts'
import { ImageStore } from './image.ts'
import { holdMachine, missingPrograms } from './machine.ts'
import { fetchOpenBao, startOpenBao } from './openbao.ts'
import { makePostgreSqlRoot, makeShellRoot } from './root.ts'
import { scenarios } from './scenario/index.ts'
import { newer } from './scenario/newer.ts'
import {
  type GitServer,
  open,
  type PostgreSql,
  type Registry,
  startGit,
  startPostgreSql,
  startRegistry,
} from './server.ts'
import { openWorld, type World } from './world.ts'

const usage = `npm run test:cluster -- [--filter TEXT] [--keep] [--kubernetes VERSION]
  --filter TEXT   only scenarios whose name contains TEXT, or one of TEXT|TEXT; the first one always
  --keep          leave the cluster running at the end, until Ctrl-C
  --kubernetes VERSION  such as 1.35.4, made from its Go modules, instead of the one in Debian 12's source`

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      filter: { type: 'string', default: '' },
      keep: { type: 'boolean', default: false },
      kubernetes: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(usage)
    return 0
  }
  const missing = missingPrograms()
  if (missing.length > 0) {
    for (const one of missing) console.log(`MISSING: ${one}`)
    console.log('0 passed, 1 failed')
    return 1
  }
  const tally: Tally = { passed: 0, failed: 0 }
  const ending: (() => unknown)[] = [await holdMachine()]
  const folder = mkdtempSync(join(tmpdir(), 'sluice-cluster-'))
  open(folder)
  ending.push(() => rmSync(folder, { recursive: true, force: true }))
  const end = async (): Promise<void> => {
    for (const one of ending.splice(0).toReversed()) await one()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void end().then(() => process.exit(130)))
  try {
    const world = await build(folder, ending, tally, values.kubernetes)
    const wanted = values.filter.split('|')
    const all = { ...scenarios, ...(values.kubernetes === undefined ? {} : newer) }
    for (const [index, [name, scenario]] of Object.entries(all).entries())
      if (world && (index === 0 || wanted.some((text) => name.includes(text))))
        await check(tally, name, () => scenario(world))
    if (values.keep && world) {
      console.log(`The cluster stays: KUBECONFIG=${world.cluster.state}/admin.conf; Ctrl-C ends it.`)
      await new Promise(() => setInterval(() => {}, 1000))
    }
  } finally {
    await end()
  }
  console.log(`${tally.passed} passed, ${tally.failed} failed`)
  return tally.failed === 0 ? 0 : 1
}

async function build(
  folder: string,
  ending: (() => unknown)[],
  tally: Tally,
  version: string | undefined,
): Promise<World | undefined> {
  let world: World | undefined
  let programs = ''
  const store = new ImageStore(join(folder, 'images'))
  let bao = ''
  await check(tally, 'Kubernetes and the images are built', async () => {
    const begun = performance.now()
    programs = await buildPrograms(version)
    bao = await fetchOpenBao()
    const made = performance.now()
    store.buildTargets('deploy/images/Dockerfile', ['step', 'source', 'delegate', 'manager'])
    buildForeign(folder, store)
    const seconds = (from: number, to: number): string => ((to - from) / 1000).toFixed(0)
    return `Kubernetes ${seconds(begun, made)} s, images ${seconds(made, performance.now())} s; ${sizes(store)}`
  })
  await check(tally, 'the cluster and its servers start', async () => {
    const cluster = await bringUp(folder, programs, store, ending)
    const database: PostgreSql = startPostgreSql()
    ending.push(() => database.stop())
    const git: GitServer = await startGit()
    ending.push(() => git.stop())
    const registry: Registry = await startRegistry()
    ending.push(() => registry.stop())
    const openbao = await startOpenBao(bao, join(folder, 'openbao'))
    ending.push(() => openbao.stop())
    const archive = join(folder, 'images.tar')
    store.archive(archive, store.images)
    await cluster.importImages(archive)
    await cluster.apply(...applicable(readFileSync('deploy/kubernetes/delegate.yaml', 'utf8')))
    const opened = await openWorld({ folder, cluster, database, git, registry, openbao, images: store })
    ending.push(() => opened.close())
    world = opened
  })
  return world
}

/** Images of others: one to run scripts in, one that keeps the contract of the stock plugin images, and a database. */
function buildForeign(folder: string, store: ImageStore): void {
  for (const [name, entrypoint] of [
    ['localhost/team/shell:1', undefined],
    ['localhost/plugins/liquibase:1', 'test/cluster/stock-image.sh'],
  ] as const) {
    const root = join(folder, `root-${name.replaceAll(/\W/g, '-')}`)
    makeShellRoot(root, entrypoint)
    const start = entrypoint === undefined ? {} : { Entrypoint: ['/bin/sh', '/usr/local/bin/entrypoint.sh'] }
    store.image(name, [store.layer(root)], { Env: ['PATH=/usr/local/bin:/bin'], ...start })
    rmSync(root, { recursive: true })
  }
  const root = join(folder, 'root-postgresql')
  makePostgreSqlRoot(root)
  store.image('localhost/team/postgresql:1', [store.layer(root)], { Env: ['PATH=/bin'] })
  rmSync(root, { recursive: true })
}

/** Without the StatefulSet: the delegates of most scenarios are processes that can be killed one by one. */
const applicable = (manifest: string): string[] =>
  manifest.split(/^---$/m).filter((document) => !/^kind: StatefulSet$/m.test(document))

async function bringUp(
  folder: string,
  programs: string,
  store: ImageStore,
  ending: (() => unknown)[],
): Promise<Cluster> {
  const { cpSync, mkdirSync } = await import('node:fs')
  const root = join(folder, 'root-pause')
  mkdirSync(root)
  cpSync(join(programs, 'pause'), join(root, 'pause'))
  const pause = store.image('localhost/pause:1', [store.layer(root)], { Entrypoint: ['/pause'], User: '65535:65535' })
  const archive = join(folder, 'pause.tar')
  store.archive(archive, [pause])
  const cluster = await startCluster(programs, join(folder, 'k'), archive)
  ending.push(() => cluster.stop())
  return cluster
}

function sizes(store: ImageStore): string {
  return store.images
    .map(
      ({ name, layers }) =>
        `${name.replace(/^localhost\/sluice\//, '')} ${Math.round(layers.reduce((sum, { size }) => sum + size, 0) / 1e6)} MB`,
    )
    .join(', ')
}

process.exitCode = await main()
process.exit()
