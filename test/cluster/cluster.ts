// A Kubernetes of one node on this machine, made and ended by the scripts beside this file.
import { execFile, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { parseAllDocuments } from 'yaml'
import { type ApiClient, createApiClient, isStatus } from '#delegate/runner/kubernetes/client'
import { findCluster } from '#delegate/runner/kubernetes/credential'

const scripts = resolve('test/cluster/kubernetes')
const run = promisify(execFile)

/** Where everything listens; pods reach it too. */
export const address = '10.99.0.1'

/** Kept between runs, because making them takes minutes; the name follows from how they are made. */
function programsFolder(script: string, name: string): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  return join(
    cache,
    'sluice',
    `${name}-${createHash('sha256')
      .update(readFileSync(join(scripts, script)))
      .digest('hex')
      .slice(0, 12)}`,
  )
}

async function make(script: string, name: string, ...args: readonly string[]): Promise<string> {
  const folder = programsFolder(script, name)
  mkdirSync(folder, { recursive: true })
  await run('bash', [join(scripts, script), ...args, folder], { maxBuffer: 64 * 1024 * 1024 })
  return folder
}

/** Gives the folder of the programs. Minutes at the first time, nothing later. `version` undefined: the one of Debian 12's source. */
export const buildPrograms = (version?: string): Promise<string> =>
  version === undefined ? make('build.sh', 'kubernetes') : make('module.sh', `kubernetes-${version}`, version)

/** Path of a Helm of our own, made when it is not there. */
export const buildHelm = async (): Promise<string> => join(await make('helm.sh', 'helm'), 'helm')

interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
}

const plurals: Readonly<Record<string, string>> = {
  NetworkPolicy: 'networkpolicies',
  PriorityClass: 'priorityclasses',
  StorageClass: 'storageclasses',
}
const everywhere = new Set(['Namespace', 'PriorityClass', 'StorageClass', 'PersistentVolume'])

function pathOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const scope = everywhere.has(kind) ? '' : `/namespaces/${metadata.namespace ?? 'default'}`
  return `${group}${scope}/${plurals[kind] ?? `${kind.toLowerCase()}s`}`
}

export interface Cluster {
  readonly state: string
  /** As administrator. */
  readonly client: ApiClient
  get<T = Record<string, never>>(path: string): Promise<T>
  /** Makes objects, given as YAML documents or values; those that are there are replaced. */
  apply(...objects: readonly (string | object)[]): Promise<void>
  remove(path: string, grace?: number): Promise<void>
  importImages(archive: string): Promise<void>
  /** Writes a kubeconfig for a service account; gives its path. */
  kubeconfigOf(namespace: string, account: string): Promise<string>
  /** Of kubelet, apiserver, … */
  processOf(name: string): number
  startKubelet(): void
  stop(): void
}

export async function startCluster(programs: string, state: string, pauseImage: string): Promise<Cluster> {
  const { stdout } = await run('bash', [join(scripts, 'up.sh'), programs, state, pauseImage], { maxBuffer: 1e8 }).catch(
    (error: { stdout?: string; stderr?: string }) => {
      spawnSync('bash', [join(scripts, 'down.sh'), state])
      throw new Error(`The cluster did not start:\n${error.stdout ?? ''}${error.stderr ?? ''}`)
    },
  )
  process.stdout.write(stdout)
  const client = createApiClient(await findCluster(join(state, 'admin.conf'), {}))
  const get = async <T>(path: string): Promise<T> => (await client.call({ method: 'GET', path })) as T

  async function applyOne(object: KubernetesObject): Promise<void> {
    const path = pathOf(object)
    const one = `${path}/${object.metadata.name}`
    try {
      await client.call({ method: 'POST', path, body: object })
    } catch (error) {
      if (!isStatus(error, 409)) throw error
      const type = 'application/merge-patch+json'
      await client.call({ method: 'PATCH', path: one, body: object, contentType: type })
    }
  }
  return {
    state,
    client,
    get,
    async apply(...objects) {
      for (const one of objects) {
        const values =
          typeof one === 'string' ? parseAllDocuments(one).map((document) => document.toJS() as unknown) : [one]
        for (const value of values) if (value !== null) await applyOne(value as KubernetesObject)
      }
    },
    async remove(path, grace) {
      const body = grace === undefined ? {} : { gracePeriodSeconds: grace }
      await client.call({ method: 'DELETE', path, body }).catch((error: unknown) => {
        if (!isStatus(error, 404)) throw error
      })
    },
    async importImages(archive) {
      await run('ctr', ['-a', join(state, 'containerd.sock'), '-n', 'k8s.io', 'images', 'import', archive])
    },
    async kubeconfigOf(namespace, account) {
      const { status } = (await client.call({
        method: 'POST',
        path: `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`,
        body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 86_400 } },
      })) as { readonly status: { readonly token: string } }
      const path = join(state, `${account}.conf`)
      const { writeFile } = await import('node:fs/promises')
      const text = readFileSync(join(state, 'admin.conf'), 'utf8').replace(/token: \w+/, `token: ${status.token}`)
      await writeFile(path, text, { mode: 0o600 })
      return path
    },
    processOf: (name) => Number(readFileSync(join(state, 'run', name), 'utf8')),
    startKubelet() {
      const start = 'setsid ./kubelet.sh >>log/kubelet 2>&1 </dev/null & echo $! >run/kubelet'
      spawnSync('bash', ['-c', start], { cwd: state, stdio: 'ignore' })
    },
    stop() {
      client.close()
      spawnSync('bash', [join(scripts, 'down.sh'), state], { stdio: 'inherit' })
    },
  }
}

/** Asks until there is something; gives up after a generous time, because machines may be busy. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  seconds = 120,
): Promise<T> {
  const end = performance.now() + seconds * 1000
  for (;;) {
    const found = await ask()
    if (found !== undefined) return found
    if (performance.now() > end) throw new Error(`Waited ${seconds} s for ${what}.`)
    await sleep(100)
  }
}
