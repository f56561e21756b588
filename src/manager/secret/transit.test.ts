import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTransit } from './transit.ts'

const never = new AbortController().signal
const key = new Uint8Array(32).fill(7)

/** As the public description of the transit engine has it: what is wrapped begins with `vault:` and the version of the key. */
describe('the transit engine', () => {
  let server: Server
  let address: string
  let keyVersion = 1
  const asked: (string | undefined)[] = []
  beforeAll(async () => {
    server = createServer((request, response) => {
      void answer(request).then(([status, body]) => response.writeHead(status).end(JSON.stringify(body)))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/transit/keys/sluice`
  })
  afterAll(() => server.close())

  async function answer(request: IncomingMessage): Promise<[number, object]> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    asked.push(request.url)
    if (request.headers['x-vault-token'] !== 'good') return [403, { errors: ['permission denied'] }]
    const { plaintext, ciphertext = '' } = JSON.parse(Buffer.concat(parts).toString()) as Record<string, string>
    if (request.url === '/v1/transit/encrypt/sluice')
      return [200, { data: { ciphertext: `vault:v${keyVersion}:${plaintext}` } }]
    if (request.url === '/v1/transit/decrypt/sluice')
      return [200, { data: { plaintext: ciphertext.replace(/^vault:v\d+:/, '') } }]
    return [404, {}]
  }
  const transit = (token = 'good', at = address) => createTransit({ address: at, token: () => token, fetch })

  test('wraps and opens, also what an older version of its key has wrapped', async () => {
    const wrapped = await transit().wrap(key, never)
    expect(wrapped).toMatch(/^vault:v1:/)
    keyVersion = 2
    expect(await transit().unwrap(wrapped, never)).toEqual(key)
    expect(await transit().wrap(key, never)).toMatch(/^vault:v2:/)
    expect(new Set(asked)).toEqual(new Set(['/v1/transit/encrypt/sluice', '/v1/transit/decrypt/sluice']))
  })

  test('says what it was refused, without the key and the token', async () => {
    const refused = transit('secret-token').wrap(key, never)
    await expect(refused).rejects.toMatchObject({ code: 'secret-manager-refused' })
    await expect(refused).rejects.not.toThrow(/secret-token|BwcH/)
    await expect(transit('good', 'http://127.0.0.1:1/v1/transit/keys/k').wrap(key, never)).rejects.toMatchObject({
      code: 'secret-manager-unreachable',
    })
    for (const wrong of ['https://vault.example.com', 'http://vault.example.com/v1/transit/keys/k'])
      expect(() => transit('good', wrong)).toThrow(/no address of a key/)
  })
})
