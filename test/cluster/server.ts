// The servers around the cluster, all real: PostgreSQL, a Git server that wants a token, an image registry that wants a password.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { address, until } from './cluster.ts'
import type { Image, ImageStore } from './image.ts'

export const ports = {
  postgresql: 15433,
  git: 13080,
  registry: 15000,
  manager: 17400,
  proxy: 17401,
  openbao: 18200,
  edge: 17402,
  gitEdge: 17403,
} as const
const secret = (): string => randomBytes(12).toString('hex')

export interface PostgreSql {
  readonly password: string
  readonly url: (database: string) => string
  query(database: string, sql: string): string
  stop(): void
}

/** A server of our own: pods come from the network of the cluster. */
export function startPostgreSql(): PostgreSql {
  const bin =
    readdirSync('/usr/lib/postgresql')
      .toSorted((a, b) => Number(a) - Number(b))
      .map((one) => `/usr/lib/postgresql/${one}/bin`)
      .at(-1) ?? ''
  const folder = mkdtempSync(join(tmpdir(), 'sluice-cluster-pg-'))
  const password = secret()
  const asPostgres = (script: string): void => void execFileSync('su', ['postgres', '-c', script], { stdio: 'pipe' })
  writeFileSync(join(folder, 'password'), password, { mode: 0o644 })
  execFileSync('chown', ['-R', 'postgres', folder])
  asPostgres(
    `${bin}/initdb -D ${folder}/data -U postgres --pwfile=${folder}/password --auth=scram-sha-256 -E UTF8 --locale=C.UTF-8`,
  )
  writeFileSync(
    join(folder, 'data', 'pg_hba.conf'),
    'host all all 0.0.0.0/0 scram-sha-256\nlocal all all scram-sha-256\n',
  )
  asPostgres(
    `${bin}/pg_ctl -D ${folder}/data -w -l ${folder}/log -o "-p ${ports.postgresql} -k ${folder} -c listen_addresses=${address} -c max_connections=200 -c fsync=off" start`,
  )
  return {
    password,
    url: (database) => `jdbc:postgresql://${address}:${ports.postgresql}/${database}`,
    query(database, sql) {
      const { stdout, stderr, status } = spawnSync(
        'psql',
        ['-h', address, '-p', String(ports.postgresql), '-U', 'postgres', '-d', database, '-XAtqc', sql],
        {
          env: { PATH: process.env['PATH'] ?? '', PGPASSWORD: password },
          encoding: 'utf8',
        },
      )
      if (status !== 0) throw new Error(stderr)
      return stdout.trim()
    },
    stop() {
      spawnSync('su', ['postgres', '-c', `${bin}/pg_ctl -D ${folder}/data -m immediate stop`])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export interface GitServer {
  readonly username: string
  readonly token: string
  readonly url: (name: string) => string
  /** Commits files to a branch of a repository, which is made when missing. Gives the commit. */
  commit(name: string, files: Readonly<Record<string, string>>, branch?: string): string
  tag(name: string, tag: string): void
  stop(): void
}

/** Smart HTTP by git's own program behind basic authentication. */
export async function startGit(): Promise<GitServer> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-cluster-git-'))
  const token = secret()
  const wanted = `Basic ${Buffer.from(`reader:${token}`).toString('base64')}`
  const server: Server = createServer((request, response) => {
    if (request.headers.authorization !== wanted) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('no')
      return
    }
    const url = new URL(request.url ?? '/', 'http://x')
    const backend = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env['PATH'] ?? '',
        GIT_PROJECT_ROOT: folder,
        GIT_HTTP_EXPORT_ALL: '1',
        REQUEST_METHOD: request.method ?? 'GET',
        PATH_INFO: decodeURIComponent(url.pathname),
        QUERY_STRING: url.search.slice(1),
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: (request.headers['git-protocol'] as string | undefined) ?? '',
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'safe.directory',
        GIT_CONFIG_VALUE_0: '*',
        ...(request.headers['content-length'] ? { CONTENT_LENGTH: request.headers['content-length'] } : {}),
      },
    })
    request.pipe(backend.stdin)
    backend.stdin.on('error', () => {})
    let head = Buffer.alloc(0)
    let open = false
    backend.stdout.on('data', (part: Buffer) => {
      if (open) {
        response.write(part)
        return
      }
      head = Buffer.concat([head, part])
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return
      open = true
      const headers = head
        .subarray(0, end)
        .toString()
        .split('\r\n')
        .map((line) => line.split(/:\s*/, 2) as [string, string])
      const status = headers.find(([name]) => name.toLowerCase() === 'status')?.[1]
      response.writeHead(
        status ? Number.parseInt(status, 10) : 200,
        Object.fromEntries(headers.filter(([name]) => name.toLowerCase() !== 'status')),
      )
      response.write(head.subarray(end + 4))
    })
    backend.stdout.on('end', () => response.end())
  })
  await new Promise<void>((done) => server.listen(ports.git, address, done))
  const git = (cwd: string, ...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
  return {
    username: 'reader',
    token,
    url: (name) => `http://${address}:${ports.git}/${name}.git`,
    commit(name, files, branch = 'main') {
      const bare = join(folder, `${name}.git`)
      const work = mkdtempSync(join(tmpdir(), 'sluice-cluster-work-'))
      git(folder, 'init', '--quiet', '--bare', '--initial-branch=main', bare)
      git(work, 'init', '--quiet', `--initial-branch=${branch}`)
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(work, path)), { recursive: true })
        writeFileSync(join(work, path), text)
      }
      git(work, 'add', '--all')
      git(work, 'commit', '--quiet', '--message', 'changelog')
      git(work, 'push', '--quiet', '--force', bare, `${branch}:${branch}`)
      const commit = git(work, 'rev-parse', 'HEAD')
      rmSync(work, { recursive: true })
      return commit
    },
    tag: (name, tag) => void git(join(folder, `${name}.git`), 'tag', tag, 'main'),
    stop() {
      server.close()
      server.closeAllConnections()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export interface Registry {
  readonly host: string
  /** As Docker writes it. */
  readonly credentials: string
  push(store: ImageStore, image: Image, name: string, tag: string): Promise<string>
  stop(): void
}

export async function startRegistry(): Promise<Registry> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-cluster-registry-'))
  const host = `${address}:${ports.registry}`
  const password = secret()
  // libxcrypt knows bcrypt, which is all that the registry takes.
  const salt = `$2y$05$${randomBytes(16).toString('hex').slice(0, 21)}u`
  const hash = execFileSync('perl', ['-e', 'print crypt($ARGV[0], $ARGV[1])', password, salt], { encoding: 'utf8' })
  writeFileSync(join(folder, 'htpasswd'), `puller:${hash}\n`)
  writeFileSync(
    join(folder, 'config.yml'),
    JSON.stringify({
      version: 0.1,
      log: { level: 'warn' },
      storage: { filesystem: { rootdirectory: join(folder, 'data') } },
      http: { addr: host },
      auth: { htpasswd: { realm: 'test', path: join(folder, 'htpasswd') } },
    }),
  )
  const child: ChildProcess = spawn('docker-registry', ['serve', join(folder, 'config.yml')], { stdio: 'ignore' })
  const auth = Buffer.from(`puller:${password}`).toString('base64')
  const headers = { authorization: `Basic ${auth}` }
  const base = `http://${host}/v2/`
  await until('the registry', async () =>
    (await fetch(base, { headers }).catch(() => undefined))?.ok ? true : undefined,
  )
  return {
    host,
    credentials: JSON.stringify({ [host]: { username: 'puller', password, auth } }),
    async push(store, image, name, tag) {
      for (const { digest, size } of [...image.layers, image.config]) {
        if ((await fetch(`${base}${name}/blobs/${digest}`, { method: 'HEAD', headers })).ok) continue
        const begun = await fetch(`${base}${name}/blobs/uploads/`, { method: 'POST', headers })
        const place = new URL(begun.headers.get('location') ?? '', base)
        place.searchParams.set('digest', digest)
        const put = await fetch(place, {
          method: 'PUT',
          headers: { ...headers, 'content-type': 'application/octet-stream', 'content-length': String(size) },
          body: readFileSync(store.pathOf(digest)),
        })
        if (!put.ok) throw new Error(`The registry refused a blob: ${put.status} ${await put.text()}`)
      }
      const put = await fetch(`${base}${name}/manifests/${tag}`, {
        method: 'PUT',
        headers: { ...headers, 'content-type': 'application/vnd.oci.image.manifest.v1+json' },
        body: readFileSync(store.pathOf(image.manifest.digest)),
      })
      if (!put.ok) throw new Error(`The registry refused the manifest: ${put.status} ${await put.text()}`)
      return `${host}/${name}:${tag}`
    },
    stop() {
      child.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** For folders that other users read. */
export const open = (folder: string): void => chmodSync(folder, 0o755)
