// What stands at the edge of a closed network: TLS servers with certificates of the company's own authority, in front of a manager,
// a Git server and a database; and the proxy that leads to the first two.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createHttps, type Server } from 'node:https'
import { type AddressInfo, connect, createServer as createTcp, type Server as TcpServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { resolve } from 'node:path'
import { TLSSocket } from 'node:tls'
import type { Authority, Certificate } from './certificate.ts'
import type { Edge } from './edge.ts'
import { program, type StepWorld } from './step-world.ts'

const portOf = (server: Server | TcpServer): number => (server.address() as AddressInfo).port
const listen = async (server: Server | TcpServer): Promise<void> => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
}

/** Git's own server program behind HTTPS. `folder` holds bare repositories. */
export async function startGitServer(authority: Authority, folder: string): Promise<Edge> {
  const { cert, key } = authority.issue('git', 'DNS:git.test')
  const server = createHttps({ cert, key }, (incoming, outgoing) => {
    const url = new URL(incoming.url ?? '', 'https://git.test')
    const child = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env['PATH'],
        GIT_PROJECT_ROOT: folder,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: url.pathname,
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: incoming.method,
        CONTENT_TYPE: incoming.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: incoming.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: String(incoming.headers['git-protocol'] ?? ''),
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'safe.directory',
        GIT_CONFIG_VALUE_0: '*',
      },
    })
    incoming.pipe(child.stdin)
    child.stdin.on('error', () => {})
    const parts: Buffer[] = []
    child.stdout.on('data', (part: Buffer) => parts.push(part))
    child.on('close', () => {
      const all = Buffer.concat(parts)
      const end = all.indexOf('\r\n\r\n')
      const headers = all.subarray(0, end).toString().split('\r\n')
      const status = Number(/^Status: (\d+)/i.exec(headers.find((line) => /^status:/i.test(line)) ?? '')?.[1] ?? 200)
      for (const line of headers) {
        const [, name = '', value = ''] = /^([^:]+): (.*)$/.exec(line) ?? []
        if (name !== '' && name.toLowerCase() !== 'status') outgoing.setHeader(name, value)
      }
      outgoing.writeHead(status).end(all.subarray(end + 4))
    })
  })
  await listen(server)
  return {
    port: portOf(server),
    callers: new Set(),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** TLS as PostgreSQL does it (the client asks first), in front of a real server. */
export async function startDatabaseEdge(authority: Authority, host: string, port: number): Promise<Edge> {
  const { cert, key } = authority.issue('database', 'DNS:localhost')
  const sockets = new Set<Socket>()
  const server = createTcp((client) => {
    sockets.add(client)
    client.on('close', () => sockets.delete(client))
    client.on('error', () => client.destroy())
    client.once('data', () => {
      client.write('S')
      const secure = new TLSSocket(client, { isServer: true, cert, key })
      const database = connect(port, host)
      const end = (): void => {
        secure.destroy()
        database.destroy()
      }
      secure.on('error', end)
      database.on('error', end)
      secure.pipe(database).pipe(secure)
    })
  })
  await listen(server)
  return {
    port: portOf(server),
    callers: new Set(),
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export interface Proxy {
  readonly url: string
  /** What it was asked for, such as `CONNECT git.test:443`. */
  readonly asked: string[]
  readonly child: ChildProcess
}

/** A process of its own. Its address holds the password that it wants. */
export async function startProxy(): Promise<Proxy> {
  const child = spawn(process.execPath, [resolve('test/scenario/connect-proxy.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const asked: string[] = []
  const lines = createInterface({ input: child.stdout })
  const [port] = (await once(lines, 'line')) as [string]
  lines.on('line', (line) => asked.push(line))
  return { url: `http://closed:p%40ss@127.0.0.1:${port}`, asked, child }
}

export interface StartedDelegate {
  readonly child: ChildProcess
  readonly said: () => string
}
/** The built command behind the proxy, without `NODE_EXTRA_CA_CERTS` and the like of whoever runs the tests. */
export function startClosedDelegate(
  world: StepWorld,
  { manager, proxy }: { readonly manager: Edge; readonly proxy: Proxy },
  more: readonly string[],
  environment: Record<string, string> = {},
): StartedDelegate {
  const address = `https://manager.test:${manager.port}`
  const directory = `${world.folder}/${randomUUID()}`
  const own = ['--manager', address, '--directory', directory, '--health-port', '0']
  const child = spawn(process.execPath, [program, 'delegate', ...own, ...more], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      SLUICE_DELEGATE_TOKEN: world.manager.joinToken,
      HTTPS_PROXY: proxy.url,
      HTTP_PROXY: proxy.url,
      ...environment,
    },
  })
  let output = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output += text))
  return { child, said: () => output }
}

/** Flags by which a delegate shows its certificate to the manager. */
export const showing = ({ certFile, keyFile }: Certificate): string[] => [
  '--client-certificate',
  certFile,
  '--client-key',
  keyFile,
]
