// Azure Key Vault by plain REST: signs in with a client secret, with the federated token of a pod, or as the machine.
import type { AzureKeyVaultSpec } from '#contract/api/connector-type'
import { Fault } from '#contract/fault'
import { type Answer, callManager, messageOf, refused } from './call.ts'
import {
  absentSecret,
  chooseFromText,
  describeManager,
  type ManagerName,
  type ManagerPorts,
  notFound,
  type SecretManager,
  splitPath,
} from './port.ts'

const version = '7.4'
const clouds = {
  AZURE: { vault: 'vault.azure.net', login: 'https://login.microsoftonline.com' },
  AZURE_US_GOVERNMENT: { vault: 'vault.usgovcloudapi.net', login: 'https://login.microsoftonline.us' },
} as const

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

export function createAzureKeyVault(name: string, spec: AzureKeyVaultSpec, ports: ManagerPorts): SecretManager {
  const cloud = clouds[spec.azureEnvironmentType ?? 'AZURE']
  const address = (spec.endpoint ?? `https://${spec.vaultName}.${cloud.vault}`).replace(/\/+$/, '')
  const manager: ManagerName = { name, kind: 'Azure Key Vault', address }
  const resource = `https://${cloud.vault}`
  let token: Promise<string> | undefined

  const signIn = (signal: AbortSignal): Promise<string> => {
    token ??= (
      spec.useManagedIdentity
        ? byMachine(manager, spec, resource, ports, signal)
        : byClient(manager, spec, { login: cloud.login, resource }, ports, signal)
    ).catch((error: unknown) => {
      token = undefined
      throw error
    })
    return token
  }

  async function ask(path: string, signal: AbortSignal): Promise<Answer> {
    const url = `${address}/secrets/${path.split('/').map(encodeURIComponent).join('/')}?api-version=${version}`
    const headers = { authorization: `Bearer ${await signIn(signal)}` }
    return callManager(ports, manager, path, { method: 'GET', url, headers }, signal)
  }

  return {
    async test(signal) {
      const answer = await ask(absentSecret, signal)
      if (answer.status === 200 || answer.status === 404) return 'It took the sign-in, and lets it read'
      // Its firewall answers 403 as well, so that this is no success.
      throw refused(
        manager,
        'to be read',
        answer,
        'Grant the role Key Vault Secrets User on the vault, and look at its firewall. A grant on single secrets is not seen by a test.',
      )
    },
    async read(whole, signal) {
      const { path, field } = splitPath(whole)
      const answer = await ask(path, signal)
      if (answer.status === 404)
        throw notFound(
          manager,
          path,
          messageOf(answer),
          'Check name and version; a disabled or deleted secret is not given.',
        )
      const value = isRecord(answer.body) ? answer.body['value'] : undefined
      if (answer.status === 200 && typeof value === 'string')
        return { text: chooseFromText(manager, path, value, field) }
      throw refused(
        manager,
        `to give ${path}`,
        answer,
        'Grant the role Key Vault Secrets User, or the permission Get for secrets.',
      )
    },
  }
}

async function byClient(
  manager: ManagerName,
  spec: AzureKeyVaultSpec,
  { login, resource }: { readonly login: string; readonly resource: string },
  ports: ManagerPorts,
  signal: AbortSignal,
): Promise<string> {
  const { environment } = ports
  const tenant = spec.tenantId ?? environment['AZURE_TENANT_ID']
  const client = spec.clientId ?? environment['AZURE_CLIENT_ID']
  if (!tenant || !client)
    throw new Fault(
      'secret-manager-refused',
      `The connector of ${describeManager(manager)} has no tenantId or clientId.`,
      {
        hint: 'Set both, or useManagedIdentity.',
      },
    )
  const proof = await proofOf(manager, spec, ports)
  const authority = (spec.loginEndpoint ?? login).replace(/\/+$/, '')
  const request = {
    method: 'POST' as const,
    url: `${authority}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: client,
      scope: `${resource}/.default`,
      ...proof,
    }).toString(),
  }
  const answer = await callManager(ports, manager, 'sign in', request, signal)
  const found = isRecord(answer.body) ? answer.body['access_token'] : undefined
  if (answer.status === 200 && typeof found === 'string') return found
  throw refused(
    manager,
    `the sign-in of the client ${client}`,
    answer,
    'Check tenant, client and that its secret has not expired.',
  )
}

async function proofOf(
  manager: ManagerName,
  spec: AzureKeyVaultSpec,
  ports: ManagerPorts,
): Promise<Record<string, string>> {
  if (spec.secretKey) return { client_secret: ports.credential(spec.secretKey) }
  const file = ports.environment['AZURE_FEDERATED_TOKEN_FILE']
  if (!file)
    throw new Fault('secret-manager-refused', `The connector of ${describeManager(manager)} names no secretKey.`, {
      hint: 'Name the secret with the client secret, or give the pod of the delegate a workload identity.',
    })
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: (await ports.readFile(file)).toString('utf8').trim(),
  }
}

async function byMachine(
  manager: ManagerName,
  spec: AzureKeyVaultSpec,
  resource: string,
  ports: ManagerPorts,
  signal: AbortSignal,
): Promise<string> {
  const query = new URLSearchParams({ 'api-version': '2018-02-01', resource })
  if (spec.managedClientId) query.set('client_id', spec.managedClientId)
  const url = `http://169.254.169.254/metadata/identity/oauth2/token?${query.toString()}`
  const answer = await callManager(
    ports,
    manager,
    'sign in',
    { method: 'GET', url, headers: { metadata: 'true' } },
    signal,
  )
  const found = isRecord(answer.body) ? answer.body['access_token'] : undefined
  if (answer.status === 200 && typeof found === 'string') return found
  throw refused(
    manager,
    'the identity of the machine',
    answer,
    'Assign a managed identity to the machine of the delegate.',
  )
}
