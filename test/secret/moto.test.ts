// Our requests to AWS before a server of somebody else that checks their signatures and rights: KMS, Secrets Manager, STS, S3.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAwsSecretManager } from '#delegate/secret/manager/aws'
import { openCloudKey } from '#outward/cloud/key'
import { archiveRequest } from '#step/source/archive'
import { readRefusal } from '#step/source/s3'
import { type Moto, prepareMoto, startMoto } from './moto.ts'

const { signal } = new AbortController()
const region = 'eu-central-1'
const prepared = prepareMoto()
if ('missing' in prepared) console.warn(`NOT RUN: "AWS as moto has it": ${prepared.missing} is not there.`)
const rootKey = new Uint8Array(32).map((_, index) => index * 7)

describe.skipIf('missing' in prepared)('AWS as moto has it', { timeout: 60_000 }, () => {
  let moto: Moto
  let arn = ''
  /** Of a user who may use the key, the secret and the role, and of one who may do nothing. */
  let keys: Record<'operator' | 'stranger', { readonly id: string; readonly secret: string }>
  const environmentOf = (who: keyof typeof keys, secret = keys[who].secret): Record<string, string> => ({
    AWS_ACCESS_KEY_ID: keys[who].id,
    AWS_SECRET_ACCESS_KEY: secret,
    AWS_ENDPOINT_URL_KMS: moto.url,
    AWS_ENDPOINT_URL_STS: moto.url,
  })
  const ports = (environment: Readonly<Record<string, string>>) => ({
    fetch,
    clock: { now: () => Date.now(), elapsed: () => performance.now(), sleep: async () => {} },
    environment,
    readFile: async () => Buffer.from(''),
    credential: () => '',
  })
  const keyOf = (environment: Readonly<Record<string, string>>, name = arn) => openCloudKey(name, ports(environment))

  beforeAll(async () => {
    if ('missing' in prepared) return
    moto = await startMoto(prepared.packages)
    const iam = (fields: Readonly<Record<string, string>>) => moto.query('iam', { Version: '2010-05-08', ...fields })
    const user = async (UserName: string) => {
      await iam({ Action: 'CreateUser', UserName })
      const said = await iam({ Action: 'CreateAccessKey', UserName })
      const element = (name: string): string => new RegExp(`<${name}>([^<]+)<`).exec(said)?.[1] ?? ''
      return { id: element('AccessKeyId'), secret: element('SecretAccessKey') }
    }
    keys = { operator: await user('operator'), stranger: await user('stranger') }
    const allowed = ['kms:Encrypt', 'kms:Decrypt', 'secretsmanager:GetSecretValue', 'sts:AssumeRole', 's3:GetObject']
    const document = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: allowed, Resource: '*' }] }
    const PolicyDocument = JSON.stringify(document)
    await iam({ Action: 'PutUserPolicy', UserName: 'operator', PolicyName: 'sluice', PolicyDocument })
    const trust = {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: 'arn:aws:iam::123456789012:user/operator' } },
      ],
    }
    await iam({ Action: 'CreateRole', RoleName: 'reader', AssumeRolePolicyDocument: JSON.stringify(trust) })
    await iam({ Action: 'PutRolePolicy', RoleName: 'reader', PolicyName: 'sluice', PolicyDocument })
    const made = await moto.json('kms', 'TrentService.CreateKey', {})
    arn = String((made['KeyMetadata'] as Record<string, unknown>)['Arn'])
    const secret = {
      Name: 'shop/db',
      SecretString: JSON.stringify({ password: 'from-moto' }),
      ClientRequestToken: 'x'.repeat(32),
    }
    await moto.json('secretsmanager', 'secretsmanager.CreateSecret', secret)
    await moto.put('/releases', '')
    await moto.put('/releases/shop/1.0.tar.gz', 'an archive')
    await moto.guard()
  }, 300_000)
  afterAll(() => moto?.stop())

  test('KMS wraps and opens a root key', async () => {
    const key = keyOf(environmentOf('operator'))
    const wrapped = (await key?.wrap(rootKey, signal)) ?? ''
    expect(wrapped).toMatch(/^[A-Za-z0-9+/=]{40,}$/)
    expect(Buffer.from(wrapped, 'base64').includes(Buffer.from(rootKey))).toBe(false)
    expect(await key?.unwrap(wrapped, signal)).toEqual(rootKey)
  })

  test('a wrong secret, missing rights and a key that is not there are told', async () => {
    const refused = async (environment: Readonly<Record<string, string>>, name = arn) => {
      const error: unknown = await keyOf(environment, name)
        ?.wrap(rootKey, signal)
        .catch((caught: unknown) => caught)
      expect(error).toMatchObject({ code: 'secret-manager-refused' })
      return (error as Error).message
    }
    expect(await refused(environmentOf('operator', 'wrong'))).toMatch(/key service .* refused Encrypt: HTTP 403/)
    expect(await refused(environmentOf('stranger'))).toMatch(/refused Encrypt: HTTP 403/)
    expect(await refused(environmentOf('operator'), arn.replace(/.{12}$/, '000000000000'))).toMatch(/NotFound/)
  })

  test('Secrets Manager gives a secret to a user, to a role that the user takes, and not to others', async () => {
    const read = (environment: Readonly<Record<string, string>>, role?: string) => {
      const credential = role
        ? ({ type: 'AssumeSTSRole', spec: { roleArn: role } } as const)
        : ({ type: 'AssumeIAMRole' } as const)
      const spec = { region, endpoint: moto.url, credential }
      return createAwsSecretManager('aws', spec, ports(environment)).read('shop/db#password', signal)
    }
    expect(await read(environmentOf('operator'))).toEqual({ text: 'from-moto' })
    const role = `arn:aws:iam::${arn.split(':')[4]}:role/reader`
    expect(await read(environmentOf('operator'), role)).toEqual({ text: 'from-moto' })
    for (const environment of [environmentOf('operator', 'wrong'), environmentOf('stranger')])
      await expect(read(environment)).rejects.toMatchObject({ code: 'secret-manager-refused' })
  })

  test('an object of a bucket is given to who signs for it', async () => {
    const url = `${moto.url}/releases/shop/1.0.tar.gz`
    const ask = (who: keyof typeof keys, secret = keys[who].secret) =>
      fetch(url, archiveRequest(url, { region }, { username: keys[who].id, password: secret }))
    expect(await (await ask('operator')).text()).toBe('an archive')
    for (const refused of [await ask('operator', 'wrong'), await ask('stranger')]) {
      const { fault } = await readRefusal(refused, url)
      expect(fault.code).toBe('source-authentication')
    }
  })
})
