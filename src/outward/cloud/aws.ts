// How a program of ours signs in to AWS: keys of its environment, the role of its service account (IRSA, EKS Pod Identity), another role.
import { Fault } from '#contract/fault'
import { type AwsCredentials, signRequest } from '../signature.ts'
import {
  type Answer,
  callManager,
  describeManager,
  isRecord,
  type ManagerName,
  refused,
  type SignInPorts,
} from './call.ts'

/** What kind of error the JSON services answered with, such as `AccessDeniedException`. */
export const typeOf = ({ body }: Answer): string => {
  const type = isRecord(body) ? body['__type'] : undefined
  return typeof type === 'string' ? type.replace(/^.*#/, '') : ''
}

/** China has a domain of its own. */
export const domainOf = (region: string): string => (region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com')

/** What the environment gives, in the order of Amazon's own clients. */
export async function ownCredentials(
  manager: ManagerName,
  region: string,
  ports: SignInPorts,
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
  const relative = environment['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI']
  const container = relative ? `http://169.254.170.2${relative}` : environment['AWS_CONTAINER_CREDENTIALS_FULL_URI']
  if (container) return containerCredentials(manager, container, ports, signal)
  throw new Fault(
    'secret-manager-refused',
    `There are no credentials of this program for ${describeManager(manager)}.`,
    {
      hint: 'Give its pod a role (IRSA or Pod Identity), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for it.',
    },
  )
}

interface RoleRequest {
  readonly action: 'AssumeRole' | 'AssumeRoleWithWebIdentity'
  readonly region: string
  readonly query: Readonly<Record<string, string>>
  /** Absent: the request carries its own proof. */
  readonly signWith?: AwsCredentials
}

/** STS answers in XML; three elements of it are needed. */
export async function assumeRole(
  manager: ManagerName,
  { action, region, query, signWith }: RoleRequest,
  ports: SignInPorts,
  signal: AbortSignal,
): Promise<AwsCredentials> {
  const url = `${ports.environment['AWS_ENDPOINT_URL_STS'] || `https://sts.${region}.${domainOf(region)}`}/`
  const body = new URLSearchParams({
    Action: action,
    Version: '2011-06-15',
    RoleSessionName: 'sluice',
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
  ports: SignInPorts,
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
