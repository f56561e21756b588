// The runner against an API in memory: what it makes, what it leaves for settling, and what it never takes for done. How a real
// cluster behaves is told by test/cluster.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { StepDocument } from '#contract/delegate/step-document'
import { systemClock } from '#contract/delegate/repeat'
import type { AcceptedAttempt } from '../port.ts'
import { type ApiClient, ApiRefusal, type Call } from './client.ts'
import { createKubernetesRunner, type KubernetesRunner } from './runner.ts'
import { readKubernetesSettings } from './settings.ts'

interface Stored {
  readonly metadata: { readonly name: string; uid?: string; finalizers?: string[]; deletionTimestamp?: string }
  status?: object
}

/** Objects by path. Deleting a pod with a finalizer only marks it, as the real one does. */
class Memory implements ApiClient {
  readonly objects = new Map<string, Stored>()
  readonly calls: string[] = []
  refuse: (call: Call) => Error | undefined = () => undefined

  async call(call: Call): Promise<unknown> {
    const { method, body } = call
    const path = call.path.split('?')[0] ?? ''
    this.calls.push(`${method} ${path}`)
    const refusal = this.refuse(call)
    if (refusal) throw refusal
    const named = this.objects.get(path)
    if (method === 'POST') return this.#create(path, body as Stored)
    if (method === 'GET' && !named) return this.#list(path)
    if (!named) throw new ApiRefusal(method, 404, 'NotFound', path)
    if (method === 'PUT') this.objects.set(path, body as Stored)
    if (method === 'DELETE') {
      if (named.metadata.finalizers?.length) named.metadata.deletionTimestamp = '2026-01-01T00:00:00Z'
      else this.objects.delete(path)
    }
    if (method === 'PATCH') {
      named.metadata.finalizers = []
      if (named.metadata.deletionTimestamp) this.objects.delete(path)
    }
    return named
  }
  #create(path: string, body: Stored): unknown {
    const name = `${path}/${body.metadata.name}`
    if (this.objects.has(name)) throw new ApiRefusal('POST', 409, 'AlreadyExists', name)
    const made = structuredClone(body)
    Object.assign(made.metadata, { uid: `uid-${this.objects.size}`, namespace: 'steps' })
    this.objects.set(name, made)
    return made
  }
  #list(path: string): unknown {
    if (!/\/(pods|leases|events)$/.test(path)) throw new ApiRefusal('GET', 404, 'NotFound', path)
    const items = [...this.objects].filter(([key]) => key.startsWith(`${path}/`)).map(([, value]) => value)
    return { metadata: {}, items }
  }
  async text(): Promise<string> {
    return ''
  }
  async *lines(): AsyncIterable<unknown> {}
  close(): void {}
  names(kind: string): string[] {
    return [...this.objects.keys()].filter((key) => key.includes(`/${kind}/`)).map((key) => key.split('/').at(-1) ?? '')
  }
}

let folder: string
let api: Memory
let runner: KubernetesRunner
let ending: AbortController
const said: string[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-runner-'))
  api = new Memory()
  ending = new AbortController()
  runner = open({})
})
function open(more: object, mayRunScripts = true): KubernetesRunner {
  const settings = readKubernetesSettings(
    {
      images: { step: 'step:1', source: 'source:1', entrypoints: { 'team/stock': ['/run.sh'] } },
      allow: { images: ['team/'] },
      workspace: { size: '1Gi' },
      ...more,
    },
    'test',
  )
  const log = (_: string, message: string): void => void said.push(message)
  const fetchImages = () => Promise.reject(new Error('no registry here'))
  const common = { namespace: 'steps', mayRunScripts, fetchImages }
  const options = { ...common, client: api, settings, delegate: 'd', holder: 'd/1', clock: systemClock, log }
  return createKubernetesRunner(options, ending.signal)
}
/** Anchors that were written again. */
const renewed = (): string[] => api.calls.flatMap((call) => /^PUT .*\/leases\/(.*)$/.exec(call)?.[1] ?? [])
afterEach(() => {
  ending.abort()
  rmSync(folder, { recursive: true })
})

const accepted = (): AcceptedAttempt => ({
  attempt: 'a1',
  fence: '3',
  type: 'DBSchemaApply',
  attemptToken: 't',
  acceptedAt: Date.now(),
  timeoutSeconds: 60,
  folder,
})
function documentFor(pod?: object, more: object = {}, source?: object): StepDocument {
  const work = {
    type: 'DBSchemaApply',
    dbSchema: 's',
    dbInstance: 'i',
    source: source ?? {
      type: 'git',
      url: 'https://g/x.git',
      reference: { branch: 'main' },
      path: 'c.yaml',
      passwordRef: 'git',
    },
    connection: { url: 'jdbc:postgresql://h/d', username: 'u', passwordRef: 'db' },
    contexts: '',
    labelFilter: '',
    substituteProperties: {},
    preStartTag: 'p',
  }
  const spec = { attempt: 'a1', execution: 'e', node: 'n', pipeline: 'p', timeoutSeconds: 60, work, pod, ...more }
  const secrets = { git: 'git-secret', db: 'db-secret' }
  return { managerUrl: 'http://127.0.0.1:9', attemptToken: 't', fence: '3', spec, secrets, files: {}, folder } as never
}
const read = (name: string): Record<string, unknown> => JSON.parse(readFileSync(join(folder, name), 'utf8'))
const podKey = '/api/v1/namespaces/steps/pods/sluice-a1-3'
const secretOf = (task: string): string => {
  const { data } = api.objects.get(`/api/v1/namespaces/steps/secrets/sluice-a1-3-${task}`) as unknown as {
    data: object
  }
  return Buffer.from(Object.values(data)[0] as string, 'base64').toString()
}
const becomes = (status: object): void => void Object.assign(api.objects.get(podKey) ?? {}, { status })
const terminated = (exitCode: number, message: string): object => ({ terminated: { exitCode, message, reason: 'x' } })
const source = { type: 'script', image: 'team/tools:1', shell: 'Sh', command: 'make', path: 'c.yaml' }
const works = (): void => becomes({ phase: 'Running', containerStatuses: [{ name: 'step', state: { running: {} } }] })
const reports = (): void => {
  const state = terminated(0, '{"phase":"reported"}\n')
  becomes({ phase: 'Succeeded', containerStatuses: [{ name: 'step', state }] })
}
const started = async (by = runner) => {
  const step = await by.start(accepted(), documentFor())
  await expect.poll(() => api.objects.has(podKey)).toBe(true)
  return step
}

describe('a pod', () => {
  test('is anchored, and its containers see their own secrets only', async () => {
    const { ended } = await started()
    const pod = api.objects.get(podKey) as unknown as { metadata: { ownerReferences: object[]; finalizers: string[] } }
    expect(pod.metadata.ownerReferences).toMatchObject([
      { kind: 'Lease', name: 'sluice-a1-3', blockOwnerDeletion: false },
    ])
    expect(pod.metadata.finalizers).toEqual(['sluice.dev/result'])
    expect(JSON.stringify(pod)).not.toContain('-secret')
    expect(secretOf('source')).toContain('git-secret')
    expect(secretOf('source')).not.toContain('db-secret')
    expect(secretOf('step')).not.toContain('git-secret')
    reports()
    expect(await ended).toContain('exit code 0')
    expect(read('state.json')).toEqual({ phase: 'reported' })
    expect([...api.names('pods'), ...api.names('secrets'), ...api.names('leases')]).toEqual([])
  })
  test('that vanishes has an end that nobody knows, which counts as begun', async () => {
    const { ended } = await started()
    api.objects.delete(podKey)
    expect(await ended).toContain('not known')
    expect(read('state.json')).toEqual({ phase: 'started' })
  })
  test('whose node never says how it ended, although it should have, is given up; its report is left to itself', async () => {
    const { ended } = await started(open({ times: { lost: 3 } }))
    works()
    const { metadata } = api.objects.get(podKey) as unknown as { metadata: object }
    Object.assign(metadata, { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0 })
    expect(await ended).toContain('its node does not say')
    expect(read('state.json')).toEqual({ phase: 'reported' })
    expect(api.names('leases')).toEqual([])
  })
  test('that was there for an earlier delegate and is gone counts as begun too', async () => {
    writeFileSync(join(folder, 'pod.json'), JSON.stringify({ namespace: 'steps', name: 'sluice-a1-3' }))
    expect(await runner.find(accepted())).toBeUndefined()
    expect(read('state.json')).toEqual({ phase: 'started' })
  })
  test('that is there already is found, not made again', async () => {
    await started()
    const made = api.calls.filter((call) => call.startsWith('POST')).length
    const found = await runner.find(accepted())
    becomes({ phase: 'Failed', containerStatuses: [{ name: 'step', state: terminated(137, '{"phase":"started"}\n') }] })
    expect(await found?.ended).toContain('signal 9')
    expect(api.calls.filter((call) => call.startsWith('POST'))).toHaveLength(made)
    expect(read('state.json')).toEqual({ phase: 'started' })
  })
  test('that may not be made is a failure in the words of the API, and nothing stays', async () => {
    api.refuse = ({ method, path }) =>
      method === 'POST' && path.endsWith('/pods') ? new ApiRefusal('POST', 422, 'Invalid', 'no such thing') : undefined
    const { ended } = await runner.start(accepted(), documentFor())
    expect(await ended).toContain('no such thing')
    expect(read('result.json')).toMatchObject({ outcome: 'failure', fault: { code: 'step-died' } })
    expect([...api.names('secrets'), ...api.names('leases')]).toEqual([])
  })
  test('that waits for a quota has an anchor that somebody holds', async () => {
    const full = new ApiRefusal('POST', 403, 'Forbidden', 'exceeded quota')
    api.refuse = ({ method, path }) => (method === 'POST' && path.endsWith('/pods') ? full : undefined)
    const step = await open({ times: { adopt: 3 } }).start(accepted(), documentFor())
    await expect.poll(renewed, { timeout: 10_000 }).toContain('sluice-a1-3')
    step.terminate()
    await step.ended
  })
  test('whose anchor cannot be renewed, because something stands before the API, is looked after all the same', async () => {
    const { ended } = await started(open({ times: { adopt: 3 } }))
    works()
    const hidden = new Error('self-signed certificate in certificate chain')
    api.refuse = ({ method, path }) => (method === 'GET' && path.includes('/leases/') ? hidden : undefined)
    await expect.poll(() => said.join('\n'), { timeout: 10_000 }).toContain(`could not be renewed: ${String(hidden)}`)
    api.refuse = () => undefined
    reports()
    expect(await ended).toContain('exit code 0')
  })
  test('that works keeps the workspace of its group', async () => {
    const workspace = { group: 'g', paths: [] }
    await open({ times: { adopt: 3 } }).start(accepted(), documentFor(undefined, { workspace }, source))
    await expect.poll(() => api.objects.has(podKey)).toBe(true)
    works()
    const [claim] = api.names('persistentvolumeclaims')
    await expect.poll(renewed, { timeout: 10_000 }).toContain(claim)
  })
  test('that is kept for a while after its end is no sweep to remove before', async () => {
    const keeping = open({ times: { keep: 60 } })
    const { ended } = await started(keeping)
    reports()
    await ended
    expect(await keeping.sweep()).toEqual({ adopted: [], removed: [] })
    expect(api.names('pods')).toEqual(['sluice-a1-3'])
  })
  test('that asks for what is not allowed is never made', async () => {
    const elsewhere = documentFor({ namespace: 'kube-system' })
    await expect(runner.start(accepted(), elsewhere)).rejects.toThrow('allow.namespaces')
    expect(api.calls).toEqual([])
    expect(read('result.json')).toMatchObject({ outcome: 'failure', fault: { code: 'invalid-input' } })
  })
})

describe('what a delegate that is gone left', () => {
  const leases = '/apis/coordination.k8s.io/v1/namespaces/steps/leases'
  function left(name: string, seconds: number, status?: object): void {
    const renewTime = new Date(Date.now() - seconds * 1000).toISOString()
    const lease = {
      metadata: { name },
      spec: { holderIdentity: 'd/2', leaseDurationSeconds: 120, renewTime },
    }
    api.objects.set(`${leases}/${name}`, lease)
    if (!status) return
    const metadata = { name, namespace: 'steps', uid: `uid-${name}`, finalizers: ['sluice.dev/result'] }
    api.objects.set(`/api/v1/namespaces/steps/pods/${name}`, { metadata, status })
  }
  const running = { phase: 'Running', containerStatuses: [{ name: 'step', state: { running: {} } }] }

  test('is left alone while it is looked after, then taken over or removed', async () => {
    left('fresh', 100, running)
    left('fresh-starting', 100, { phase: 'Pending' })
    left('working', 130, running)
    left('starting', 130, { phase: 'Pending' })
    left('ended', 130, { phase: 'Succeeded' })
    left('empty', 130)
    expect(await runner.sweep()).toEqual({ adopted: ['working'], removed: ['starting', 'ended', 'empty'] })
    expect(api.names('pods')).toEqual(['fresh', 'fresh-starting', 'working'])
    // From now on it is this delegate's, until its end.
    Object.assign(api.objects.get('/api/v1/namespaces/steps/pods/working') ?? {}, { status: { phase: 'Failed' } })
    expect(await runner.sweep()).toEqual({ adopted: [], removed: ['working'] })
    expect(api.names('leases')).toEqual(['fresh', 'fresh-starting'])
  })
  test('a workspace stays for as long as it says itself', async () => {
    const name = 'sluice-workspace-1'
    const labels = { 'sluice.dev/workspace': name }
    const spec = {
      holderIdentity: 'd/1',
      leaseDurationSeconds: 3600,
      renewTime: new Date(Date.now() - 1e6).toISOString(),
    }
    api.objects.set(`${leases}/${name}`, { metadata: { name, labels }, spec } as never)
    expect(await runner.sweep()).toEqual({ adopted: [], removed: [] })
    Object.assign(spec, { renewTime: new Date(Date.now() - 4e6).toISOString() })
    expect(await runner.sweep()).toEqual({ adopted: [], removed: [name] })
  })
  test('a workspace goes when its run is over, and no pod uses it any more', async () => {
    const workspace = { group: 'g', paths: [] }
    await runner.start(accepted(), documentFor(undefined, { workspace }, source))
    await expect.poll(() => api.objects.has(podKey)).toBe(true)
    const anchor = (): string[] => api.names('leases').filter((name) => name.includes('workspace'))
    const [name] = anchor()
    const asked: string[][] = []
    let over: readonly string[] = []
    runner.connected?.(async (executions) => {
      asked.push([...executions])
      return over
    })
    await runner.sweep()
    expect(asked).toEqual([])
    becomes({ phase: 'Succeeded', containerStatuses: [{ name: 'step', state: terminated(0, '{"phase":"reported"}') }] })
    await runner.sweep()
    expect([asked, anchor()]).toEqual([[['e']], [name]])
    runner.connected?.(() => Promise.reject(new Error('away')))
    await runner.sweep()
    expect(anchor()).toEqual([name])
    over = ['e']
    runner.connected?.(async () => over)
    expect((await runner.sweep()).removed).toContain(name)
    expect(anchor()).toEqual([])
  })
})

describe('a pod with images of others', () => {
  interface Container {
    readonly name: string
    readonly image: string
    readonly command: readonly string[]
    readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[]
  }
  interface Made {
    readonly spec: { readonly initContainers: readonly Container[]; readonly containers: readonly Container[] }
  }
  const script = { type: 'script', image: 'team/tools:1', shell: 'Sh', command: 'make', path: 'c.yaml' }
  async function made(more: object, source?: object): Promise<Made['spec']> {
    await runner.start(accepted(), documentFor(undefined, more, source))
    await expect.poll(() => api.objects.has(podKey)).toBe(true)
    return (api.objects.get(podKey) as unknown as Made).spec
  }
  const mounted = ({ volumeMounts }: Container): string[] => volumeMounts.map(({ mountPath }) => mountPath).toSorted()

  test('gives a stock image neither document nor token, and starts it as the settings say', async () => {
    const { containers } = await made({ images: { step: 'team/stock:1.2' } })
    const [step, tool] = containers
    expect([step?.image, tool?.image]).toEqual(['step:1', 'team/stock:1.2'])
    expect(tool?.command.at(-1)).toBe('/run.sh')
    const own = ['/harness', '/sluice/beside', '/sluice/source', '/sluice/tool', '/tmp', '/workspace']
    expect(tool && mounted(tool)).toEqual(own)
    expect(step && mounted(step)).toContain('/sluice/beside')
    expect(JSON.stringify(containers)).not.toContain('-secret')
  })
  test('takes our own image under another name for what it is', async () => {
    const { containers } = await made({ images: { step: 'team/sluice/step:2' } })
    expect(containers.map(({ image }) => image)).toEqual(['team/sluice/step:2'])
  })
  test('gives a script the folder of its group, which is claimed once', async () => {
    const workspace = { group: 'release.all', paths: ['/var/shared'] }
    const { initContainers } = await made({ workspace }, script)
    const [source] = initContainers
    expect(source?.command.slice(-2)).toEqual(['sh', 'make'])
    expect(source && mounted(source)).toEqual(['/harness', '/sluice/source', '/tmp', '/var/shared', '/workspace'])
    expect(api.names('persistentvolumeclaims')).toHaveLength(1)
  })
  const run = { type: 'Run', shell: 'Sh', script: ['echo ', { secret: 'db' }], environment: {}, outputs: [] }
  test('runs a script beside the step, which alone knows its secrets, in the folder of the group', async () => {
    const workspace = { group: 'release.all', paths: [] }
    const work = { ...run, image: 'team/tools:1' }
    const { containers } = await made({ work, workspace, pod: { memory: '1Gi', runAsUser: 2000 } })
    const [step, tool] = containers
    expect([step?.image, tool?.image]).toEqual(['step:1', 'team/tools:1'])
    expect(tool?.command.at(-1)).toBe('sluice-tool')
    expect(tool && mounted(tool)).toContain('/workspace')
    expect(tool && mounted(tool)).not.toContain('/sluice/document')
    expect(step?.volumeMounts.find(({ mountPath }) => mountPath === '/workspace')?.readOnly).toBe(true)
    expect(api.names('persistentvolumeclaims')).toHaveLength(1)
    expect(secretOf('step')).toContain('db-secret')
    expect(secretOf('source')).not.toContain('db-secret')
    expect(JSON.stringify(containers)).not.toContain('-secret')
  })
  test('runs a script without an image in our own', async () => {
    const { containers } = await made({ work: run })
    expect(containers.map(({ image }) => image)).toEqual(['step:1', 'step:1'])
  })
  test('runs no script where its administrator has not said so', async () => {
    runner = open({}, false)
    await expect(runner.start(accepted(), documentFor(undefined, { work: run }))).rejects.toThrow('--allow-scripts')
    expect(api.calls).toEqual([])
  })
  test.each([
    [{ work: { ...run, image: 'elsewhere/tools' } }, undefined, 'allow.images'],
    [{ images: { step: 'elsewhere/stock:1' } }, undefined, 'allow.images'],
    [{ images: { step: 'team/other:1' } }, undefined, 'images.entrypoints'],
    [{ images: { source: 'team/git:1' } }, undefined, 'gitCloneTag'],
    [{}, { ...script, image: 'elsewhere/tools' }, 'allow.images'],
    [{ workspace: { group: 'g', paths: ['/sluice/document'] } }, script, 'belongs to the pod itself'],
  ])('%j and %j are refused: %s', async (more, source, words) => {
    await runner.start(accepted(), documentFor(undefined, more, source)).catch(() => {})
    expect(api.names('pods')).toEqual([])
    const { outcome, fault } = read('result.json') as { outcome: string; fault: { message: string; hint: string } }
    expect(outcome).toBe('failure')
    expect(`${fault.message} ${fault.hint}`).toContain(words)
  })
})
