// A server that speaks for AWS and checks signatures with Amazon's own library (moto and botocore, of PyPI), as a process of its own.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { signRequest } from '#outward/signature'

const version = '5.2.5'
const region = 'eu-central-1'
const admin = { accessKey: 'setup', secretKey: 'setup' }

/**
 * Folder with the packages, or why there is none. Kept in the cache of the user; fetched (140 MB) where nothing may be skipped, or
 * where SLUICE_TEST_MOTO is set.
 */
export function prepareMoto(): { readonly packages: string } | { readonly missing: string } {
  const { stdout, status } = spawnSync('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], {
    encoding: 'utf8',
  })
  if (status !== 0) return { missing: 'python3' }
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  const packages = join(cache, 'sluice', `moto-${version}-python${stdout.trim()}`)
  if (existsSync(packages)) return { packages }
  if (!process.env['SLUICE_SKIP_NOTHING'] && !process.env['SLUICE_TEST_MOTO'])
    return { missing: `moto ${version} of PyPI; SLUICE_TEST_MOTO=1 fetches it` }
  const fresh = `${packages}.${process.pid}`
  mkdirSync(fresh, { recursive: true })
  const flags = ['--quiet', '--no-compile', '--only-binary=:all:', '--target', fresh]
  const installed = spawnSync(
    'python3',
    ['-m', 'pip', 'install', ...flags, `moto==${version}`, 'flask', 'flask-cors'],
    {
      encoding: 'utf8',
      timeout: 300_000,
    },
  )
  if (installed.status !== 0) {
    rmSync(fresh, { recursive: true })
    return { missing: `moto ${version} of PyPI (${installed.stderr?.trim().split('\n').at(-1)})` }
  }
  if (existsSync(packages)) rmSync(fresh, { recursive: true })
  else renameSync(fresh, packages)
  return { packages }
}

export interface Moto {
  readonly url: string
  /** One call of a service that speaks JSON, as somebody who may do all; before `guard` only. */
  json(service: string, target: string, body: object): Promise<Record<string, unknown>>
  /** The same for one that speaks forms and XML. */
  query(service: string, fields: Readonly<Record<string, string>>): Promise<string>
  /** Puts a bucket (without a text) or an object into S3. */
  put(path: string, text: string): Promise<void>
  /** From now on every request needs a signature of a user, and rights. */
  guard(): Promise<void>
  stop(): void
}

export async function startMoto(packages: string): Promise<Moto> {
  const child: ChildProcess = spawn('python3', ['-u', '-m', 'moto.server', '-H', '127.0.0.1', '-p', '0'], {
    env: { PATH: process.env['PATH'], PYTHONPATH: packages, INITIAL_NO_AUTH_ACTION_COUNT: '1000' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  const url = await new Promise<string>((resolve, reject) => {
    const hear = (part: Buffer): void => {
      said += part.toString()
      const found = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1]
      if (found) resolve(found)
    }
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', hear)
    child.once('exit', () => reject(new Error(`moto ended:\n${said}`)))
  })
  async function call(service: string, headers: Record<string, string>, body: string): Promise<string> {
    const request = { method: 'POST', url: `${url}/`, headers, body }
    const { host: _, ...signed } = signRequest(request, admin, { region, service, now: Date.now() })
    const response = await fetch(request.url, { method: 'POST', headers: signed, body })
    const text = await response.text()
    if (!response.ok) throw new Error(`${service}: ${response.status} ${text}`)
    return text
  }
  return {
    url,
    json: async (service, target, body) =>
      JSON.parse(
        await call(
          service,
          { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
          JSON.stringify(body),
        ),
      ) as Record<string, unknown>,
    query: (service, fields) =>
      call(service, { 'content-type': 'application/x-www-form-urlencoded' }, new URLSearchParams(fields).toString()),
    async put(path, text) {
      const request = { method: 'PUT', url: `${url}${encodeURI(path)}`, headers: {}, body: text }
      const { host: _, ...headers } = signRequest(request, admin, { region, service: 's3', now: Date.now() })
      const settings =
        text === ''
          ? `<CreateBucketConfiguration><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`
          : text
      const response = await fetch(request.url, { method: 'PUT', headers, body: settings })
      if (!response.ok) throw new Error(`S3: ${response.status} ${await response.text()}`)
    },
    async guard() {
      await fetch(`${url}/moto-api/reset-auth`, { method: 'POST', body: '0' })
    },
    stop: () => void child.kill('SIGKILL'),
  }
}
