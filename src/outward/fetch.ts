// A fetch that goes through proxies and shows certificates. Where nothing of that is asked for it is Node's own, and nothing is loaded.
import type { Dispatcher } from 'undici'
import type { Fetch } from '#contract/client'
import { proxyFor } from './proxy.ts'
import { isPlain, type OutwardSettings } from './setting.ts'
import { readTrust } from './trust.ts'

/** `nodeTrusts`: the NODE_EXTRA_CA_CERTS that this process was started with. Raises `usage` for files that cannot be used. */
export async function openFetch(settings: OutwardSettings, nodeTrusts: string | undefined): Promise<Fetch> {
  if (isPlain(settings, nodeTrusts)) return fetch
  const { Agent, ProxyAgent, fetch: undiciFetch } = await import('undici')
  // Its types and those of Node's own copy of it differ in nothing that is used.
  const send: (url: string, init: object) => Promise<unknown> = undiciFetch
  const { ca, cert, key } = readTrust(settings)
  const trusted = ca === undefined ? {} : { ca: [...ca] }
  const tls = { ...trusted, ...(cert === undefined || key === undefined ? {} : { cert, key }) }
  const direct = new Agent({ connect: tls })
  const proxies = new Map<string, Dispatcher>()

  function dispatcherFor(url: string): Dispatcher {
    const { protocol, hostname, port } = new URL(url)
    const by = protocol === 'https:' ? 'https' : 'http'
    const uri = proxyFor(settings, { by, host: hostname, port: Number(port || (by === 'https' ? 443 : 80)) })
    if (uri === undefined) return direct
    const known = proxies.get(uri)
    if (known) return known
    // The client certificate is for the server behind the proxy, never for the proxy.
    const made = new ProxyAgent({ uri, requestTls: tls, proxyTls: trusted, connect: tls })
    proxies.set(uri, made)
    return made
  }
  return async (url, init) => (await send(url, { ...init, dispatcher: dispatcherFor(url) })) as Response
}
