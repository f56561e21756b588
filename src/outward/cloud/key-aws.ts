// A key of AWS KMS as the key service of the root key, by plain REST. The credentials are those that this program has.
import { domainOf, ownCredentials } from './aws.ts'
import { callManager, type ManagerName, refused, type SignInPorts, textIn } from './call.ts'
import { signRequest } from '../signature.ts'
import type { CloudKey } from './key.ts'

/** ARN of a key or of its alias; region and account stand in it. */
export const awsKeyForm = /^arn:aws[a-z-]*:kms:([a-z0-9-]{1,32}):\d{12}:(?:key|alias)\/[\w/-]{1,256}$/
const mark = 'aws-kms:'
/** Shown in the audit trail of AWS, and bound to what is wrapped: a policy may ask for it. */
const context = { 'sluice:purpose': 'root-key' }

export function createAwsKey(key: string, ports: SignInPorts): CloudKey {
  const region = awsKeyForm.exec(key)?.[1] ?? ''
  const endpoint = ports.environment['AWS_ENDPOINT_URL_KMS'] || `https://kms.${region}.${domainOf(region)}`
  const address = endpoint.replace(/\/+$/, '')
  const manager: ManagerName = { name: key, kind: 'AWS KMS', address, role: 'key service' }

  /** Gives the field of the answer, base64. */
  async function ask(action: 'Encrypt' | 'Decrypt', body: object, field: string, signal: AbortSignal): Promise<string> {
    const request = {
      method: 'POST' as const,
      url: `${address}/`,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `TrentService.${action}` },
      body: JSON.stringify({ KeyId: key, EncryptionContext: context, ...body }),
    }
    // Not kept: a root key is asked for at the start and never again, and these end within hours.
    const credentials = await ownCredentials(manager, region, ports, signal)
    const scope = { region, service: 'kms', now: ports.clock.now() }
    const { host: _, ...headers } = signRequest(request, credentials, scope)
    const answer = await callManager(ports, manager, action, { ...request, headers }, signal)
    const found = textIn(answer, field)
    if (found !== undefined) return found
    const hint = `Allow kms:${action} on the key, check that it is enabled, and the clock of this machine.`
    throw refused(manager, action, answer, hint)
  }
  return {
    mark,
    wrap: async (plain, signal) =>
      ask('Encrypt', { Plaintext: Buffer.from(plain).toString('base64') }, 'CiphertextBlob', signal),
    unwrap: async (wrapped, signal) =>
      new Uint8Array(Buffer.from(await ask('Decrypt', { CiphertextBlob: wrapped }, 'Plaintext', signal), 'base64')),
  }
}
