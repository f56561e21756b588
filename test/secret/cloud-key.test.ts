// Keys of Google Cloud KMS and Azure Key Vault before a server with the request shapes that both have published: it wraps and opens
// for real, with the token that it sold, and only what it wrapped itself. AWS KMS has moto.test.ts.
import {
  createCipheriv,
  createDecipheriv,
  generateKeyPairSync,
  privateDecrypt,
  publicEncrypt,
  constants,
  randomBytes,
} from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Fetch } from '#contract/client'
import { openCloudKey } from '#outward/cloud/key'
import { type Asked, type Peer, type Said, startPeer } from './peer.ts'

const { signal } = new AbortController()
const rootKey = new Uint8Array(32).map((_, index) => index * 7)
let peer: Peer
let answer: (asked: Asked, host: string) => Said
beforeEach(async () => {
  peer = await startPeer((asked) => answer(asked, String(asked.headers['x-for-host'])))
})
afterEach(() => peer.close())

/** The public addresses, all of them the peer; which one was meant goes along. */
const send: Fetch = (url, init) => {
  const { host, pathname, search } = new URL(url)
  return fetch(`${peer.url}${pathname}${search}`, { ...init, headers: { ...init?.headers, 'x-for-host': host } })
}
const ports = (environment: Readonly<Record<string, string>>, file = '') => ({
  fetch: send,
  clock: { now: () => Date.now(), elapsed: () => 0, sleep: async () => {} },
  environment,
  readFile: async () => Buffer.from(file),
})

describe('Google Cloud KMS', () => {
  const name = 'projects/shop/locations/europe-west3/keyRings/sluice/cryptoKeys/root'
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const json = JSON.stringify({
    client_email: 'sluice@shop.iam.gserviceaccount.com',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    token_uri: 'https://oauth2.googleapis.com/token',
  })
  const secret = randomBytes(32)
  /** https://cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings.cryptoKeys/encrypt and …/decrypt */
  function service({ path, body, headers, method }: Asked, host: string): Said {
    if (host === 'oauth2.googleapis.com' && path === '/token' && body.includes('jwt-bearer'))
      return { status: 200, body: { access_token: 'sold', expires_in: 3600 } }
    if (host === 'metadata.google.internal' && headers['metadata-flavor'] === 'Google')
      return { status: 200, body: { access_token: 'sold', expires_in: 3600 } }
    if (host !== 'cloudkms.googleapis.com' || method !== 'POST') return { status: 404 }
    if (headers.authorization !== 'Bearer sold')
      return { status: 401, body: { error: { code: 401, status: 'UNAUTHENTICATED', message: 'no token' } } }
    const said = JSON.parse(body) as Record<string, string>
    const bytes = (field: string): Buffer => Buffer.from(said[field] ?? '', 'base64')
    const aad = bytes('additionalAuthenticatedData')
    if (path === `/v1/${name}:encrypt`) {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(aad)
      const sealed = Buffer.concat([nonce, cipher.update(bytes('plaintext')), cipher.final(), cipher.getAuthTag()])
      return { status: 200, body: { name: `${name}/cryptoKeyVersions/1`, ciphertext: sealed.toString('base64') } }
    }
    if (path !== `/v1/${name}:decrypt`)
      return { status: 403, body: { error: { code: 403, status: 'PERMISSION_DENIED', message: 'not this key' } } }
    const sealed = bytes('ciphertext')
    try {
      const decipher = createDecipheriv('aes-256-gcm', secret, sealed.subarray(0, 12)).setAAD(aad)
      decipher.setAuthTag(sealed.subarray(-16))
      const plain = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()])
      return { status: 200, body: { plaintext: plain.toString('base64') } }
    } catch {
      return { status: 400, body: { error: { code: 400, status: 'INVALID_ARGUMENT', message: 'Decryption failed' } } }
    }
  }

  test.each([
    ['with a key file', { GOOGLE_APPLICATION_CREDENTIALS: '/key.json' }],
    ['as the machine', {}],
  ])('wraps and opens %s', async (_, environment) => {
    answer = service
    const key = openCloudKey(name, ports(environment, json))
    const wrapped = (await key?.wrap(rootKey, signal)) ?? ''
    expect(key?.mark).toBe('google-kms:')
    expect(await key?.unwrap(wrapped, signal)).toEqual(rootKey)
    await expect(key?.unwrap(wrapped.replace(/^..../, 'AAAA'), signal)).rejects.toThrow(/refused decrypt.*Decryption/)
  })

  test('another key is refused, with the words of Google', async () => {
    answer = service
    const key = openCloudKey(name.replace('root', 'other'), ports({}))
    await expect(key?.wrap(rootKey, signal)).rejects.toThrow(/PERMISSION_DENIED.*not this key/)
  })
})

describe('Azure Key Vault', () => {
  const name = 'https://shop.vault.azure.net/keys/sluice'
  const pair = (): ReturnType<typeof make> => make()
  const make = () => generateKeyPairSync('rsa', { modulusLength: 2048 })
  const versions: Record<string, ReturnType<typeof make>> = { aa01: pair() }
  let newest = 'aa01'
  /** https://learn.microsoft.com/rest/api/keyvault/keys/wrap-key, …/unwrap-key and …/get-key, version 7.4 */
  function service({ path, body, headers, method }: Asked, host: string): Said {
    if (host === 'login.microsoftonline.com')
      return body.includes('client_secret=right') && body.includes('scope=https%3A%2F%2Fvault.azure.net%2F.default')
        ? { status: 200, body: { access_token: 'sold' } }
        : { status: 401, body: { error: 'invalid_client' } }
    if (host === '169.254.169.254')
      return headers['metadata'] === 'true' ? { status: 200, body: { access_token: 'sold' } } : { status: 400 }
    if (headers.authorization !== 'Bearer sold')
      return { status: 401, body: { error: { code: 'Unauthorized', message: 'no token' } } }
    const [, , key, version = '', operation = ''] = path.replace('?api-version=7.4', '').split('/')
    const used = versions[version === '' ? newest : version]
    if (host !== 'shop.vault.azure.net' || key !== 'sluice' || !used)
      return { status: 404, body: { error: { code: 'KeyNotFound', message: 'no such key' } } }
    const kid = `${name}/${version === '' ? newest : version}`
    if (method === 'GET') return { status: 200, body: { key: { kid, kty: 'RSA' } } }
    const { alg, value } = JSON.parse(body) as Record<string, string>
    if (alg !== 'RSA-OAEP-256') return { status: 400, body: { error: { code: 'BadParameter', message: String(alg) } } }
    const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }
    const given = Buffer.from(value ?? '', 'base64url')
    const made =
      operation === 'wrapkey'
        ? publicEncrypt({ key: used.publicKey, ...padding }, given)
        : privateDecrypt({ key: used.privateKey, ...padding }, given)
    return { status: 200, body: { kid, value: made.toString('base64url') } }
  }
  const client = { AZURE_TENANT_ID: 't', AZURE_CLIENT_ID: 'c', AZURE_CLIENT_SECRET: 'right' }

  test.each([
    ['as a client', client],
    ['as the machine', {}],
  ])('wraps %s; what an older version wrapped still opens', async (_, environment) => {
    answer = service
    newest = 'aa01'
    const key = openCloudKey(name, ports(environment))
    const wrapped = (await key?.wrap(rootKey, signal)) ?? ''
    expect(`${key?.mark}${wrapped}`).toMatch(/^azure-key-vault:aa01:[\w-]+$/)
    versions['bb02'] ??= pair()
    newest = 'bb02'
    expect(await key?.unwrap(wrapped, signal)).toEqual(rootKey)
    expect(await key?.wrap(rootKey, signal)).toMatch(/^bb02:/)
    expect(await openCloudKey(`${name}/aa01`, ports(environment))?.wrap(rootKey, signal)).toMatch(/^aa01:/)
  })

  test('a wrong client secret and a key that is not there are told', async () => {
    answer = service
    const wrong = openCloudKey(name, ports({ ...client, AZURE_CLIENT_SECRET: 'wrong-secret' }))
    await expect(wrong?.wrap(rootKey, signal)).rejects.toThrow(/invalid_client/)
    await expect(wrong?.wrap(rootKey, signal)).rejects.not.toThrow(/wrong-secret/)
    await expect(openCloudKey(`${name}s`, ports(client))?.wrap(rootKey, signal)).rejects.toThrow(/KeyNotFound/)
  })
})

test.each([
  'https://vault.example.com/v1/transit/keys/k',
  'https://evil.example.com/keys/k',
  'projects/p',
  'arn:aws:s3:::b',
])('%s is no key of a cloud', (name) => expect(openCloudKey(name, ports({}))).toBeUndefined())
