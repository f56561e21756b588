// AWS Secrets Manager by plain REST: credentials of the connector, or those that the delegate has; another role on top when the
// connector names one.
import type { AwsSecretManagerSpec } from '#contract/api/connector-type'
import { assumeRole, domainOf, ownCredentials, typeOf } from '#outward/cloud/aws'
import { type Answer, callManager, isRecord, type ManagerName, refused } from '#outward/cloud/call'
import { type AwsCredentials, signRequest } from '#outward/signature'
import {
  absentSecret,
  chooseFromText,
  type ManagerPorts,
  notFound,
  type SecretManager,
  signedIn,
  splitPath,
} from './port.ts'

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
