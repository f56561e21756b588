// Where a manager finds its root keys: the environment before the file in its folder; and the key service that opens them.
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fetch } from '#contract/client'
import { systemClock } from '#contract/delegate/repeat'
import { Fault } from '#contract/fault'
import type { KeyService, RootKeySource } from '#manager/secret/root-key'
import { createTransit } from '#manager/secret/transit'
import { openCloudKey } from '#outward/cloud/key'
import { openFetch } from '#outward/fetch'
import { readOutward, withoutCertificate } from '#outward/setting'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * SLUICE_ROOT_KEY holds the keys themselves, SLUICE_ROOT_KEY_FILE names another file than `root.key` in the folder. SLUICE_KEY_SERVICE
 * is the key of a cloud or of a transit engine that wraps them, SLUICE_KEY_SERVICE_TOKEN_FILE the file with the token for the latter.
 */
export function rootKeySource(data: string, environment: Environment): RootKeySource {
  return {
    file: environment['SLUICE_ROOT_KEY_FILE'] || join(data, 'root.key'),
    text: environment['SLUICE_ROOT_KEY'] || undefined,
    service: keyService(environment),
  }
}

function keyService(environment: Environment): KeyService | undefined {
  const key = environment['SLUICE_KEY_SERVICE']
  if (!key) return undefined
  const outward = openFetch(withoutCertificate(readOutward(environment)), environment['NODE_EXTRA_CA_CERTS'])
  const fetch: Fetch = async (url, init) => (await outward)(url, init)
  const cloud = openCloudKey(key, { fetch, clock: systemClock, environment, readFile })
  if (cloud) return cloud
  const tokenFile = environment['SLUICE_KEY_SERVICE_TOKEN_FILE']
  if (!tokenFile)
    throw new Fault('usage', `The key service ${key} needs a token, and SLUICE_KEY_SERVICE_TOKEN_FILE is not set.`, {
      hint: 'Name the file with the token for a transit engine; docs/operate/secrets.md has how keys of clouds are written.',
    })
  const namespace = environment['SLUICE_KEY_SERVICE_NAMESPACE'] || undefined
  return createTransit({ address: key, namespace, token: () => readToken(tokenFile), fetch })
}

function readToken(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (cause) {
    throw new Fault('usage', `The token of the key service cannot be read from ${path}.`, { cause })
  }
}
