// Vault's HTTP API as far as the delegate speaks it, with the checks that the real one makes: tokens that end, namespaces, roles,
// secret ids, versions, leases that are renewed and revoked. Written after the public API description; it is not Vault.
import { randomUUID } from 'node:crypto'
import { type Asked, type Peer, type Said, startPeer } from './peer.ts'

interface Token {
  readonly id: string
  /** Milliseconds of the clock; undefined: a root token. */
  expires: number | undefined
  readonly ttl: number
  readonly leases: string[]
}
interface Lease {
  readonly id: string
  readonly user: string
  expires: number
}

export interface VaultPeer extends Peer {
  /** Key-value 2: latest version by path below the mount `secret`. */
  readonly values: Map<string, Record<string, unknown> | null>
  readonly tokens: Map<string, Token>
  readonly leases: Map<string, Lease>
  readonly roles: Map<string, string>
  /** Moves its clock. */
  advance(milliseconds: number): void
  /** Paths that the policy of every sign-in denies. */
  readonly denied: Set<string>
}

const errors = (status: number, ...texts: string[]): Said => ({ status, body: { errors: texts } })

export async function startVault(options: {
  readonly namespace?: string
  readonly rootToken: string
  readonly serviceAccountToken: string
}): Promise<VaultPeer> {
  let now = 0
  const values: VaultPeer['values'] = new Map()
  const tokens: VaultPeer['tokens'] = new Map([
    [options.rootToken, { id: options.rootToken, expires: undefined, ttl: 0, leases: [] }],
  ])
  const leases: VaultPeer['leases'] = new Map()
  const roles: VaultPeer['roles'] = new Map()
  const denied = new Set<string>()

  function login(): Said {
    const token = { id: `hvs.${randomUUID()}`, expires: now + 60_000, ttl: 60, leases: [] }
    tokens.set(token.id, token)
    return { status: 200, body: { auth: { client_token: token.id, lease_duration: 60, renewable: true } } }
  }

  function drop(token: Token): void {
    for (const lease of token.leases) leases.delete(lease)
    tokens.delete(token.id)
  }

  function tokenOf({ headers }: Asked): Token | undefined {
    const token = tokens.get(String(headers['x-vault-token'] ?? ''))
    if (token?.expires !== undefined && token.expires <= now) {
      drop(token)
      return undefined
    }
    return token
  }

  function answerAs(token: Token, { method, path, body }: Asked): Said {
    const parsed = body === '' ? {} : (JSON.parse(body) as Record<string, unknown>)
    const key = `${method} ${path}`
    if (key === 'GET /v1/auth/token/lookup-self')
      return {
        status: 200,
        body: { data: { policies: token.expires === undefined ? ['root'] : ['default', 'sluice'] } },
      }
    if (key === 'POST /v1/auth/token/renew-self') {
      if (token.expires === undefined) return errors(400, 'lease is not renewable')
      token.expires = now + token.ttl * 1000
      return { status: 200, body: { auth: { client_token: token.id, lease_duration: token.ttl, renewable: true } } }
    }
    if (key === 'POST /v1/auth/token/revoke-self') {
      drop(token)
      return { status: 204 }
    }
    const lease = leases.get(String(parsed['lease_id']))
    if (key === 'PUT /v1/sys/leases/renew') {
      if (!lease || lease.expires <= now) return errors(400, 'lease not found')
      lease.expires = now + Number(parsed['increment']) * 1000
      return { status: 200, body: { lease_id: lease.id, lease_duration: parsed['increment'], renewable: true } }
    }
    if (key === 'PUT /v1/sys/leases/revoke') {
      // The policy that every token has lets it renew leases and end itself, and revoke none by its id (seen with OpenBao 2.7.2).
      if (token.expires !== undefined) return errors(403, 'permission denied')
      if (lease) leases.delete(lease.id)
      return { status: 204 }
    }
    if (method !== 'GET') return errors(405, 'unsupported operation')
    return read(token, path)
  }

  function read(token: Token, path: string): Said {
    const dynamic = /^\/v1\/database\/creds\/(\w+)$/.exec(path)?.[1]
    if (dynamic !== undefined) {
      const id = `database/creds/${dynamic}/${randomUUID()}`
      const lease = { id, user: `v-${dynamic}-${leases.size}`, expires: now + 30_000 }
      leases.set(id, lease)
      token.leases.push(id)
      const data = { username: lease.user, password: `dynamic-${randomUUID()}` }
      return { status: 200, body: { lease_id: id, lease_duration: 30, renewable: true, data } }
    }
    const key = /^\/v1\/secret\/data\/(.+)$/.exec(path)?.[1]
    const value = key === undefined ? undefined : values.get(decodeURIComponent(key))
    // A deleted version answers 404 with its metadata, a path that never was one with no errors at all.
    if (value === null) return { status: 404, body: { data: { data: null, metadata: { deletion_time: 'then' } } } }
    return value === undefined
      ? errors(404)
      : { status: 200, body: { data: { data: value, metadata: { version: 1 } } } }
  }

  const peer = await startPeer((asked) => {
    if ((asked.headers['x-vault-namespace'] ?? '') !== (options.namespace ?? ''))
      return errors(404, 'no handler for route')
    if (asked.headers['x-vault-request'] !== 'true') return errors(412, 'required request header missing')
    const body = asked.method === 'POST' && asked.body !== '' ? (JSON.parse(asked.body) as Record<string, string>) : {}
    if (asked.path === '/v1/auth/approle/login')
      return roles.get(body['role_id'] ?? '') === body['secret_id'] && body['secret_id'] !== undefined
        ? login()
        : errors(400, 'invalid role or secret ID')
    if (asked.path === '/v1/auth/kubernetes/login')
      return body['role'] === 'sluice' && body['jwt'] === options.serviceAccountToken
        ? login()
        : errors(403, 'permission denied')
    const token = tokenOf(asked)
    if (!token || denied.has(asked.path)) return errors(403, 'permission denied')
    return answerAs(token, asked)
  })
  return {
    ...peer,
    values,
    tokens,
    leases,
    roles,
    denied,
    advance: (milliseconds) => {
      now += milliseconds
      for (const lease of leases.values()) if (lease.expires <= now) leases.delete(lease.id)
    },
  }
}
