// HTTPS with a certificate of an authority of our own in front of a server of the tests; with `mutual` it asks for one, too.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request as forward } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Authority } from './certificate.ts'

export interface Edge {
  readonly port: number
  /** Common names of the certificates that callers showed. */
  readonly callers: Set<string>
  close(): Promise<void>
}

/** Where it listens, and the name that its certificate is for. */
export interface EdgePlace {
  readonly host: string
  readonly port: number
  readonly alternative: string
}

/** HTTPS in front of a server that speaks plain HTTP, such as a manager. With `mutual` only who shows a certificate of the authority gets through. */
export async function startEdge(
  authority: Authority,
  target: string,
  mutual: boolean,
  { host, port, alternative }: EdgePlace = { host: '127.0.0.1', port: 0, alternative: 'DNS:manager.test' },
): Promise<Edge> {
  const { cert, key } = authority.issue(`edge-${port}`, alternative)
  const ca = readFileSync(authority.caFile, 'utf8')
  const callers = new Set<string>()
  const server = createHttps(
    { cert, key, ca, requestCert: mutual, rejectUnauthorized: mutual },
    (incoming, outgoing) => {
      const name = (incoming.socket as TLSSocket).getPeerCertificate().subject?.CN
      if (name) callers.add(String(name))
      const { method, headers } = incoming
      const sent = forward(`${target}${incoming.url}`, { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
      })
      sent.on('error', () => outgoing.destroy())
      outgoing.on('close', () => sent.destroy())
      incoming.pipe(sent)
    },
  )
  server.listen(port, host)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    callers,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
