// An agent of node:https whose connections go through a proxy (CONNECT), for clients that need an authority of their own for one server.
import { request as requestHttp } from 'node:http'
import { Agent, type AgentOptions, request as requestHttps } from 'node:https'
import type { Duplex } from 'node:stream'
import { connect, type ConnectionOptions } from 'node:tls'

type Done = (error: Error | null, socket?: Duplex) => void
type Target = ConnectionOptions & { readonly host?: string; readonly port?: number | string }

/** Milliseconds until the proxy must have answered. */
const patience = 15_000

/** `proxy`: its URL, with a user and a password where it wants them. */
export function createTunnelAgent(proxy: string, options: AgentOptions): Agent {
  const { protocol, hostname, port, username, password } = new URL(proxy)
  const isSecure = protocol === 'https:'
  const known = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const authorization =
    username === '' ? {} : { 'proxy-authorization': `Basic ${Buffer.from(known, 'utf8').toString('base64')}` }
  const at = {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port || (isSecure ? 443 : 80)),
    method: 'CONNECT',
    agent: false,
    timeout: patience,
  } as const

  function open(target: Target, done: Done): void {
    const { host = '' } = target
    const path = `${host.includes(':') ? `[${host}]` : host}:${target.port}`
    const send = isSecure ? requestHttps : requestHttp
    const asked = send({ ...at, path, headers: { host: path, ...authorization } })
    // Whatever the answer is: of this method there is no body.
    asked.once('connect', ({ statusCode = 0 }, socket) => {
      if (statusCode === 200) return done(null, connect({ ...target, socket }))
      socket.destroy()
      const error = new Error(`the proxy ${at.host}:${at.port} answered ${statusCode} for ${path}`)
      // What is beyond it is away, which may pass.
      done(statusCode >= 500 ? Object.assign(error, { code: 'ECONNREFUSED' }) : error)
    })
    asked.once('timeout', () => asked.destroy(new Error(`no answer within ${patience / 1000} s`)))
    asked.once('error', (error) => done(error))
    asked.end()
  }
  return Object.assign(new Agent(options), { createConnection: open })
}
