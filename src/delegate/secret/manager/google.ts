// Google Secret Manager by plain REST: signs in with the JSON key of a service account, or as the machine or pod of the delegate.
import type { GoogleSecretManagerSpec } from '#contract/api/connector-type'
import { Fault } from '#contract/fault'
import { callManager, isRecord, type ManagerName, messageOf, refused } from '#outward/cloud/call'
import { type GoogleAccess, googleByKey, googleByMachine } from '#outward/cloud/google'
import {
  absentSecret,
  chooseFromText,
  type ManagerPorts,
  notFound,
  type SecretManager,
  signedIn,
  splitPath,
} from './port.ts'

export function createGoogleSecretManager(
  name: string,
  spec: GoogleSecretManagerSpec,
  ports: ManagerPorts,
): SecretManager {
  const address = (spec.endpoint ?? 'https://secretmanager.googleapis.com').replace(/\/+$/, '')
  const manager: ManagerName = { name, kind: 'Google Secret Manager', address }
  let access: Promise<GoogleAccess> | undefined

  function signIn(signal: AbortSignal): Promise<GoogleAccess> {
    const found = spec.credentialsRef
      ? googleByKey(manager, ports.credential(spec.credentialsRef), ports, signal)
      : googleByMachine(manager, ports, signal)
    return found
  }
  const token = (signal: AbortSignal): Promise<GoogleAccess> => {
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
      const data = isRecord(payload) && typeof payload['data'] === 'string' ? payload['data'] : undefined
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
