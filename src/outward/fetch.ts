// A fetch that goes through proxies and shows certificates. Where nothing of that is asked for it is Node's own, and nothing is loaded.
import type { Dispatcher } from 'undici'
import type { Fetch } from '#contract/client'
import { checkLiteral, type Guard, guardedLookup, portOf } from './guard.ts'
import { proxyFor } from './proxy.ts'
import { isPlain, type OutwardSettings } from './setting.ts'
import { type KeyPair, readTrust } from './trust.ts'

/** `nodeTrusts`: the NODE_EXTRA_CA_CERTS that this process was started with. Raises `usage` for files that cannot be used. */
export async function openFetch(settings: OutwardSettings, nodeTrusts: string | undefined): Promise<Fetch> {
  return isPlain(settings, nodeTrusts) ? fetch : openDispatched(settings, undefined)
}

/**
 * For calls to addresses that users name: none that `guard` refuses, whatever name it hides behind. Behind a proxy names are resolved
 * by the proxy, which has to say no itself.
 */
export function openGuardedFetch(settings: OutwardSettings, guard: Guard, shown?: KeyPair): Promise<Fetch> {
  return openDispatched(settings, guard, shown)
}

/** `shown`: to servers who ask for a certificate, instead of that of the settings. */
async function openDispatched(settings: OutwardSettings, guard: Guard | undefined, shown?: KeyPair): Promise<Fetch> {
  const { Agent, ProxyAgent, fetch: undiciFetch } = await import('undici')
  // Its types and those of Node's own copy of it differ in nothing that is used.
  const send: (url: string, init: object) => Promise<unknown> = undiciFetch
  const { ca, ...own } = readTrust(settings)
  const { cert, key } = shown ?? own
  const trusted = ca === undefined ? {} : { ca: [...ca] }
  const tls = { ...trusted, ...(cert === undefined || key === undefined ? {} : { cert, key }) }
  const direct = new Agent({ connect: tls })
  const guarded = guard ? new Agent({ connect: { ...tls, lookup: guardedLookup(guard) } }) : direct
  const proxies = new Map<string, Dispatcher>()

  function dispatcherFor(address: string): Dispatcher {
    const url = new URL(address)
    const { protocol, hostname } = url
    if (guard) checkLiteral(url, guard)
    const by = protocol === 'https:' ? 'https' : 'http'
    const uri = proxyFor(settings, { by, host: hostname, port: portOf(url) })
    if (uri === undefined) return guard?.passes(url) ? direct : guarded
    const known = proxies.get(uri)
    if (known) return known
    // The client certificate is for the server behind the proxy, never for the proxy. Plain HTTP is asked of the proxy itself: many let
    // nobody tunnel to other ports than that of HTTPS.
    const made = new ProxyAgent({ uri, requestTls: tls, proxyTls: trusted, connect: tls, proxyTunnel: false })
    proxies.set(uri, made)
    return made
  }
  return async (url, init) => (await send(url, { ...init, dispatcher: dispatcherFor(url) })) as Response
}
