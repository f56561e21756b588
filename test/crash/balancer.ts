// A load balancer as simple as there is: each request to the next replica, whoever had the one before; the next one when nobody
// listens; a page of HTML with 502 when a replica dies over a request.
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { Agent } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

export interface Balancer {
  readonly url: string
  /** Requests that each replica was handed, in the order of the ports. */
  readonly handed: readonly number[]
  /** Requests that died with their replica. */
  readonly broken: number
  close(): void
}

export async function openBalancer(ports: readonly number[]): Promise<Balancer> {
  const agent = new Agent({ keepAlive: true })
  const handed = ports.map(() => 0)
  let [next, broken] = [0, 0]

  function forward(incoming: IncomingMessage, body: Buffer, answer: ServerResponse, triesLeft: number): void {
    const at = next++ % ports.length
    const { method, url, headers } = incoming
    const sent = request({ host: '127.0.0.1', port: ports[at], method, path: url, headers, agent }, (reply) => {
      handed[at] = (handed[at] ?? 0) + 1
      answer.writeHead(reply.statusCode ?? 502, reply.headers)
      reply.pipe(answer)
      // Headers have gone: all that is left is to end it in the middle, as balancers do.
      reply.on('error', () => answer.destroy())
    })
    sent.on('error', (error: NodeJS.ErrnoException) => {
      if (answer.headersSent) return answer.destroy()
      if (error.code === 'ECONNREFUSED' && triesLeft > 1) return forward(incoming, body, answer, triesLeft - 1)
      broken += 1
      answer.writeHead(502, { 'content-type': 'text/html' }).end('<html><h1>502 Bad Gateway</h1></html>')
    })
    answer.on('close', () => sent.destroy())
    sent.end(body)
  }

  const server: Server = createServer((incoming, answer) => {
    const parts: Buffer[] = []
    incoming.on('data', (part: Buffer) => parts.push(part))
    incoming.on('end', () => forward(incoming, Buffer.concat(parts), answer, ports.length))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    handed,
    get broken() {
      return broken
    },
    close: () => {
      server.close()
      server.closeAllConnections()
      agent.destroy()
    },
  }
}
