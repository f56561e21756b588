// HashiCorp Vault and OpenBao over their HTTP API: sign-in by token, AppRole, Kubernetes or an agent's sink; key-value engine 1 and 2,
// and dynamic database credentials, which are renewed while the step works and revoked when it has ended.
import type { VaultSpec } from '#contract/api/connector-type'
import { Fault } from '#contract/fault'
import {
  type Answer,
  callManager,
  describeManager,
  isRecord,
  type ManagerName,
  messageOf,
  refused,
} from '#outward/cloud/call'
import { chooseField, type Loans, type ManagerPorts, notFound, type SecretManager, splitPath } from './port.ts'

/** Before the path of a secret that is made for us and ends with its lease: `dynamic:database/creds/shop#password`. */
const dynamicMark = 'dynamic:'
const serviceAccountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token'
/** Renewed after this part of a lease, so that two tries fit into the rest. */
const renewAfter = 0.5

interface Login {
  readonly token: string
  /** Made by signing in, so ours to renew and revoke. */
  readonly own: boolean
  /** Seconds; 0: does not end. */
  readonly duration: number
  readonly renewable: boolean
}
interface Lease {
  readonly id: string
  readonly data: Readonly<Record<string, unknown>>
  duration: number
  readonly renewable: boolean
  renewAt: number
}

const record = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {})
const trimSlashes = (text: string): string => text.replace(/^\/+|\/+$/g, '')
const encodePath = (path: string): string => trimSlashes(path).split('/').map(encodeURIComponent).join('/')

/** `name`: as the secrets refer to it. */
export function createVault(name: string, spec: VaultSpec, ports: ManagerPorts): SecretManager {
  const address = spec.vaultUrl.replace(/\/+$/, '')
  const manager: ManagerName = { name, kind: 'Vault', address }
  let login: Promise<Login> | undefined
  let loginRenewAt = Number.POSITIVE_INFINITY
  const leases = new Map<string, Promise<Lease>>()

  const headers = (token?: string): Record<string, string> => ({
    ...(token === undefined ? {} : { 'x-vault-token': token }),
    ...(spec.namespace === undefined || spec.namespace === '' ? {} : { 'x-vault-namespace': spec.namespace }),
    // OpenBao and Vault refuse requests without it when they are told to.
    'x-vault-request': 'true',
    'content-type': 'application/json',
  })
  const call = (
    what: string,
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    body: object | undefined,
    token: string | undefined,
    signal: AbortSignal,
  ): Promise<Answer> =>
    callManager(
      ports,
      manager,
      what,
      {
        method,
        url: `${address}/v1/${path}`,
        headers: headers(token),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      signal,
    )

  async function exchange(method: string, path: string, body: object, signal: AbortSignal): Promise<Login> {
    const answer = await call(`sign in by ${method}`, 'POST', path, body, undefined, signal)
    const auth = record(record(answer.body)['auth'])
    const token = auth['client_token']
    if (answer.status !== 200 || typeof token !== 'string')
      throw refused(
        manager,
        `the sign-in by ${method}`,
        answer,
        `Check the ${method} sign-in at ${path} and its policies.`,
      )
    return { token, own: true, duration: Number(auth['lease_duration'] ?? 0), renewable: auth['renewable'] === true }
  }

  async function readToken(path: string): Promise<string> {
    try {
      return (await ports.readFile(path)).toString('utf8').trim()
    } catch {
      throw new Fault(
        'secret-manager-refused',
        `The delegate cannot read ${path}, by which ${describeManager(manager)} knows it.`,
        {
          hint: 'Mount the file into the delegate, or use another way to sign in.',
        },
      )
    }
  }

  async function signIn(signal: AbortSignal): Promise<Login> {
    const way = accessType(spec)
    if (way === 'TOKEN') return given(ports.credential(needed(manager, spec.authToken, 'authToken')))
    if (way === 'VAULT_AGENT') return given(await readToken(needed(manager, spec.sinkPath, 'sinkPath')))
    if (way === 'APP_ROLE') {
      const body = {
        role_id: needed(manager, spec.appRoleId, 'appRoleId'),
        secret_id: ports.credential(needed(manager, spec.secretId, 'secretId')),
      }
      return exchange('AppRole', `auth/${encodePath(spec.appRolePath ?? 'approle')}/login`, body, signal)
    }
    const role = needed(manager, spec.vaultK8sAuthRole, 'vaultK8sAuthRole')
    const jwt = await readToken(spec.serviceAccountTokenPath ?? serviceAccountToken)
    const path = `auth/${encodePath(spec.k8sAuthEndpoint ?? 'kubernetes')}/login`
    return exchange('Kubernetes', path, { role, jwt }, signal)
  }

  /** One sign-in for all that is read; a failed one is not kept. */
  function token(signal: AbortSignal): Promise<Login> {
    login ??= signIn(signal).then(
      (found) => {
        if (found.own && found.renewable && found.duration > 0)
          loginRenewAt = ports.clock.elapsed() + found.duration * 1000 * renewAfter
        return found
      },
      (error: unknown) => {
        login = undefined
        throw error
      },
    )
    return login
  }

  async function get(path: string, url: string, signal: AbortSignal): Promise<Record<string, unknown>> {
    const answer = await call(path, 'GET', url, undefined, (await token(signal)).token, signal)
    if (answer.status === 404)
      throw notFound(manager, path, messageOf(answer), 'Check the path, the engine and its version, and the namespace.')
    if (answer.status !== 200)
      throw refused(manager, `to give ${path}`, answer, `Give the policy of this sign-in read on ${url}.`)
    return record(answer.body)
  }

  async function readKeyValue(path: string, signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
    const engine = encodePath(spec.secretEngineName ?? 'secret')
    const full = [spec.basePath, path]
      .map((part) => trimSlashes(part ?? ''))
      .filter((part) => part !== '')
      .join('/')
    if (spec.secretEngineVersion === 1)
      return record((await get(path, `${engine}/${encodePath(full)}`, signal))['data'])
    const found = record((await get(path, `${engine}/data/${encodePath(full)}`, signal))['data'])
    // A deleted version is 404 with data null in Vault; older ones and OpenBao may answer 200.
    if (!isRecord(found['data'])) throw notFound(manager, path, 'its newest version was deleted', 'Write it again.')
    return found['data']
  }

  async function borrow(path: string, signal: AbortSignal): Promise<Lease> {
    const body = await get(path, encodePath(path), signal)
    const duration = Number(body['lease_duration'] ?? 0)
    return {
      id: typeof body['lease_id'] === 'string' ? body['lease_id'] : '',
      data: record(body['data']),
      duration,
      renewable: body['renewable'] === true,
      renewAt: ports.clock.elapsed() + duration * 1000 * renewAfter,
    }
  }

  /** One lease for each path: user name and password belong together. */
  function leaseOf(path: string, signal: AbortSignal): Promise<Lease> {
    const known = leases.get(path)
    if (known) return known
    const made = borrow(path, signal)
    leases.set(path, made)
    made.catch(() => leases.delete(path))
    return made
  }

  async function held(): Promise<Lease[]> {
    const all = await Promise.allSettled(leases.values())
    return all.flatMap((one) => (one.status === 'fulfilled' && one.value.id !== '' ? [one.value] : []))
  }
  let known: readonly Lease[] = []

  async function renewLease(lease: Lease, signal: AbortSignal): Promise<void> {
    const body = { lease_id: lease.id, increment: lease.duration }
    const answer = await call('renew a lease', 'PUT', 'sys/leases/renew', body, (await token(signal)).token, signal)
    if (answer.status !== 200)
      throw refused(manager, 'to renew a lease', answer, 'Raise max_ttl of the role, or the time-out is too long.')
    const duration = Number(record(answer.body)['lease_duration'] ?? 0)
    if (duration > 0) lease.duration = duration
    lease.renewAt = ports.clock.elapsed() + lease.duration * 1000 * renewAfter
  }

  async function renewLogin(signal: AbortSignal): Promise<void> {
    const { token: own } = await token(signal)
    const answer = await call('renew the sign-in', 'POST', 'auth/token/renew-self', {}, own, signal)
    if (answer.status !== 200)
      throw refused(manager, 'to renew the sign-in', answer, 'Raise token_max_ttl of the role.')
    const duration = Number(record(record(answer.body)['auth'])['lease_duration'] ?? 0)
    loginRenewAt = duration > 0 ? ports.clock.elapsed() + duration * 1000 * renewAfter : Number.POSITIVE_INFINITY
  }

  const loans: Loans = {
    due() {
      if (leases.size === 0) return undefined
      const times = known.filter(({ renewable }) => renewable).map(({ renewAt }) => renewAt)
      const first = Math.min(loginRenewAt, ...times)
      return Number.isFinite(first) ? Math.max(0, first - ports.clock.elapsed()) : undefined
    },
    async renew(signal) {
      known = await held()
      const now = ports.clock.elapsed()
      if (loginRenewAt <= now) await renewLogin(signal)
      for (const lease of known) if (lease.renewable && lease.renewAt <= now) await renewLease(lease, signal)
    },
    async revoke(signal) {
      const found = await login?.catch(() => undefined)
      if (!found) return
      let denied: Answer | undefined
      for (const { id } of await held()) {
        const answer = await call('revoke a lease', 'PUT', 'sys/leases/revoke', { lease_id: id }, found.token, signal)
        if (answer.status >= 300) denied = answer
      }
      // Also revokes what was lent under it, which the policy that everybody has allows; revoking a lease by its id it does not.
      if (found.own) {
        const answer = await call('end the sign-in', 'POST', 'auth/token/revoke-self', {}, found.token, signal)
        if (answer.status < 300) denied = undefined
      }
      leases.clear()
      login = undefined
      if (denied) throw refused(manager, 'to revoke a lease', denied, 'Allow update on sys/leases/revoke.')
    },
  }

  return {
    loans,
    async test(signal) {
      const { token: own } = await token(signal)
      const answer = await call('look at the token', 'GET', 'auth/token/lookup-self', undefined, own, signal)
      if (answer.status !== 200)
        throw refused(manager, 'the token', answer, 'It has ended, or is of another namespace.')
      const policies = record(record(answer.body)['data'])['policies']
      return `It took the sign-in, with the policies ${Array.isArray(policies) ? policies.join(', ') : 'unknown'}`
    },
    async read(whole, signal) {
      const { path, field } = splitPath(whole)
      if (!path.startsWith(dynamicMark))
        return { text: chooseField(manager, path, await readKeyValue(path, signal), field) }
      const lease = await leaseOf(path.slice(dynamicMark.length), signal)
      known = await held()
      return { text: chooseField(manager, path, lease.data, field) }
    },
  }
}

const given = (token: string): Login => ({ token, own: false, duration: 0, renewable: false })

function accessType(spec: VaultSpec): NonNullable<VaultSpec['accessType']> {
  if (spec.accessType) return spec.accessType
  if (spec.useK8sAuth) return 'K8s_AUTH'
  if (spec.useVaultAgent) return 'VAULT_AGENT'
  return spec.appRoleId ? 'APP_ROLE' : 'TOKEN'
}

function needed(manager: ManagerName, value: string | undefined, field: string): string {
  if (value) return value
  throw new Fault('secret-manager-refused', `The connector of ${describeManager(manager)} has no ${field}.`, {
    hint: `Set connector.spec.${field}, or accessType to another way to sign in.`,
  })
}
