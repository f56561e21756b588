// AWS Secrets Manager by plain REST: credentials of the connector, of the delegate's environment, or of the role of its service
// account (IRSA, EKS Pod Identity); another role on top when the connector names one.
import type { AwsSecretManagerSpec } from '#contract/api/connector-type'
import { Fault } from '#contract/fault'
import { type AwsCredentials, signRequest } from '#outward/signature'
import { type Answer, callManager, refused } from './call.ts'
import {
  absentSecret,
  chooseFromText,
  describeManager,
  type ManagerName,
  type ManagerPorts,
  notFound,
  type SecretManager,
  signedIn,
  splitPath,
} from './port.ts'

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const typeOf = ({ body }: Answer): string => {
  const type = isRecord(body) ? body['__type'] : undefined
  return typeof type === 'string' ? type.replace(/^.*#/, '') : ''
}

export function createAwsSecretManager(name: string, spec: AwsSecretManagerSpec, ports: ManagerPorts): SecretManager {
  const { region } = spec
  const address = (spec.endpoint ?? `https://secretsmanager.${region}.${domainOf(region)}`).replace(/\/+$/, '')
  const manager: ManagerName = { name, kind: 'AWS Secrets Manager', address }
  let credentials: Promise<AwsCredentials> | undefined

  function signIn(signal: AbortSignal): Promise<AwsCredentials> {
    credentials ??= findCredentials(manager, spec, ports, signal).catch((error: unknown) => {
      credentials = undefined
      throw error
    })
    return credentials
  }

  async function ask(id: string, signal: AbortSignal): Promise<Answer> {
    const request = {
      method: 'POST' as const,
      url: `${address}/`,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'secretsmanager.GetSecretValue' },
      body: JSON.stringify({ SecretId: id }),
    }
    const scope = { region, service: 'secretsmanager', now: ports.clock.now() }
    const { host: _, ...headers } = signRequest(request, await signIn(signal), scope)
    return callManager(ports, manager, id, { ...request, headers }, signal)
  }

  return {
    async test(signal) {
      const id = `${spec.secretNamePrefix ?? ''}${absentSecret}`
      const answer = await ask(id, signal)
      // Amazon looks at the signature first: who is denied one name has been recognised.
      const isKnown = answer.status === 200 || typeOf(answer) === 'ResourceNotFoundException'
      if (isKnown) return 'It took the sign-in, and lets it read'
      if (typeOf(answer) === 'AccessDeniedException') return signedIn
      throw refused(manager, 'the sign-in', answer, 'Check the keys or the role, and the clock of the delegate.')
    },
    async read(whole, signal) {
      const { path, field } = splitPath(whole)
      const id = `${spec.secretNamePrefix ?? ''}${path}`
      const answer = await ask(id, signal)
      if (answer.status === 200 && isRecord(answer.body)) return valueOf(manager, id, answer.body, field)
      if (typeOf(answer) === 'ResourceNotFoundException')
        throw notFound(manager, id, 'there is no such secret', `Check name, region ${region} and prefix.`)
      const hint = `Allow secretsmanager:GetSecretValue on ${id}, and kms:Decrypt on its key; check the clock of the delegate.`
      throw refused(manager, `to give ${id}`, answer, hint)
    },
  }
}

function valueOf(manager: ManagerName, path: string, body: Record<string, unknown>, field: string | undefined) {
  const { SecretString: text, SecretBinary: binary } = body
  if (typeof text === 'string') return { text: chooseFromText(manager, path, text, field) }
  if (typeof binary === 'string') return { bytes: Buffer.from(binary, 'base64') }
  throw notFound(manager, path, 'it has no value', 'Put a value into it.')
}

/** China has a domain of its own. */
const domainOf = (region: string): string => (region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com')

async function findCredentials(
  manager: ManagerName,
  spec: AwsSecretManagerSpec,
  ports: ManagerPorts,
  signal: AbortSignal,
): Promise<AwsCredentials> {
  const { credential } = spec
  if (credential.type === 'ManualConfig')
    return {
      accessKey: ports.credential(credential.spec.accessKey),
      secretKey: ports.credential(credential.spec.secretKey),
    }
  const own = await ownCredentials(manager, spec.region, ports, signal)
  if (credential.type === 'AssumeIAMRole') return own
  const { roleArn, externalId } = credential.spec
  const query = { RoleArn: roleArn, ...(externalId === undefined ? {} : { ExternalId: externalId }) }
  return assumeRole(manager, { action: 'AssumeRole', region: spec.region, query, signWith: own }, ports, signal)
}

/** What the environment of the delegate gives, in the order of Amazon's own clients. */
async function ownCredentials(
  manager: ManagerName,
  region: string,
  ports: ManagerPorts,
  signal: AbortSignal,
): Promise<AwsCredentials> {
  const { environment } = ports
  const accessKey = environment['AWS_ACCESS_KEY_ID']
  const secretKey = environment['AWS_SECRET_ACCESS_KEY']
  if (accessKey && secretKey)
    return { accessKey, secretKey, sessionToken: environment['AWS_SESSION_TOKEN'] || undefined }
  const file = environment['AWS_WEB_IDENTITY_TOKEN_FILE']
  const role = environment['AWS_ROLE_ARN']
  if (file && role) {
    const token = (await ports.readFile(file)).toString('utf8').trim()
    const query = { RoleArn: role, WebIdentityToken: token }
    return assumeRole(manager, { action: 'AssumeRoleWithWebIdentity', region, query }, ports, signal)
  }
  const container = environment['AWS_CONTAINER_CREDENTIALS_FULL_URI']
  if (container) return containerCredentials(manager, container, ports, signal)
  throw new Fault('secret-manager-refused', `The delegate has no credentials for ${describeManager(manager)}.`, {
    hint: 'Give its pod a role (IRSA or Pod Identity), set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for it, or use ManualConfig.',
  })
}

interface RoleRequest {
  readonly action: 'AssumeRole' | 'AssumeRoleWithWebIdentity'
  readonly region: string
  readonly query: Readonly<Record<string, string>>
  /** Absent: the request carries its own proof. */
  readonly signWith?: AwsCredentials
}

/** STS answers in XML; three elements of it are needed. */
async function assumeRole(
  manager: ManagerName,
  { action, region, query, signWith }: RoleRequest,
  ports: ManagerPorts,
  signal: AbortSignal,
): Promise<AwsCredentials> {
  const url = `${ports.environment['AWS_ENDPOINT_URL_STS'] || `https://sts.${region}.${domainOf(region)}`}/`
  const body = new URLSearchParams({
    Action: action,
    Version: '2011-06-15',
    RoleSessionName: 'sluice-delegate',
    ...query,
  }).toString()
  const request = {
    method: 'POST' as const,
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body,
  }
  const scope = { region, service: 'sts', now: ports.clock.now() }
  const { host: _, ...headers }: Record<string, string> = signWith
    ? signRequest(request, signWith, scope)
    : request.headers
  const what = `the role ${query['RoleArn']}`
  const answer = await callManager(ports, manager, what, { ...request, headers }, signal)
  const element = (name: string): string | undefined => new RegExp(`<${name}>([^<]+)</${name}>`).exec(answer.text)?.[1]
  const [accessKey, secretKey] = [element('AccessKeyId'), element('SecretAccessKey')]
  if (answer.status === 200 && accessKey && secretKey)
    return { accessKey, secretKey, sessionToken: element('SessionToken') }
  const said = { ...answer, body: { message: [element('Code'), element('Message')].filter(Boolean).join(': ') } }
  throw refused(manager, what, said, 'Check the trust policy of the role.')
}

async function containerCredentials(
  manager: ManagerName,
  url: string,
  ports: ManagerPorts,
  signal: AbortSignal,
): Promise<AwsCredentials> {
  const file = ports.environment['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE']
  const token = file
    ? (await ports.readFile(file)).toString('utf8').trim()
    : ports.environment['AWS_CONTAINER_AUTHORIZATION_TOKEN']
  const headers: Record<string, string> = token ? { authorization: token } : {}
  const answer = await callManager(ports, manager, 'sign in', { method: 'GET', url, headers }, signal)
  const body = isRecord(answer.body) ? answer.body : {}
  const { AccessKeyId: accessKey, SecretAccessKey: secretKey, Token: sessionToken } = body
  if (answer.status === 200 && typeof accessKey === 'string' && typeof secretKey === 'string')
    return { accessKey, secretKey, sessionToken: typeof sessionToken === 'string' ? sessionToken : undefined }
  throw refused(
    manager,
    'the credentials of the pod',
    answer,
    'Check the Pod Identity association of the service account.',
  )
}
