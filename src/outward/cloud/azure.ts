// How a program of ours signs in to Azure: as a client with a secret or the federated token of its pod, or as its machine.
import { Fault } from '#contract/fault'
import { callManager, describeManager, type ManagerName, refused, type SignInPorts, textIn } from './call.ts'

export const azureClouds = {
  AZURE: { vault: 'vault.azure.net', login: 'https://login.microsoftonline.com' },
  AZURE_US_GOVERNMENT: { vault: 'vault.usgovcloudapi.net', login: 'https://login.microsoftonline.us' },
} as const

export interface AzureClient {
  /** What the token is for, such as `https://vault.azure.net`. */
  readonly resource: string
  /** `https://login.microsoftonline.com`, or that of another cloud. */
  readonly authority: string
  readonly tenant: string | undefined
  readonly client: string | undefined
  /** Absent: the federated token of the pod (AZURE_FEDERATED_TOKEN_FILE). */
  readonly secret: string | undefined
}

/** Gives a token. */
export async function azureByClient(
  manager: ManagerName,
  { resource, authority, tenant, client, secret }: AzureClient,
  ports: SignInPorts,
  signal: AbortSignal,
): Promise<string> {
  if (!tenant || !client)
    throw new Fault('secret-manager-refused', `No tenant or no client is named for ${describeManager(manager)}.`, {
      hint: 'Name both, or use the managed identity of the machine.',
    })
  const proof = secret ? { client_secret: secret } : await federated(manager, ports)
  const request = {
    method: 'POST' as const,
    url: `${authority.replace(/\/+$/, '')}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: client,
      scope: `${resource}/.default`,
      ...proof,
    }).toString(),
  }
  const answer = await callManager(ports, manager, 'sign in', request, signal)
  const found = textIn(answer, 'access_token')
  if (found !== undefined) return found
  const hint = 'Check tenant, client and that its secret has not expired.'
  throw refused(manager, `the sign-in of the client ${client}`, answer, hint)
}

async function federated(manager: ManagerName, ports: SignInPorts): Promise<Record<string, string>> {
  const file = ports.environment['AZURE_FEDERATED_TOKEN_FILE']
  if (!file)
    throw new Fault('secret-manager-refused', `No secret of the client is named for ${describeManager(manager)}.`, {
      hint: 'Name the client secret, or give the pod of this program a workload identity.',
    })
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: (await ports.readFile(file)).toString('utf8').trim(),
  }
}

/** As the machine that this program runs on; `client` chooses among several identities of it. */
export async function azureByMachine(
  manager: ManagerName,
  { resource, client }: { readonly resource: string; readonly client?: string | undefined },
  ports: SignInPorts,
  signal: AbortSignal,
): Promise<string> {
  const query = new URLSearchParams({ 'api-version': '2018-02-01', resource })
  if (client) query.set('client_id', client)
  const url = `http://169.254.169.254/metadata/identity/oauth2/token?${query.toString()}`
  const headers = { metadata: 'true' }
  const answer = await callManager(ports, manager, 'sign in', { method: 'GET', url, headers }, signal)
  const found = textIn(answer, 'access_token')
  if (found !== undefined) return found
  throw refused(manager, 'the identity of the machine', answer, 'Assign a managed identity to this machine.')
}
