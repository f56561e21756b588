// Google Secret Manager by plain REST: signs in with the JSON key of a service account, or as the machine or pod of the delegate.
import { createSign } from 'node:crypto'
import type { GoogleSecretManagerSpec } from '#contract/api/connector-type'
import { Fault } from '#contract/fault'
import { callManager, messageOf, refused } from './call.ts'
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

const scope = 'https://www.googleapis.com/auth/cloud-platform'
const assertionSeconds = 600

interface ServiceAccount {
  readonly email: string
  readonly privateKey: string
  readonly keyId: string | undefined
  readonly tokenUrl: string
  readonly project: string | undefined
}
interface Access {
  readonly token: string
  readonly project: string | undefined
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

export function createGoogleSecretManager(
  name: string,
  spec: GoogleSecretManagerSpec,
  ports: ManagerPorts,
): SecretManager {
  const address = (spec.endpoint ?? 'https://secretmanager.googleapis.com').replace(/\/+$/, '')
  const manager: ManagerName = { name, kind: 'Google Secret Manager', address }
  let access: Promise<Access> | undefined

  function signIn(signal: AbortSignal): Promise<Access> {
    const found = spec.credentialsRef
      ? byKey(manager, parseKey(manager, ports.credential(spec.credentialsRef)), ports, signal)
      : byMachine(manager, ports, signal)
    return found
  }
  const token = (signal: AbortSignal): Promise<Access> => {
    access ??= signIn(signal).catch((error: unknown) => {
      access = undefined
      throw error
    })
    return access
  }

  async function ask(path: string, signal: AbortSignal) {
    const { token: bearer, project } = await token(signal)
    const resource = resourceOf(manager, path, spec.project ?? project)
    const url = `${address}/v1/${resource}:access`
    const headers = { authorization: `Bearer ${bearer}` }
    return { resource, answer: await callManager(ports, manager, resource, { method: 'GET', url, headers }, signal) }
  }

  return {
    async test(signal) {
      const { answer } = await ask(absentSecret, signal)
      if (answer.status === 200 || answer.status === 404) return 'It took the sign-in, and lets it read'
      // Google says the same of what is not there to whoever may not see all secrets of the project.
      if (answer.status === 403) return `${signedIn} (${messageOf(answer)})`
      throw refused(manager, 'the sign-in', answer, 'Check the key, and that the API is enabled in the project.')
    },
    async read(whole, signal) {
      const { path, field } = splitPath(whole)
      const { resource, answer } = await ask(path, signal)
      if (answer.status === 404)
        throw notFound(manager, resource, messageOf(answer), 'Check project, name and version.')
      const payload = isRecord(answer.body) ? answer.body['payload'] : undefined
      const data = isRecord(payload) ? text(payload['data']) : undefined
      if (answer.status !== 200 || data === undefined)
        throw refused(manager, `to give ${resource}`, answer, 'Grant roles/secretmanager.secretAccessor on the secret.')
      return decode(manager, resource, Buffer.from(data, 'base64'), field)
    },
  }
}

function decode(manager: ManagerName, path: string, bytes: Buffer, field: string | undefined) {
  try {
    const value = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return { text: chooseFromText(manager, path, value, field), ...(field === undefined ? { bytes } : {}) }
  } catch (error) {
    if (error instanceof Fault) throw error
    return { bytes }
  }
}

/** `name`, `name/versions/3` or the whole `projects/p/secrets/name/versions/3`. */
function resourceOf(manager: ManagerName, path: string, project: string | undefined): string {
  const safe = path.split('/').map(encodeURIComponent).join('/')
  const versioned = /\/versions\/[^/]+$/.test(safe) ? safe : `${safe}/versions/latest`
  if (versioned.startsWith('projects/')) return versioned
  if (project !== undefined) return `projects/${encodeURIComponent(project)}/secrets/${versioned}`
  throw notFound(manager, path, 'no project is known', 'Set connector.spec.project, or write projects/…/secrets/….')
}

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

async function byKey(
  manager: ManagerName,
  { email, privateKey, keyId, tokenUrl, project }: ServiceAccount,
  ports: ManagerPorts,
  signal: AbortSignal,
): Promise<Access> {
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
  const token = isRecord(answer.body) ? text(answer.body['access_token']) : undefined
  if (answer.status === 200 && token !== undefined) return { token, project }
  throw refused(
    manager,
    `the sign-in of ${email}`,
    answer,
    'Check that the key was not revoked, and the clock of the delegate.',
  )
}

async function byMachine(manager: ManagerName, ports: ManagerPorts, signal: AbortSignal): Promise<Access> {
  const host = ports.environment['GCE_METADATA_HOST'] || 'metadata.google.internal'
  const url = `http://${host}/computeMetadata/v1/instance/service-accounts/default/token`
  const headers = { 'metadata-flavor': 'Google' }
  const answer = await callManager(ports, manager, 'sign in', { method: 'GET', url, headers }, signal)
  const token = isRecord(answer.body) ? text(answer.body['access_token']) : undefined
  if (answer.status === 200 && token !== undefined)
    return { token, project: ports.environment['GOOGLE_CLOUD_PROJECT'] || undefined }
  throw refused(manager, 'the identity of the machine', answer, 'Name a JSON key in connector.spec.credentialsRef.')
}
