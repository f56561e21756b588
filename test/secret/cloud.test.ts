// Secrets out of servers that speak as the three clouds do: signatures, assertions and tokens are checked for real.
import { createVerify, generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AwsSecretManagerSpec } from '#contract/api/connector-type'
import { createAwsSecretManager } from '#delegate/secret/manager/aws'
import { createAzureKeyVault } from '#delegate/secret/manager/azure'
import { createGoogleSecretManager } from '#delegate/secret/manager/google'
import type { ManagerPorts } from '#delegate/secret/manager/port'
import { signRequest } from '#outward/signature'
import { type Asked, type Peer, type Said, startPeer } from './peer.ts'

const { signal } = new AbortController()
const now = Date.parse('2026-03-04T05:06:07Z')
let peer: Peer
let answer: (asked: Asked) => Said
beforeEach(async () => {
  peer = await startPeer((asked) => answer(asked))
})
afterEach(() => peer.close())

const ports = (credentials: Readonly<Record<string, string>>, more: Partial<ManagerPorts> = {}): ManagerPorts => ({
  fetch,
  clock: { now: () => now, elapsed: () => 0, sleep: async () => {} },
  environment: {},
  readFile: async () => Buffer.from(' web-identity-token\n'),
  credential: (reference: string): string => credentials[reference] ?? '',
  ...more,
})

describe('AWS Secrets Manager', () => {
  const keys = { accessKey: 'AKIDEXAMPLE', secretKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }

  // From the public test suite of Signature Version 4 and the example in Amazon's description of the signing process.
  test.each([
    [
      'https://example.amazonaws.com/',
      'service',
      {},
      '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    ],
    [
      'https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08',
      'iam',
      { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' },
      '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
    ],
  ])('signs %s as published', (url, service, headers, signature) => {
    const scope = { region: 'us-east-1', service, now: Date.parse('2015-08-30T12:36:00Z') }
    const signed = signRequest({ method: 'GET', url, headers, body: '' }, keys, scope)
    expect(signed['authorization']).toContain(`Signature=${signature}`)
  })

  const secrets: Record<string, Said> = {
    'shop/db': { status: 200, body: { Name: 'shop/db', SecretString: '{"username":"app","password":"from-aws"}' } },
    'shop/keytab': { status: 200, body: { SecretBinary: Buffer.from([0xff, 0, 1]).toString('base64') } },
  }
  /** Refuses what is not signed with these keys for this very request. */
  function service(accessKey: string, secretKey: string, sessionToken?: string): (asked: Asked) => Said {
    return ({ method, headers, body }) => {
      const names = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1]?.split(';') ?? []
      const signed = Object.fromEntries(
        names
          .filter((name) => name !== 'host' && !/^x-amz-(?:date|security)/.test(name))
          .map((name) => [name, String(headers[name])]),
      )
      const scope = { region: 'eu-central-1', service: 'secretsmanager', now }
      const expected = signRequest(
        { method, url: `${peer.url}/`, headers: signed, body },
        { accessKey, secretKey, sessionToken },
        scope,
      )
      if (headers.authorization !== expected['authorization'])
        return {
          status: 400,
          body: { __type: 'InvalidSignatureException', message: 'The request signature does not match' },
        }
      if (headers['x-amz-target'] !== 'secretsmanager.GetSecretValue')
        return { status: 400, body: { __type: 'UnknownOperationException' } }
      const { SecretId: id } = JSON.parse(body) as { SecretId: string }
      return secrets[id] ?? { status: 400, body: { __type: 'ResourceNotFoundException', Message: 'no such secret' } }
    }
  }
  const manual: AwsSecretManagerSpec['credential'] = {
    type: 'ManualConfig',
    spec: { accessKey: 'key_id', secretKey: 'key' },
  }
  const open = (
    credential: AwsSecretManagerSpec['credential'],
    given: ManagerPorts,
    more: Partial<AwsSecretManagerSpec> = {},
  ) => createAwsSecretManager('aws', { region: 'eu-central-1', endpoint: peer.url, credential, ...more }, given)

  test('texts, fields of JSON, bytes; a prefix goes before the name', async () => {
    answer = service(keys.accessKey, keys.secretKey)
    const given = ports({ key_id: keys.accessKey, key: keys.secretKey })
    expect(await open(manual, given).read('shop/db#password', signal)).toEqual({ text: 'from-aws' })
    expect((await open(manual, given).read('shop/db', signal)).text).toContain('"username":"app"')
    expect(await open(manual, given, { secretNamePrefix: 'shop/' }).read('keytab', signal)).toEqual({
      bytes: Buffer.from([0xff, 0, 1]),
    })
    await expect(open(manual, given).read('none', signal)).rejects.toMatchObject({ code: 'secret-unresolved' })
  })

  test('a wrong key is refused, and told without the key', async () => {
    answer = service(keys.accessKey, 'another')
    const error: unknown = await open(manual, ports({ key_id: 'AKIDEXAMPLE', key: keys.secretKey }))
      .read('shop/db', signal)
      .catch((caught: unknown) => caught)
    expect(error).toMatchObject({
      code: 'secret-manager-refused',
      message: expect.stringContaining('InvalidSignatureException'),
    })
    expect((error as Error).message).not.toContain(keys.secretKey)
  })

  test('credentials from the environment, with a session', async () => {
    answer = service('ASIA1', 'temporary', 'session-token')
    const environment = {
      AWS_ACCESS_KEY_ID: 'ASIA1',
      AWS_SECRET_ACCESS_KEY: 'temporary',
      AWS_SESSION_TOKEN: 'session-token',
    }
    const manager = open({ type: 'AssumeIAMRole' }, ports({}, { environment }))
    expect(await manager.read('shop/db#password', signal)).toEqual({ text: 'from-aws' })
    expect(peer.asked[0]?.headers['x-amz-security-token']).toBe('session-token')
  })

  test('the role of a service account (IRSA), and a second one on top', async () => {
    const answered = (id: string) =>
      `<R><Credentials><AccessKeyId>${id}</AccessKeyId><SecretAccessKey>sk-${id}</SecretAccessKey><SessionToken>st-${id}</SessionToken></Credentials></R>`
    answer = (asked) => {
      if (asked.headers['x-amz-target']) return service('ASIA3', 'sk-ASIA3', 'st-ASIA3')(asked)
      const form = new URLSearchParams(asked.body)
      if (form.get('Action') === 'AssumeRoleWithWebIdentity')
        return form.get('WebIdentityToken') === 'web-identity-token' && form.get('RoleArn') === 'arn:own'
          ? { status: 200, body: answered('ASIA2') }
          : { status: 403, body: '<E><Code>AccessDenied</Code><Message>no</Message></E>' }
      const signedBy = /Credential=(\w+)\/\d+\/eu-central-1\/sts/.exec(asked.headers.authorization ?? '')?.[1]
      return signedBy === 'ASIA2' && form.get('RoleArn') === 'arn:other' && form.get('ExternalId') === 'x1'
        ? { status: 200, body: answered('ASIA3') }
        : { status: 403, body: '<E><Code>AccessDenied</Code><Message>not trusted</Message></E>' }
    }
    const environment = {
      AWS_WEB_IDENTITY_TOKEN_FILE: '/token',
      AWS_ROLE_ARN: 'arn:own',
      AWS_ENDPOINT_URL_STS: peer.url,
    }
    const other = (externalId: string) => ({
      type: 'AssumeSTSRole' as const,
      spec: { roleArn: 'arn:other', externalId },
    })
    const given = ports({}, { environment })
    expect(await open(other('x1'), given).read('shop/db#password', signal)).toEqual({ text: 'from-aws' })
    await expect(open(other('x2'), given).read('shop/db', signal)).rejects.toThrow(
      /role arn:other: HTTP 403, AccessDenied: not trusted/,
    )
  })

  test('a test of it tells a wrong key from a right one that may not read every name', async () => {
    const given = ports({ key_id: keys.accessKey, key: keys.secretKey })
    answer = service(keys.accessKey, keys.secretKey)
    expect(await open(manual, given).test?.(signal)).toBe('It took the sign-in, and lets it read')
    answer = () => ({ status: 400, body: { __type: 'AccessDeniedException', Message: 'not authorized to perform' } })
    expect(await open(manual, given).test?.(signal)).toContain('is decided for each of them')
    answer = service(keys.accessKey, 'another')
    await expect(open(manual, given).test?.(signal)).rejects.toMatchObject({ code: 'secret-manager-refused' })
  })

  test('without any credentials it says how to give some', async () => {
    await expect(open({ type: 'AssumeIAMRole' }, ports({})).read('shop/db', signal)).rejects.toMatchObject({
      code: 'secret-manager-refused',
      hint: expect.stringContaining('IRSA'),
    })
  })
})

describe('Google Secret Manager', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const keyFile = (key = privateKey) =>
    JSON.stringify({
      type: 'service_account',
      project_id: 'shop-project',
      private_key_id: 'k1',
      private_key: key.export({ type: 'pkcs8', format: 'pem' }),
      client_email: 'sluice@shop-project.iam.gserviceaccount.com',
      token_uri: `${peer.url}/token`,
    })
  beforeEach(() => {
    answer = ({ path, body, headers }) => {
      if (path === '/token') {
        const form = new URLSearchParams(body)
        const [head = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.')
        const valid = createVerify('RSA-SHA256').update(`${head}.${claims}`).verify(publicKey, signature, 'base64url')
        const said = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>
        const fits =
          said['aud'] === `${peer.url}/token` && Number(said['iat']) === now / 1000 && Number(said['exp']) > now / 1000
        return valid && fits && form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer'
          ? { status: 200, body: { access_token: 'ya29.token', expires_in: 3599 } }
          : { status: 400, body: { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' } }
      }
      if (headers.authorization !== 'Bearer ya29.token')
        return { status: 401, body: { error: { status: 'UNAUTHENTICATED', message: 'no' } } }
      const values: Record<string, Buffer> = {
        '/v1/projects/shop-project/secrets/db/versions/latest:access': Buffer.from('from-google'),
        '/v1/projects/other/secrets/db/versions/3:access': Buffer.from('{"password":"third"}'),
        '/v1/projects/shop-project/secrets/keytab/versions/latest:access': Buffer.from([0xff, 0]),
      }
      const data = values[path]?.toString('base64')
      return data === undefined
        ? { status: 404, body: { error: { status: 'NOT_FOUND', message: 'Secret not found' } } }
        : { status: 200, body: { payload: { data } } }
    }
  })
  const open = (key: string) =>
    createGoogleSecretManager('google', { credentialsRef: 'key', endpoint: peer.url }, ports({ key }))

  test('by the key of a service account: newest and given versions, fields, bytes', async () => {
    const manager = open(keyFile())
    expect((await manager.read('db', signal)).text).toBe('from-google')
    expect(await manager.read('projects/other/secrets/db/versions/3#password', signal)).toEqual({ text: 'third' })
    expect(await manager.read('keytab', signal)).toEqual({ bytes: Buffer.from([0xff, 0]) })
    await expect(manager.read('none', signal)).rejects.toMatchObject({ code: 'secret-unresolved' })
    expect(peer.asked.filter(({ path }) => path === '/token')).toHaveLength(1)
  })

  test('a test of it', async () => {
    expect(await open(keyFile()).test?.(signal)).toBe('It took the sign-in, and lets it read')
    const signingIn = answer
    const status = (code: number) => (asked: Asked) =>
      asked.path === '/token' ? signingIn(asked) : { status: code, body: { error: { message: 'it says no' } } }
    answer = status(403)
    expect(await open(keyFile()).test?.(signal)).toContain('HTTP 403, it says no')
    answer = status(401)
    await expect(open(keyFile()).test?.(signal)).rejects.toMatchObject({ code: 'secret-manager-refused' })
  })

  test('a key of somebody else, and one that is none', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    await expect(open(keyFile(other)).read('db', signal)).rejects.toThrow(
      /refused the sign-in of sluice@.*invalid_grant/,
    )
    await expect(open('{"type":"x"}').read('db', signal)).rejects.toThrow(/no JSON key of a service account/)
  })
})

describe('Azure Key Vault', () => {
  beforeEach(() => {
    answer = ({ path, body, headers }) => {
      const form = new URLSearchParams(body)
      if (path === '/tenant-1/oauth2/v2.0/token')
        return form.get('client_id') === 'client-1' &&
          form.get('scope') === 'https://vault.azure.net/.default' &&
          (form.get('client_secret') === 'client-secret' || form.get('client_assertion') === 'web-identity-token')
          ? { status: 200, body: { access_token: 'aad-token', expires_in: 3599 } }
          : { status: 401, body: { error: 'invalid_client', error_description: 'AADSTS7000215' } }
      if (headers.authorization !== 'Bearer aad-token')
        return { status: 401, body: { error: { code: 'Unauthorized', message: 'no' } } }
      if (path === '/secrets/db-password?api-version=7.4')
        return { status: 200, body: { value: 'from-azure', id: 'x' } }
      return { status: 404, body: { error: { code: 'SecretNotFound', message: 'A secret with name was not found' } } }
    }
  })
  const open = (secretKey: string | undefined, secret: string, environment = {}) =>
    createAzureKeyVault(
      'azure',
      {
        vaultName: 'shop',
        tenantId: 'tenant-1',
        clientId: 'client-1',
        ...(secretKey === undefined ? {} : { secretKey }),
        endpoint: peer.url,
        loginEndpoint: peer.url,
      },
      ports({ client: secret }, { environment }),
    )

  test('by a client secret and by the federated token of a pod', async () => {
    expect(await open('client', 'client-secret').read('db-password', signal)).toEqual({ text: 'from-azure' })
    const federated = open(undefined, '', { AZURE_FEDERATED_TOKEN_FILE: '/token' })
    expect(await federated.read('db-password', signal)).toEqual({ text: 'from-azure' })
  })

  test('a test of it: one that is denied may be kept out by a firewall, which is no success', async () => {
    expect(await open('client', 'client-secret').test?.(signal)).toBe('It took the sign-in, and lets it read')
    const signingIn = answer
    answer = (asked) =>
      asked.path.endsWith('/token') ? signingIn(asked) : { status: 403, body: { error: { code: 'Forbidden' } } }
    await expect(open('client', 'client-secret').test?.(signal)).rejects.toMatchObject({
      code: 'secret-manager-refused',
    })
  })

  test('what is wrong is told with what to do, never with a value', async () => {
    const error: unknown = await open('client', 'expired-secret')
      .read('db-password', signal)
      .catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'secret-manager-refused', message: expect.stringContaining('invalid_client') })
    expect((error as Error).message).not.toContain('expired-secret')
    await expect(open('client', 'client-secret').read('none', signal)).rejects.toMatchObject({
      code: 'secret-unresolved',
    })
    await expect(open(undefined, '').read('x', signal)).rejects.toThrow(/No secret of the client is named/)
  })
})
