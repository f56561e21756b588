// A small HTTP server for tests that speaks as a secret manager does: answers JSON, keeps what it was asked.
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Asked {
  readonly method: string
  /** Path with query. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}
export interface Said {
  readonly status: number
  /** JSON unless it is a text. */
  readonly body?: unknown
}

export interface Peer {
  readonly url: string
  readonly asked: Asked[]
  close(): Promise<void>
}

export async function startPeer(answer: (asked: Asked) => Said | Promise<Said>): Promise<Peer> {
  const asked: Asked[] = []
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const one = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(parts).toString('utf8'),
      }
      asked.push(one)
      void reply()
      async function reply(): Promise<void> {
        const { status, body } = await answer(one)
        const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body)
        response.writeHead(status, { 'content-type': 'application/json' }).end(text)
      }
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
