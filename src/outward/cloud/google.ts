// How a program of ours signs in to Google Cloud: with the JSON key of a service account, or as its machine or pod.
import { createSign } from 'node:crypto'
import { Fault } from '#contract/fault'
import { callManager, describeManager, isRecord, type ManagerName, refused, type SignInPorts, textIn } from './call.ts'

const scope = 'https://www.googleapis.com/auth/cloud-platform'
const assertionSeconds = 600

interface ServiceAccount {
  readonly email: string
  readonly privateKey: string
  readonly keyId: string | undefined
  readonly tokenUrl: string
  readonly project: string | undefined
}
export interface GoogleAccess {
  readonly token: string
  readonly project: string | undefined
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** `json`: the key file, whole. */
export const googleByKey = (
  manager: ManagerName,
  json: string,
  ports: SignInPorts,
  signal: AbortSignal,
): Promise<GoogleAccess> => byAccount(manager, parseKey(manager, json), ports, signal)

function parseKey(manager: ManagerName, json: string): ServiceAccount {
  let key: unknown
  try {
    key = JSON.parse(json)
  } catch {
    key = undefined
  }
  const fields = isRecord(key) ? key : {}
  const [email, privateKey] = [text(fields['client_email']), text(fields['private_key'])]
  if (email === undefined || privateKey === undefined)
    throw new Fault(
      'secret-manager-refused',
      `The key of ${describeManager(manager)} is no JSON key of a service account.`,
      {
        hint: 'Store the JSON file that Google gave, whole.',
      },
    )
  return {
    email,
    privateKey,
    keyId: text(fields['private_key_id']),
    tokenUrl: text(fields['token_uri']) ?? 'https://oauth2.googleapis.com/token',
    project: text(fields['project_id']),
  }
}

async function byAccount(
  manager: ManagerName,
  { email, privateKey, keyId, tokenUrl, project }: ServiceAccount,
  ports: SignInPorts,
  signal: AbortSignal,
): Promise<GoogleAccess> {
  const now = Math.floor(ports.clock.now() / 1000)
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const header = { alg: 'RS256', typ: 'JWT', ...(keyId === undefined ? {} : { kid: keyId }) }
  const claims = { iss: email, scope, aud: tokenUrl, iat: now, exp: now + assertionSeconds }
  const signed = `${part(header)}.${part(claims)}`
  let signature: string
  try {
    signature = createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')
  } catch {
    throw new Fault('secret-manager-refused', `The private key for ${describeManager(manager)} cannot be used.`, {
      hint: 'Store the JSON file that Google gave, whole.',
    })
  }
  const body = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: `${signed}.${signature}`,
  }).toString()
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const answer = await callManager(ports, manager, 'sign in', { method: 'POST', url: tokenUrl, headers, body }, signal)
  const token = textIn(answer, 'access_token')
  if (token !== undefined) return { token, project }
  throw refused(
    manager,
    `the sign-in of ${email}`,
    answer,
    'Check that the key was not revoked, and the clock of this machine.',
  )
}

/** As the machine or pod that this program runs on. */
export async function googleByMachine(
  manager: ManagerName,
  ports: SignInPorts,
  signal: AbortSignal,
): Promise<GoogleAccess> {
  const host = ports.environment['GCE_METADATA_HOST'] || 'metadata.google.internal'
  const url = `http://${host}/computeMetadata/v1/instance/service-accounts/default/token`
  const headers = { 'metadata-flavor': 'Google' }
  const answer = await callManager(ports, manager, 'sign in', { method: 'GET', url, headers }, signal)
  const token = textIn(answer, 'access_token')
  if (token !== undefined) return { token, project: ports.environment['GOOGLE_CLOUD_PROJECT'] || undefined }
  throw refused(manager, 'the identity of the machine', answer, 'Name a JSON key of a service account.')
}
