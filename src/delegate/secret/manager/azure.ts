// Azure Key Vault by plain REST: signs in with a client secret, with the federated token of a pod, or as the machine.
import type { AzureKeyVaultSpec } from '#contract/api/connector-type'
import { azureByClient, azureByMachine, azureClouds } from '#outward/cloud/azure'
import { type Answer, callManager, isRecord, type ManagerName, messageOf, refused } from '#outward/cloud/call'
import { absentSecret, chooseFromText, type ManagerPorts, notFound, type SecretManager, splitPath } from './port.ts'

const version = '7.4'
export function createAzureKeyVault(name: string, spec: AzureKeyVaultSpec, ports: ManagerPorts): SecretManager {
  const cloud = azureClouds[spec.azureEnvironmentType ?? 'AZURE']
  const address = (spec.endpoint ?? `https://${spec.vaultName}.${cloud.vault}`).replace(/\/+$/, '')
  const manager: ManagerName = { name, kind: 'Azure Key Vault', address }
  const resource = `https://${cloud.vault}`
  const { environment } = ports
  let token: Promise<string> | undefined

  const signIn = (signal: AbortSignal): Promise<string> => {
    token ??= (
      spec.useManagedIdentity
        ? azureByMachine(manager, { resource, client: spec.managedClientId }, ports, signal)
        : azureByClient(
            manager,
            {
              resource,
              authority: spec.loginEndpoint ?? cloud.login,
              tenant: spec.tenantId ?? environment['AZURE_TENANT_ID'],
              client: spec.clientId ?? environment['AZURE_CLIENT_ID'],
              secret: spec.secretKey ? ports.credential(spec.secretKey) : undefined,
            },
            ports,
            signal,
          )
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
