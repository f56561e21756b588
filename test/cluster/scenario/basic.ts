// A release in pods, what may be seen of its secrets, and where its images come from.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { neededVerbs, workspaceVerbs } from '#delegate/runner/kubernetes/permission'
import { expect, holds } from '../check.ts'
import { address, until } from '../cluster.ts'
import { baseSettings, program, type World } from '../world.ts'
import { slowChangelog } from './changelog.ts'
import type { Scenario } from './index.ts'
import { roleOf } from './role.ts'

const residentMegabytes = (pid: number | undefined): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

interface Listed {
  readonly items: readonly { readonly metadata: { readonly name: string }; readonly type?: string }[]
}
const api = '/api/v1/namespaces/sluice-steps'

/** What steps leave in the namespace: nothing. */
async function isEmpty(world: World): Promise<void> {
  await world.cleared()
  await until('no Secrets', async () => {
    const { items } = await world.cluster.get<Listed>(`${api}/secrets`)
    return items.every(({ type }) => type === 'kubernetes.io/service-account-token') ? true : undefined
  })
  const leases = '/apis/coordination.k8s.io/v1/namespaces/sluice-steps/leases'
  await until('no Leases', async () =>
    (await world.cluster.get<Listed>(leases)).items.length === 0 ? true : undefined,
  )
}

const kinds = ['pods', 'secrets', 'configmaps', 'events']

/** Every object of the namespace as text, with the data of Secrets decoded: what somebody with all rights can read. */
async function everything(world: World): Promise<string> {
  const texts: string[] = []
  for (const kind of kinds) {
    const list = await world.cluster.get<{ items: { data?: Record<string, string> }[] }>(`${api}/${kind}`)
    texts.push(JSON.stringify(list))
    if (kind !== 'secrets') continue
    for (const { data } of list.items)
      for (const value of Object.values(data ?? {})) texts.push(Buffer.from(value, 'base64').toString('utf8'))
  }
  return texts.join('\n')
}

/** Environment and arguments of all processes in containers of the node: root sees them all. */
function processes(): string {
  const own = new Set(['environ', 'cmdline'])
  const texts: string[] = []
  for (const pid of readdirNumbers('/proc'))
    for (const file of own) {
      try {
        if (readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes('kubepods'))
          texts.push(readFileSync(`/proc/${pid}/${file}`, 'utf8'))
      } catch {
        // It ended.
      }
    }
  return texts.join('\n')
}
function readdirNumbers(folder: string): string[] {
  return readdirSync(folder).filter((name) => /^\d+$/.test(name))
}

/** Runs a release and looks all the time at what can be seen of its secrets. */
async function watched(
  world: World,
  name: string,
): Promise<{ readonly objects: string; readonly seen: string; readonly log: string }> {
  const project = await world.project(name, slowChangelog(2, 2))
  const execution = await project.start()
  const over = new AbortController()
  const ending = project.end(execution).finally(() => {
    over.abort()
  })
  const objects: string[] = []
  const seen: string[] = []
  while (!over.signal.aborted) {
    objects.push(await everything(world))
    seen.push(processes())
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const { status } = await ending
  const log = await project.log(execution)
  expect(`status; log: ${log}`, status, 'Success')
  return { objects: objects.join('\n'), seen: seen.join('\n'), log }
}

function holdsNone(what: string, text: string, secrets: readonly string[]): void {
  const forms = secrets.flatMap((secret) => [
    secret,
    Buffer.from(secret).toString('base64'),
    encodeURIComponent(secret),
  ])
  if (forms.some((form) => text.includes(form))) throw new Error(`A secret stands in ${what}.`)
}

/** Runs the program as an administrator would; gives what it said. */
async function selfTest({ folder, cluster }: World, secretInjection: 'file' | 'runtime'): Promise<string> {
  const file = join(folder, `self-test-${secretInjection}.yaml`)
  writeFileSync(file, JSON.stringify({ ...baseSettings, secretInjection }))
  const args = ['secrets', 'self-test', '--kubernetes-settings', file, '--address', address]
  const child = spawn(process.execPath, [program, ...args, '--kubeconfig', join(cluster.state, 'admin.conf')])
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (said += part.toString()))
  const code = await new Promise<number | null>((done) => child.once('close', done))
  if (code !== 0) throw new Error(`secrets self-test ended with ${code}:\n${said}`)
  return said
}

export const basic: Readonly<Record<string, Scenario>> = {
  'a step runs in a pod, reports itself, and leaves nothing behind': async (world) => {
    await world.startDelegate('first')
    const project = await world.project('plain', slowChangelog(3, 0))
    const execution = await project.start()
    const { status } = await project.end(execution)
    const log = await project.log(execution)
    expect(`status; log: ${log}`, status, 'Success')
    expect('change sets', project.query('select count(*), count(distinct id) from trace'), '3|3')
    holds('the log tells of the fetching', log.includes('Checked out commit'))
    // Every scenario depends on it: without OpenBao no secret of the store can be opened.
    const key = readFileSync(join(world.folder, 'manager', 'root.key'), 'utf8')
    holds('OpenBao wraps the root key of the manager', key.startsWith('wrapped:vault:v1:'))
    await isEmpty(world)
    return `its delegate has ${residentMegabytes(world.delegates[0]?.child.pid).toFixed(0)} MB`
  },
  'secrets of a step stand in no environment, argument, log or other object than its own Secret': async (world) => {
    const { objects, seen, log } = await watched(world, 'secret_file')
    holds('processes of pods were seen', seen.includes('sluice'))
    holdsNone('a process', seen, world.secrets)
    holdsNone('the log', log, world.secrets)
    holdsNone('the log of the delegate', readFileSync(world.delegates[0]?.output ?? '', 'utf8'), world.secrets)
    // The search works: it finds what is there.
    holds(
      'its own Secret held the password',
      world.secrets.some((secret) => objects.includes(secret)),
    )
    await isEmpty(world)
  },
  'with secretInjection: runtime no object of the API holds a secret at any time': async (world) => {
    await world.withDelegate('sealed', { secretInjection: 'runtime' }, async ({ output }) => {
      const { objects, seen, log } = await watched(world, 'secret_sealed')
      holds('sealed documents were seen', objects.includes('document.box'))
      for (const [what, text] of Object.entries({ objects, seen, log, delegate: readFileSync(output, 'utf8') }))
        holdsNone(what, text, world.secrets)
      await isEmpty(world)
    })
  },
  'secrets self-test proves where a secret can be seen in this cluster, in both ways of injection': async (world) => {
    const words = []
    for (const way of ['file', 'runtime'] as const) {
      const said = await selfTest(world, way)
      holds(`it saw pods: ${said}`, /pods of the steps/.test(said))
      words.push(`${way}: ${said.trim().split('\n').at(-1)}`)
    }
    await isEmpty(world)
    return words.join('; ')
  },
  'images come from a registry that wants a password; without it the step says so': async (world) => {
    const { registry, images, folder } = world
    const names: Record<string, string> = {}
    for (const target of ['step', 'source']) {
      const image = images.images.find(({ name }) => name === `localhost/sluice/${target}:test`)
      if (image) names[target] = await registry.push(images, image, 'team/sluice', target)
    }
    const credentials = join(folder, 'registry.json')
    writeFileSync(credentials, registry.credentials, { mode: 0o600 })
    const places = { images: { ...names, pullSecrets: [] }, imagePullPolicy: 'Always' }
    const project = await world.project('registry', slowChangelog(1, 0))
    await world.withDelegate('stranger', places, async () => {
      const refused = await project.end(await project.start())
      expect('without credentials', refused.status, 'Failed')
      const said = refused.nodes.map(({ fault }) => fault?.message ?? '').join(' ')
      holds(`the fault tells of the pull: ${said}`, /ErrImagePull|ImagePullBackOff/.test(said))
    })
    await world.withDelegate('known', { ...places, registryCredentialsFile: credentials }, async () => {
      const pulled = await project.end(await project.start())
      expect(`with credentials; ${await project.log(pulled.id)}`, pulled.status, 'Success')
      await isEmpty(world)
    })
  },
  'each verb that is missing is named at the start, and those that can be done without are': async (world) => {
    const { granted, grant } = roleOf(world)
    expect(
      'the Role has the verbs that are used',
      granted.toSorted(),
      [...neededVerbs, ...workspaceVerbs].map(({ verb, resource, group }) => `${verb} ${resource} ${group}`).toSorted(),
    )
    try {
      for (const { verb, resource, optional } of neededVerbs) {
        if (optional) continue
        await grant((...one) => one.join(' ') !== `${verb} ${resource}`)
        const name = `lacks_${verb}_${resource}`
        const words = await world.startDelegate(name).then(
          () => 'it started',
          (error: unknown) => String(error),
        )
        holds(`${verb} ${resource} is named: ${words}`, words.includes(`${verb} ${resource}`))
      }
      const spared = neededVerbs.filter((one) => one.optional).map(({ verb, resource }) => `${verb} ${resource}`)
      await grant((...one) => !spared.includes(one.join(' ')))
      await world.withDelegate('modest', {}, async ({ output }) => {
        const project = await world.project('modest', slowChangelog(1, 0))
        const { status } = await project.end(await project.start())
        expect('without watch and events', status, 'Success')
        for (const one of spared) holds(`${one} is named`, readFileSync(output, 'utf8').includes(one))
      })
    } finally {
      await grant(() => true)
    }
  },
}
