// A key of Google Cloud KMS as the key service of the root key, by plain REST. Signs in with the key file that
// GOOGLE_APPLICATION_CREDENTIALS names, or as the machine or pod of the manager.
import { Fault } from '#contract/fault'
import { callManager, type ManagerName, refused, type SignInPorts, textIn } from './call.ts'
import { type GoogleAccess, googleByKey, googleByMachine } from './google.ts'
import type { CloudKey } from './key.ts'

/** The resource name of a symmetric key; a version of it is chosen by Google. */
export const googleKeyForm =
  /^projects\/[\w:.-]{1,128}\/locations\/[\w-]{1,64}\/keyRings\/[\w-]{1,63}\/cryptoKeys\/[\w-]{1,63}$/
const mark = 'google-kms:'
const address = 'https://cloudkms.googleapis.com'
/** Bound to what is wrapped. */
const purpose = Buffer.from('sluice root key').toString('base64')

export function createGoogleKey(key: string, ports: SignInPorts): CloudKey {
  const manager: ManagerName = { name: key, kind: 'Google Cloud KMS', address, role: 'key service' }

  async function signIn(signal: AbortSignal): Promise<GoogleAccess> {
    const file = ports.environment['GOOGLE_APPLICATION_CREDENTIALS']
    if (!file) return googleByMachine(manager, ports, signal)
    const json = await ports.readFile(file).catch((cause: unknown) => {
      throw new Fault('usage', `The file ${file} of GOOGLE_APPLICATION_CREDENTIALS cannot be read.`, { cause })
    })
    return googleByKey(manager, json.toString('utf8'), ports, signal)
  }

  async function ask(action: 'encrypt' | 'decrypt', body: object, field: string, signal: AbortSignal): Promise<string> {
    const { token } = await signIn(signal)
    const call = {
      method: 'POST' as const,
      url: `${address}/v1/${key}:${action}`,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...body, additionalAuthenticatedData: purpose }),
    }
    const answer = await callManager(ports, manager, action, call, signal)
    const found = textIn(answer, field)
    if (found !== undefined) return found
    const hint =
      'Grant roles/cloudkms.cryptoKeyEncrypterDecrypter on the key, and check that a version of it is enabled.'
    throw refused(manager, action, answer, hint)
  }
  return {
    mark,
    wrap: async (plain, signal) =>
      ask('encrypt', { plaintext: Buffer.from(plain).toString('base64') }, 'ciphertext', signal),
    unwrap: async (wrapped, signal) =>
      new Uint8Array(Buffer.from(await ask('decrypt', { ciphertext: wrapped }, 'plaintext', signal), 'base64')),
  }
}
