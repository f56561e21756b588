import { expect, test } from 'vitest'
import { describeHost } from './host.ts'

const address = (family: 'IPv4' | 'IPv6', text: string, internal = false) =>
  ({ address: text, family, internal, netmask: '', mac: '', cidr: null, scopeid: 0 }) as never

test('a host is named with the address that others reach it by', () => {
  const interfaces = {
    lo: [address('IPv4', '127.0.0.1', true)],
    eth0: [address('IPv6', 'fd00::2'), address('IPv4', '10.0.0.5')],
  }
  expect(describeHost('worker', interfaces)).toBe('worker (10.0.0.5)')
  expect(describeHost('worker', { lo: [address('IPv4', '127.0.0.1', true)] })).toBe('worker (127.0.0.1)')
})
