// The OpenID Connect provider as the sign-in needs it; the only file that knows the client library.
import type { Configuration, CustomFetchOptions } from 'openid-client'
import type { Fetch } from '#contract/client'
import { Fault } from '#contract/fault'

export interface ProviderOptions {
  /** As the provider says it in its tokens; its configuration is at /.well-known/openid-configuration under it. */
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** What people see on the button. */
  readonly name: string
  readonly scopes: string
  /** Claim with the names of groups. */
  readonly groupsClaim: string
  /** Where browsers reach this manager, without a slash at the end. */
  readonly publicUrl: string
  /** How the provider is asked; absent: by Node's own fetch. */
  readonly fetch?: Fetch
}

/** What the provider says of who signed in. */
export interface ProviderIdentity {
  readonly issuer: string
  readonly subject: string
  readonly email: string | undefined
  readonly emailVerified: boolean
  readonly name: string | undefined
  /** Undefined when it says nothing of groups. */
  readonly groups: readonly string[] | undefined
}

export interface SignInStart {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

export interface Provider {
  readonly name: string
  /** Address to send the browser to: code flow with PKCE, state and nonce. */
  begin(start: SignInStart): Promise<string>
  /** Exchanges the code. `callback` is the address that the browser came back to. Raises `unauthenticated`. */
  finish(callback: URL, start: SignInStart): Promise<ProviderIdentity>
}

export const callbackPath = '/v1/session/oidc/callback'
const timeoutSeconds = 10

/** The library sends forms and nothing else. */
const asked =
  (send: Fetch) =>
  (url: string, { method, headers, body, signal }: CustomFetchOptions): Promise<Response> => {
    const form = body instanceof URLSearchParams ? body.toString() : typeof body === 'string' ? body : undefined
    return send(url, {
      method,
      headers: form === undefined ? headers : { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      ...(form === undefined ? {} : { body: form }),
      ...(signal ? { signal } : {}),
      redirect: 'manual',
    })
  }

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

function groupsOf(claim: unknown): readonly string[] | undefined {
  if (typeof claim === 'string') return [claim]
  if (!Array.isArray(claim)) return undefined
  return claim.filter((name): name is string => typeof name === 'string').slice(0, 1000)
}

/** Nothing is asked of the provider before somebody signs in; its configuration is read once, again after a failure. */
export function createProvider(options: ProviderOptions): Provider {
  const { issuer, clientId, clientSecret, publicUrl, groupsClaim } = options
  const redirect = `${publicUrl}${callbackPath}`
  let known: Promise<Configuration> | undefined
  const discover = async (): Promise<Configuration> => {
    const { allowInsecureRequests, customFetch, discovery } = await import('openid-client')
    const url = new URL(issuer)
    // Only for a provider on this machine: what it says is believed.
    const local = url.protocol === 'http:' && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname)
    return discovery(url, clientId, clientSecret, undefined, {
      timeout: timeoutSeconds,
      ...(options.fetch ? { [customFetch]: asked(options.fetch) } : {}),
      ...(local ? { execute: [allowInsecureRequests] } : {}),
    })
  }
  const configuration = async (): Promise<Configuration> => {
    known ??= discover()
    try {
      return await known
    } catch (cause) {
      known = undefined
      throw new Fault('sign-in-provider', 'The sign-in provider cannot be reached.', { cause })
    }
  }
  return {
    name: options.name,
    begin: async ({ state, nonce, verifier }) => {
      const { buildAuthorizationUrl, calculatePKCECodeChallenge } = await import('openid-client')
      const url = buildAuthorizationUrl(await configuration(), {
        redirect_uri: redirect,
        scope: options.scopes,
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      })
      return url.href
    },
    finish: async (callback, { state, nonce, verifier }) => {
      const { authorizationCodeGrant, fetchUserInfo } = await import('openid-client')
      const config = await configuration()
      // What the browser was sent to is what the provider knows, whatever proxies made of it on the way.
      const came = new URL(redirect)
      came.search = callback.search
      try {
        const tokens = await authorizationCodeGrant(config, came, {
          pkceCodeVerifier: verifier,
          expectedState: state,
          expectedNonce: nonce,
          idTokenExpected: true,
        })
        const claims = tokens.claims()
        if (!claims) throw new Error('no ID token')
        const asks = config.serverMetadata().userinfo_endpoint !== undefined
        const more = asks ? await fetchUserInfo(config, tokens.access_token, claims.sub) : {}
        const all: Record<string, unknown> = { ...more, ...claims }
        return {
          issuer: claims.iss,
          subject: claims.sub,
          email: text(all['email'])?.toLowerCase(),
          emailVerified: all['email_verified'] === true,
          name: text(all['name']) ?? text(all['preferred_username']),
          groups: groupsOf(all[groupsClaim]),
        }
      } catch (cause) {
        throw new Fault('unauthenticated', 'The sign-in with the provider did not succeed.', {
          hint: 'Try again; the log of the manager holds the reason.',
          cause,
        })
      }
    },
  }
}
