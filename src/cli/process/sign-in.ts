// Settings of the sign-in with OpenID Connect, from the environment.
import { readFileSync } from 'node:fs'
import type { Fetch } from '#contract/client'
import { Fault } from '#contract/fault'
import type { ProviderOptions } from '#manager/identity/provider'
import { openFetch } from '#outward/fetch'
import { readOutward, withoutCertificate } from '#outward/setting'

type Environment = Readonly<Record<string, string | undefined>>

/** Undefined when no provider is named. Raises `usage` when something that it needs is missing. */
export function signInProvider(environment: Environment, host: string, port: number): ProviderOptions | undefined {
  const issuer = environment['SLUICE_OIDC_ISSUER']
  if (!issuer) return undefined
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined
  const local = url !== undefined && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname)
  if (!url || (url.protocol !== 'https:' && !local))
    throw new Fault('usage', 'SLUICE_OIDC_ISSUER must be an https address.')
  const publicUrl = (environment['SLUICE_PUBLIC_URL'] ?? `http://${host}:${port}`).replace(/\/+$/, '')
  return {
    issuer,
    clientId: needed(environment, 'SLUICE_OIDC_CLIENT_ID'),
    clientSecret: secretOf(environment),
    name: environment['SLUICE_OIDC_NAME'] ?? url.hostname,
    scopes: environment['SLUICE_OIDC_SCOPES'] ?? 'openid email profile',
    groupsClaim: environment['SLUICE_OIDC_GROUPS_CLAIM'] ?? 'groups',
    publicUrl,
    fetch: outwardFetch(environment),
  }
}

/** By the proxy and with the authorities that the manager has; opened when somebody signs in for the first time. */
function outwardFetch(environment: Environment): Fetch {
  let opened: Promise<Fetch> | undefined
  return async (url, init) => {
    opened ??= openFetch(withoutCertificate(readOutward(environment)), environment['NODE_EXTRA_CA_CERTS'])
    return (await opened)(url, init)
  }
}

function needed(environment: Environment, name: string): string {
  const value = environment[name]
  if (value) return value
  throw new Fault('usage', `${name} is missing, and SLUICE_OIDC_ISSUER is set.`)
}

function secretOf(environment: Environment): string {
  const file = environment['SLUICE_OIDC_CLIENT_SECRET_FILE']
  if (!file) return needed(environment, 'SLUICE_OIDC_CLIENT_SECRET')
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    throw new Fault('usage', `SLUICE_OIDC_CLIENT_SECRET_FILE cannot be read: ${(cause as Error).message}`, { cause })
  }
}
