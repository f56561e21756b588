// What a delegate in the cluster reads out of a real OpenBao, by each way to sign in, and what it is refused.
import type { ConnectorInfo } from '#contract/api/connector'
import { expect, holds } from '../check.ts'
import { until } from '../cluster.ts'
import type { World } from '../world.ts'

export const scope = { org: 'default', project: 'cluster' } as const

/** As the page writes it down. */
export interface Written {
  readonly connector?: Pick<ConnectorInfo, 'identifier' | 'spec'>
  readonly secret?: object
}
export async function write(client: World['client'], body: Written): Promise<void> {
  if (body.connector) await client.createConnector({ params: scope, body: body as never })
  else await client.createSecret({ params: scope, body: body as never })
}

const secret = (identifier: string, secretManagerIdentifier: string, valueType: string, value: string): Written => ({
  secret: { type: 'SecretText', identifier, name: identifier, spec: { secretManagerIdentifier, valueType, value } },
})
export const builtIn = (identifier: string, value: string): Written =>
  secret(identifier, 'harnessSecretManager', 'Inline', value)
export const connector = (type: string, identifier: string, spec: object): Written => ({
  connector: { type, identifier, name: identifier, spec } as unknown as ConnectorInfo,
})

/**
 * The page made a delegate that signs in by Kubernetes, a policy and a secret of it. Beside it: by token, by AppRole, and without
 * any Vault; a role that is for another account, and a path that the policy has not. `url` is that of the database, `shell` has
 * `kubectl`.
 */
export async function readInEveryWay(world: World, url: string, shell: (command: string) => string): Promise<string> {
  const { client, openbao } = world
  openbao.run('auth', 'enable', 'approle')
  openbao.run('write', 'auth/approle/role/sluice', 'token_policies=sluice-shop', 'token_ttl=15m')
  openbao.run('write', 'auth/kubernetes/role/stranger', ...bound('stranger'))
  const token = openbao.run('token', 'create', '-policy=sluice-shop', '-ttl=1h', '-field=token')
  const roleId = openbao.run('read', '-field=role_id', 'auth/approle/role/sluice/role-id')
  const secretId = openbao.run('write', '-force', '-field=secret_id', 'auth/approle/role/sluice/secret-id')
  const vault = { vaultUrl: openbao.url, secretEngineName: 'secret', secretEngineVersion: 2 }
  const at = 'shop/db#password'
  const auth = (passwordRef: string) => ({ type: 'UsernamePassword', spec: { username: 'postgres', passwordRef } })
  const written = [
    builtIn('bao_token', token),
    builtIn('bao_secret_id', secretId),
    connector('Vault', 'vault_token', { ...vault, accessType: 'TOKEN', authToken: 'bao_token' }),
    connector('Vault', 'vault_role', {
      ...vault,
      accessType: 'APP_ROLE',
      appRoleId: roleId,
      secretId: 'bao_secret_id',
    }),
    connector('Vault', 'vault_stranger', { ...vault, accessType: 'K8s_AUTH', vaultK8sAuthRole: 'stranger' }),
    secret('by_token', 'vault_token', 'Reference', at),
    secret('by_role', 'vault_role', 'Reference', at),
    secret('by_stranger', 'vault_stranger', 'Reference', at),
    secret('beyond', 'vault', 'Reference', 'shop/other#password'),
    secret('by_cluster', 'delegateKubernetes', 'Reference', 'shop-db#password'),
    ...['by_token', 'by_role', 'by_stranger', 'beyond', 'by_cluster'].map((name) =>
      connector('JDBC', `shop_${name}`, { url, auth: auth(name) }),
    ),
  ]
  for (const one of written) await write(client, one)
  const good = ['vault', 'shop', 'shop_by_token', 'shop_by_role', 'shop_by_cluster', 'vault_token', 'vault_role']
  const bad = {
    shop_by_stranger: 'refused the sign-in by Kubernetes',
    shop_beyond: 'refused to give shop/other',
  }
  const ended = await Promise.all([...good, ...Object.keys(bad)].map((name) => tested(client, name)))
  for (const [index, name] of good.entries())
    expect(`${name}: ${JSON.stringify(ended[index])}`, ended[index]?.status, 'succeeded')
  // The step learns that a secret is missing; why, the delegate says in its own log.
  const log = shell('kubectl logs sluice-delegate-0 --namespace sluice')
  for (const [index, words] of Object.values(bad).entries()) {
    const found = ended[good.length + index]
    expect(JSON.stringify(found), [found?.status, found?.fault?.code], ['failed', 'secret-unresolved'])
    holds(`the log of the delegate has "${words}": ${log}`, log.includes(words))
  }
  const told = `${JSON.stringify(ended)}${log}`
  holds(
    'no value is told',
    [token, secretId].every((value) => !told.includes(value)),
  )
  holds('the policy of the sign-in is told', told.includes('sluice-shop'))
  return `${good.length} ways in, ${Object.keys(bad).length} refused`
}

const bound = (account: string): readonly string[] => [
  `bound_service_account_names=${account}`,
  'bound_service_account_namespaces=sluice',
  'token_policies=sluice-shop',
]

export async function tested(client: World['client'], name: string) {
  const asked = await client.testConnector({ params: { ...scope, connector: name }, query: { wait: 0 }, body: {} })
  return await until(`the test of ${name}`, async () => {
    const now = await client.getTask({ params: { ...scope, task: asked.id }, query: { wait: 5 } })
    return now.status === 'queued' || now.status === 'running' ? undefined : now
  })
}

/** Looks each second which leases there are; in the end gives for how many seconds each was seen. */
export function watchLeases(openbao: World['openbao'], path: string): { stop(): readonly number[] } {
  const seen = new Map<string, { readonly first: number; last: number }>()
  const look = (): void => {
    let ids: readonly string[] = []
    try {
      ids = JSON.parse(openbao.run('list', '-format=json', `sys/leases/lookup/${path}`)) as string[]
    } catch {
      // None: that is an error there.
    }
    const now = performance.now()
    for (const id of ids) {
      const known = seen.get(id)
      if (known) known.last = now
      else seen.set(id, { first: now, last: now })
    }
  }
  const timer = setInterval(look, 1000)
  return {
    stop() {
      clearInterval(timer)
      return [...seen.values()].map(({ first, last }) => (last - first) / 1000)
    },
  }
}
