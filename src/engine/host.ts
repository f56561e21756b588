// How a run names its machine in LOCKEDBY, in the form that Liquibase users know: `host (address)`.
import type { NetworkInterfaceInfo } from 'node:os'

/** The first address that other machines can reach, else loopback. Pass `os.hostname()` and `os.networkInterfaces()`. */
export function describeHost(
  hostname: string,
  interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>,
): string {
  const addresses = Object.values(interfaces).flatMap((list) => list ?? [])
  const outward = addresses.filter((one) => !one.internal)
  const best = outward.find((one) => one.family === 'IPv4') ?? outward[0]
  return `${hostname.slice(0, 100)} (${best?.address ?? '127.0.0.1'})`
}
