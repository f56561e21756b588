// The small server for probes and metrics. Alive: this process turns its loop. Ready: the manager answered not long ago and the
// delegate takes work. A delegate that cannot reach its manager must not be killed for that: its steps need it to come back.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Fault } from '#contract/fault'

export interface HealthState {
  /** Undefined when ready; else why not, in one sentence. */
  notReady(): string | undefined
  metrics(): Promise<string>
}

export interface HealthServer {
  readonly port: number
  close(): Promise<void>
}

const json = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' }

/** Raises `usage` when the address cannot be had. */
export async function startHealthServer(host: string, port: number, state: HealthState): Promise<HealthServer> {
  const server: Server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0]
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end()
    } else if (path === '/api/health' || path === '/api/health/live') {
      response.writeHead(200, json).end('{"status":"alive"}')
    } else if (path === '/api/health/ready') {
      const reason = state.notReady()
      response.writeHead(reason === undefined ? 200 : 503, json)
      response.end(JSON.stringify(reason === undefined ? { status: 'ready' } : { status: 'not-ready', reason }))
    } else if (path === '/api/metrics') {
      state.metrics().then(
        (text) => response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text),
        () => response.writeHead(500).end(),
      )
    } else response.writeHead(404).end()
  })
  server.requestTimeout = 5000
  server.keepAliveTimeout = 5000
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new Fault('usage', `Health and metrics cannot be offered on ${host}:${port}: ${error.message}`)),
    )
    server.listen(port, host, resolve)
  })
  // Probes alone do not keep a delegate going that has nothing else to do.
  server.unref()
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
