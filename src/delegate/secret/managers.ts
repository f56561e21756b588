// Which secret managers this delegate knows, by the type that the manager of Sluice names.
import {
  awsSecretManagerSpecSchema,
  azureKeyVaultSpecSchema,
  googleSecretManagerSpecSchema,
  ownClusterSpecSchema,
  vaultSpecSchema,
} from '#contract/api/connector-type'
import type { SecretPlace } from '#contract/delegate/protocol'
import { Fault } from '#contract/fault'
import type { z } from 'zod'
import { createEnvironmentManager } from './manager/environment.ts'
import { createFileManager } from './manager/file.ts'
import { createKubernetesManager, type KubernetesSecretOptions } from './manager/kubernetes.ts'
import type { ManagerPorts, SecretManager } from './manager/port.ts'

/** What whoever runs the delegate lets its steps read of its own. */
export interface OwnSecrets {
  /** Absolute folder of secret files. */
  readonly folder?: string | undefined
  readonly kubernetes?: KubernetesSecretOptions | undefined
}

function parse<Schema extends z.ZodType>(schema: Schema, { name, spec }: SecretPlace['manager']): z.output<Schema> {
  const parsed = schema.safeParse(spec)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new Fault(
    'secret-manager-refused',
    `The connector ${name} is wrong at ${issue?.path.join('.')}: ${issue?.message}`,
    {
      hint: 'Correct the connector.',
    },
  )
}

/** Those that need a network are loaded when they are asked for first. Raises `secret-manager-refused` for a type that is not known. */
export async function openManager(
  manager: SecretPlace['manager'],
  own: OwnSecrets,
  ports: ManagerPorts,
): Promise<SecretManager> {
  const { name, type } = manager
  switch (type) {
    case 'delegateEnvironment':
      return createEnvironmentManager(ports)
    case 'delegateFile':
      return createFileManager(own.folder)
    case 'delegateKubernetes':
      return createKubernetesManager(own.kubernetes, ports)
    case 'Vault':
      return (await import('./manager/vault.ts')).createVault(name, parse(vaultSpecSchema, manager), ports)
    case 'AwsSecretManager': {
      const { createAwsSecretManager } = await import('./manager/aws.ts')
      return createAwsSecretManager(name, parse(awsSecretManagerSpecSchema, manager), ports)
    }
    case 'GcpSecretManager': {
      const { createGoogleSecretManager } = await import('./manager/google.ts')
      return createGoogleSecretManager(name, parse(googleSecretManagerSpecSchema, manager), ports)
    }
    case 'AzureKeyVault': {
      const { createAzureKeyVault } = await import('./manager/azure.ts')
      return createAzureKeyVault(name, parse(azureKeyVaultSpecSchema, manager), ports)
    }
    // No secret is read of it: a test of its connector signs in.
    case 'K8sCluster': {
      const { createClusterSignIn } = await import('./manager/cluster.ts')
      return createClusterSignIn(name, parse(ownClusterSpecSchema, manager), ports)
    }
    default:
      throw new Fault('secret-manager-refused', `This delegate knows no secret manager of type ${type}.`, {
        hint: 'Use a newer delegate.',
      })
  }
}
