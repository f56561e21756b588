// Where a delegate must get to for the secrets of a step: the addresses of their secret managers.
import { type Capability, reachable } from '#contract/delegate/capability'
import type { SecretPlace } from '#contract/delegate/protocol'
import type { StepSpec } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import type { StoreTransaction } from '../store/port.ts'
import { findPlaces } from './seal-secrets.ts'

/** A secret that is not there, or whose manager is not, is told when the attempt is accepted. */
export async function secretNeeds(
  tx: StoreTransaction,
  projectId: string,
  spec: StepSpec,
): Promise<readonly Capability[]> {
  try {
    const places = await findPlaces(tx, projectId, spec)
    const addresses = [...new Set(places.map(addressOf).filter((address) => address !== undefined))]
    return addresses.flatMap((address) => reachable('secret manager', address) ?? [])
  } catch (error) {
    if (error instanceof Fault) return []
    throw error
  }
}

/** Undefined for what a delegate has of its own. */
function addressOf({ manager: { type, spec } }: SecretPlace): string | undefined {
  const text = (name: string): string | undefined => (typeof spec[name] === 'string' ? spec[name] : undefined)
  switch (type) {
    case 'Vault':
      return text('vaultUrl')
    case 'AwsSecretManager':
      return text('endpoint') ?? `https://secretsmanager.${text('region')}.amazonaws.com`
    case 'GcpSecretManager':
      return text('endpoint') ?? 'https://secretmanager.googleapis.com'
    case 'AzureKeyVault':
      return text('endpoint') ?? `https://${text('vaultName')}.vault.azure.net`
    default:
      return undefined
  }
}
