// A key of Azure Key Vault as the key service of the root key, by plain REST. Signs in as the client of AZURE_CLIENT_ID, with its
// secret or the federated token of the pod, or else as the machine.
import { azureByClient, azureByMachine, azureClouds } from './azure.ts'
import { callManager, isRecord, type ManagerName, refused, type SignInPorts } from './call.ts'
import type { CloudKey } from './key.ts'

/** The key as the vault names it, with or without a version. */
export const azureKeyForm =
  /^(https:\/\/[0-9a-z-]{1,127}\.(vault\.azure\.net|vault\.usgovcloudapi\.net))\/keys\/([0-9A-Za-z-]{1,127})(?:\/([0-9a-f]{1,64}))?$/
const mark = 'azure-key-vault:'
const apiVersion = 'api-version=7.4'
/** What an RSA key wraps a key of 32 bytes with. */
const algorithm = 'RSA-OAEP-256'

export function createAzureKey(key: string, ports: SignInPorts): CloudKey {
  const [, address = '', vault = '', name = '', version] = azureKeyForm.exec(key) ?? []
  const manager: ManagerName = { name, kind: 'Azure Key Vault', address, role: 'key service' }
  const { environment } = ports

  function signIn(signal: AbortSignal): Promise<string> {
    const client = environment['AZURE_CLIENT_ID']
    const secret = environment['AZURE_CLIENT_SECRET']
    const resource = `https://${vault}`
    if (!secret && !environment['AZURE_FEDERATED_TOKEN_FILE'])
      return azureByMachine(manager, { resource, client }, ports, signal)
    const cloud = Object.values(azureClouds).find((one) => one.vault === vault) ?? azureClouds.AZURE
    const authority = environment['AZURE_AUTHORITY_HOST'] || cloud.login
    return azureByClient(
      manager,
      { resource, authority, tenant: environment['AZURE_TENANT_ID'], client, secret },
      ports,
      signal,
    )
  }

  async function ask(path: string, body: object | undefined, signal: AbortSignal): Promise<Record<string, unknown>> {
    const headers = { authorization: `Bearer ${await signIn(signal)}`, 'content-type': 'application/json' }
    const url = `${address}/keys/${path}?${apiVersion}`
    const call =
      body === undefined
        ? { method: 'GET' as const, url, headers }
        : { method: 'POST' as const, url, headers, body: JSON.stringify(body) }
    const answer = await callManager(ports, manager, path, call, signal)
    if (answer.status === 200 && isRecord(answer.body)) return answer.body
    const hint =
      'Grant the role Key Vault Crypto Service Encryption User on the key, and look at the firewall of the vault.'
    throw refused(manager, path, answer, hint)
  }
  /** Of `https://shop.vault.azure.net/keys/sluice/VERSION`. */
  const versionOf = (kid: unknown): string => /\/([0-9a-f]{1,64})$/.exec(typeof kid === 'string' ? kid : '')?.[1] ?? ''

  async function newest(signal: AbortSignal): Promise<string> {
    const { key: found } = await ask(name, undefined, signal)
    return versionOf(isRecord(found) ? found['kid'] : undefined)
  }
  async function value(path: string, given: string, signal: AbortSignal): Promise<string> {
    const { value: found } = await ask(path, { alg: algorithm, value: given }, signal)
    return typeof found === 'string' ? found : ''
  }
  return {
    mark,
    // The version goes along: only the one that wrapped a key opens it, also after the key was rotated.
    async wrap(plain, signal) {
      const chosen = version ?? (await newest(signal))
      return `${chosen}:${await value(`${name}/${chosen}/wrapkey`, Buffer.from(plain).toString('base64url'), signal)}`
    },
    async unwrap(wrapped, signal) {
      const [by = '', text = ''] = wrapped.split(':')
      return new Uint8Array(Buffer.from(await value(`${name}/${by}/unwrapkey`, text, signal), 'base64url'))
    },
  }
}
