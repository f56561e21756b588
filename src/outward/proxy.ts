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

/** This machine, its link, and where clouds tell machines who they are: a proxy elsewhere could not reach them, or would be answered. */
const isLocal = (name: string): boolean =>
  /^(?:localhost|::1|metadata\.google\.internal|fd00:ec2::(?:23|254)|fe80:.*|(?:127|169\.254)(?:\.\d+){2,3})$/.test(
    name,
  )

/** The URL of the proxy for a host, or undefined for a direct connection. */
export function proxyFor(
  settings: Pick<OutwardSettings, 'httpProxy' | 'httpsProxy' | 'noProxy'>,
  { by, host, port }: { readonly by: 'http' | 'https'; readonly host: string; readonly port: number },
): string | undefined {
  const proxy = by === 'https' ? settings.httpsProxy : settings.httpProxy
  if (proxy === undefined) return undefined
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, '$1')
  if (isLocal(name)) return undefined
  const direct = settings.noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== '' && matches(name, port, entry))
  if (direct) return undefined
  return proxy.includes('://') ? proxy : `http://${proxy}`
}
