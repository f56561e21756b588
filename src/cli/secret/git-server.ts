// A Git repository behind HTTP and a password, for the self-test: git's own server program behind a small HTTP server.
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '#contract/fault'

export interface GitServer {
  readonly url: string
  /** Requests that carried the right password. */
  readonly admitted: number
  close(): void
}

function git(folder: string, ...args: string[]): void {
  const who = ['-c', 'user.name=Self-test', '-c', 'user.email=self-test@sluice.example']
  try {
    execFileSync('git', [...who, ...args], { cwd: folder, stdio: 'ignore' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new Fault('git-missing', 'There is no git on this machine; the self-test serves a repository with it.', {
      hint: 'Install git here, then run it again.',
      cause: error,
    })
  }
}

/** `files` by path, on branch main. `folder` is made. */
export async function startGitServer(
  folder: string,
  files: Readonly<Record<string, string>>,
  login: { readonly username: string; readonly password: string },
  host: string,
): Promise<GitServer> {
  const tree = join(folder, 'tree')
  mkdirSync(tree, { recursive: true })
  for (const [path, text] of Object.entries(files)) writeFileSync(join(tree, path), text)
  git(tree, 'init', '--quiet', '--initial-branch=main')
  git(tree, 'add', '--all')
  git(tree, 'commit', '--quiet', '--message', 'Self-test')
  git(folder, 'clone', '--quiet', '--bare', 'tree', 'self-test.git')
  const wanted = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`
  let admitted = 0
  const server = createServer((request, response) => void answer(request, response))

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Long enough for the looks at git's process to find it.
    await sleep(150)
    if (request.headers.authorization !== wanted) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="self-test"' }).end()
      return
    }
    admitted += 1
    serve(folder, request, response)
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new Fault('usage', `The self-test cannot listen on ${host}: ${error.message}.`, { cause: error })),
    )
    server.listen(0, host, resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${host}:${port}/self-test.git`,
    get admitted() {
      return admitted
    },
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** One request through `git http-backend`, a CGI program. */
function serve(folder: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const environment = {
    PATH: process.env['PATH'] ?? '',
    GIT_PROJECT_ROOT: folder,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_CONFIG_NOSYSTEM: '1',
    REQUEST_METHOD: request.method ?? 'GET',
    PATH_INFO: url.pathname,
    QUERY_STRING: url.search.slice(1),
    CONTENT_TYPE: request.headers['content-type'] ?? '',
    HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
    GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
  }
  const program = spawn('git', ['http-backend'], { env: environment, stdio: ['pipe', 'pipe', 'ignore'] })
  request.pipe(program.stdin)
  program.stdin.on('error', () => {})
  const parts: Buffer[] = []
  program.stdout.on('data', (part: Buffer) => parts.push(part))
  program.on('close', () => {
    const whole = Buffer.concat(parts)
    const end = whole.indexOf('\r\n\r\n')
    const head = whole.subarray(0, end).toString('latin1').split('\r\n')
    const headers = head.map((line) => line.split(': ', 2)).filter(([name]) => name !== '' && name !== 'Status')
    const status = Number(/^Status: (\d+)/m.exec(head.join('\n'))?.[1] ?? 200)
    response.writeHead(status, Object.fromEntries(headers) as Record<string, string>).end(whole.subarray(end + 4))
  })
}
