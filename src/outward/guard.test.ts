import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { openGuardedFetch } from './fetch.ts'
import { isInside, ownNetwork } from './guard.ts'
import { readOutward } from './setting.ts'

describe('addresses of the own network', () => {
  test.each<[string, boolean]>([
    ['127.0.0.1', true],
    ['10.1.2.3', true],
    ['172.31.0.1', true],
    ['192.168.1.1', true],
    ['169.254.169.254', true],
    ['100.64.0.1', true],
    ['0.0.0.0', true],
    ['::1', true],
    ['::', true],
    ['fd00::1', true],
    ['fe80::1', true],
    ['::ffff:127.0.0.1', true],
    ['::ffff:a9fe:a9fe', true],
    ['64:ff9b::7f00:1', true],
    ['2002:7f00:1::', true],
    ['140.82.121.4', false],
    ['172.32.0.1', false],
    ['2606:50c0:8000::153', false],
  ])('%s: %s', (address, expected) => expect(isInside(address)).toBe(expected))
})

test('the own network is called only where the administrator allows it, by address and by name', async () => {
  const server = createServer((_, answer) => answer.end('reached')).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const call = async (allowed: string, host: string): Promise<string> => {
    const send = await openGuardedFetch(readOutward({}), ownNetwork(allowed))
    try {
      return await (await send(`http://${host}:${port}/`, { method: 'GET', headers: {} })).text()
    } catch (error) {
      const { cause, message } = error as Error
      return cause instanceof Error ? cause.message : message
    }
  }
  try {
    for (const host of ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]'])
      expect(await call('', host), host).toContain('is an address of the own network')
    expect(await call('localhost', 'localhost')).toBe('reached')
    expect(await call('localhost', '127.0.0.1')).toContain('own network')
    expect(await call(`127.0.0.1:${port}`, '127.0.0.1')).toBe('reached')
    expect(await call('127.0.0.1:1', '127.0.0.1')).toContain('own network')
    expect(await call('127.0.0.0/8', 'localhost')).toBe('reached')
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
