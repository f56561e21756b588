// Which proxy an address is reached through.
import { BlockList, isIP } from 'node:net'
import type { OutwardSettings } from './setting.ts'

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

function isInNetwork(host: string, entry: string): boolean {
  const [network = '', length = ''] = entry.split('/')
  const bits = Number(length)
  if (!isIP(host) || !isIP(network) || !/^\d{1,3}$/.test(length) || bits > (isIP(network) === 6 ? 128 : 32))
    return false
  const list = new BlockList()
  list.addSubnet(network, bits, familyOf(network))
  return list.check(host, familyOf(host))
}

/** One entry of NO_PROXY: `*`, a host with all below it (a leading dot or `*.` changes nothing), an address, a network; each with a port. */
export function matches(host: string, port: number, entry: string): boolean {
  if (entry === '*') return true
  if (entry.includes('/')) return isInNetwork(host, entry)
  const split = /^(?:\[([^\]]+)\]|([^:]+)|(.*:.*:.*))(?::(\d+))?$/.exec(entry)
  const name = (split?.[1] ?? split?.[2] ?? split?.[3] ?? '').replace(/^\*?\./, '')
  if (name === '' || (split?.[4] !== undefined && Number(split[4]) !== port)) return false
  return host === name || (!isIP(host) && host.endsWith(`.${name}`))
}

/**
 * The URL of the proxy for a host, or undefined for a direct connection. This machine itself is always direct: a proxy elsewhere
 * could not reach it.
 */
export function proxyFor(
  settings: Pick<OutwardSettings, 'httpProxy' | 'httpsProxy' | 'noProxy'>,
  { by, host, port }: { readonly by: 'http' | 'https'; readonly host: string; readonly port: number },
): string | undefined {
  const proxy = by === 'https' ? settings.httpsProxy : settings.httpProxy
  if (proxy === undefined) return undefined
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, '$1')
  if (name === 'localhost' || name === '::1' || /^127\.\d+\.\d+\.\d+$/.test(name)) return undefined
  const direct = settings.noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== '' && matches(name, port, entry))
  if (direct) return undefined
  return proxy.includes('://') ? proxy : `http://${proxy}`
}
