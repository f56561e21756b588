// Where a program that acts for users may not call: addresses of its own network and machine, unless the administrator says so.
import { lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { matches } from './proxy.ts'

const inside = new BlockList()
for (const network of [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  // Link-local, and where clouds answer with credentials.
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/127',
  // Translated and tunnelled addresses hide one of the above.
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/32',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
]) {
  const [address = '', bits = ''] = network.split('/')
  inside.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

/** Is the address one that only this machine or its network can reach? */
export const isInside = (address: string): boolean => inside.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

/** `allowed`: hosts and networks with commas between, as in NO_PROXY. */
export function isAllowed(host: string, port: number, allowed: string): boolean {
  return allowed
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== '' && matches(host.toLowerCase(), port, entry))
}

/** Which addresses may not be called. */
export interface Guard {
  /** The host may be called wherever it is. */
  passes(url: URL): boolean
  /** Why the address may not be called; `host` is the name that led to it, or the address itself. */
  refusal(address: string, host: string): Error | undefined
}

/** Nothing of the own network but what is `allowed`. */
export const ownNetwork = (allowed: string): Guard => ({
  passes: (url) => isAllowed(hostOf(url), portOf(url), allowed),
  refusal: (address, host) =>
    isInside(address) && !isAllowed(address, 0, allowed)
      ? new Error(`${host} is an address of the own network, which is not called. An administrator can allow it.`)
      : undefined,
})

const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1')
export const portOf = ({ port, protocol }: URL): number => Number(port || (protocol === 'https:' ? 443 : 80))

/** Raises the error for an address that is written out. Names are looked at when they are resolved. */
export function checkLiteral(url: URL, guard: Guard): void {
  const host = hostOf(url)
  const refusal = isIP(host) === 0 || guard.passes(url) ? undefined : guard.refusal(host, host)
  if (refusal) throw refusal
}

/** Resolves a name and gives only addresses that may be called: what was checked is what is connected to. */
export const guardedLookup =
  (guard: Guard): LookupFunction =>
  (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error) {
        callback(error, [])
        return
      }
      const open = found.filter(({ address }) => !guard.refusal(address, host))
      const [first] = open
      if (!first) callback(guard.refusal(found[0]?.address ?? '', host) ?? new Error(`${host} has no address`), [])
      else if (options.all) callback(null, open)
      else callback(null, first.address, first.family)
    })
  }
