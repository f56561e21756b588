// Keys in the key services of clouds, told apart by the form of their names.
import type { SignInPorts } from './call.ts'
import { awsKeyForm, createAwsKey } from './key-aws.ts'
import { azureKeyForm, createAzureKey } from './key-azure.ts'
import { createGoogleKey, googleKeyForm } from './key-google.ts'

/** A key that never leaves its service, which wraps other keys with it. Faults: those of a call to a secret manager. */
export interface CloudKey {
  /** What its lines begin with, so that they are told from those of another service. */
  readonly mark: string
  /** One line of text without white space that only the service can open. */
  wrap(key: Uint8Array, signal: AbortSignal): Promise<string>
  unwrap(wrapped: string, signal: AbortSignal): Promise<Uint8Array>
}

/** Undefined for a name that is of none of them. */
export function openCloudKey(name: string, ports: SignInPorts): CloudKey | undefined {
  if (awsKeyForm.test(name)) return createAwsKey(name, ports)
  if (googleKeyForm.test(name)) return createGoogleKey(name, ports)
  if (azureKeyForm.test(name)) return createAzureKey(name, ports)
  return undefined
}
