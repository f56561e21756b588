// How the delegate reaches the Kubernetes API: as a pod of the cluster by its service account, or by a kubeconfig file.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { z } from 'zod'
import { Fault } from '#contract/fault'
import { proxyFor } from '#outward/proxy'
import { readOutward } from '#outward/setting'

export interface ClusterAccess {
  /** `https://host:port`, without a slash at the end. */
  readonly server: string
  /** PEM; absent: the authorities that Node trusts. */
  readonly authority: string | undefined
  /** PEM of a client certificate and its key. */
  readonly certificate: { readonly cert: string; readonly key: string; readonly passphrase?: string } | undefined
  /** Asked before each call: tokens of service accounts are replaced every hour. */
  token(): Promise<string | undefined>
  /** Of the service account or the context; the settings may name another. */
  readonly namespace: string | undefined
  /** URL of the proxy that it is reached through; absent: none. A pod reaches the API of its own cluster without. */
  readonly proxy?: string | undefined
}

/** Where Kubernetes puts the identity of a pod. */
export const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount'

type Environment = Readonly<Record<string, string | undefined>>

/** Undefined when this process is no pod with a service account. */
async function inCluster(environment: Environment, folder: string): Promise<ClusterAccess | undefined> {
  const host = environment['KUBERNETES_SERVICE_HOST']
  const port = environment['KUBERNETES_SERVICE_PORT'] ?? '443'
  const token = (): Promise<string> => readFile(`${folder}/token`, 'utf8').then((text) => text.trim())
  if (!host) return undefined
  try {
    await token()
    const authority = await readFile(`${folder}/ca.crt`, 'utf8')
    const namespace = await readFile(`${folder}/namespace`, 'utf8').then(
      (text) => text.trim(),
      () => undefined,
    )
    const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`
    return { server, authority, certificate: undefined, token, namespace }
  } catch {
    return undefined
  }
}

const executable = z.object({
  command: z.string(),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
})
const kubeconfigSchema = z.object({
  'current-context': z.string().min(1),
  contexts: z.array(
    z.object({
      name: z.string(),
      context: z.object({ cluster: z.string(), user: z.string(), namespace: z.string().optional() }),
    }),
  ),
  clusters: z.array(
    z.object({
      name: z.string(),
      cluster: z.object({
        server: z.url({ protocol: /^https$/ }),
        'certificate-authority': z.string().optional(),
        'certificate-authority-data': z.string().optional(),
        'proxy-url': z.url({ protocol: /^https?$/ }).optional(),
      }),
    }),
  ),
  users: z.array(
    z.object({
      name: z.string(),
      user: z.object({
        token: z.string().optional(),
        tokenFile: z.string().optional(),
        'client-certificate': z.string().optional(),
        'client-certificate-data': z.string().optional(),
        'client-key': z.string().optional(),
        'client-key-data': z.string().optional(),
        exec: executable.optional(),
      }),
    }),
  ),
})
type Kubeconfig = z.infer<typeof kubeconfigSchema>
type User = Kubeconfig['users'][number]['user']

const replySchema = z.object({
  status: z.object({ token: z.string(), expirationTimestamp: z.string().optional() }),
})

/** Milliseconds before its end at which a token of a credential program counts as old. */
const early = 60_000

/** A credential program, as cloud providers have them (client.authentication.k8s.io): asked again when its token ends. */
function executed({ command, args, env }: z.infer<typeof executable>, environment: Environment): () => Promise<string> {
  let known: { readonly token: string; readonly until: number } | undefined
  return async () => {
    if (known && Date.now() < known.until - early) return known.token
    const added = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]))
    const info = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', spec: { interactive: false } }
    const { stdout } = await promisify(execFile)(command, args ?? [], {
      env: { ...environment, ...added, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
      timeout: 30_000,
    })
    const { status } = replySchema.parse(JSON.parse(stdout))
    const until = status.expirationTimestamp ? Date.parse(status.expirationTimestamp) : Date.now() + 300_000
    known = { token: status.token, until }
    return status.token
  }
}

function tokenOf(user: User, folder: string, environment: Environment): () => Promise<string | undefined> {
  const { token, tokenFile, exec } = user
  if (exec) return executed(exec, environment)
  if (tokenFile) return async () => (await readFile(resolve(folder, tokenFile), 'utf8')).trim()
  return async () => token
}

async function fromKubeconfig(path: string, environment: Environment): Promise<ClusterAccess> {
  const folder = dirname(path)
  const pem = async (data: string | undefined, file: string | undefined): Promise<string | undefined> => {
    if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8')
    return file === undefined ? undefined : await readFile(resolve(folder, file), 'utf8')
  }
  const config = kubeconfigSchema.parse(parse(await readFile(path, 'utf8')))
  const context = config.contexts.find(({ name }) => name === config['current-context'])?.context
  const cluster = config.clusters.find(({ name }) => name === context?.cluster)?.cluster
  const user = config.users.find(({ name }) => name === context?.user)?.user
  if (!context || !cluster || !user) throw new Error('its current context names what is not in it')
  const cert = await pem(user['client-certificate-data'], user['client-certificate'])
  const key = await pem(user['client-key-data'], user['client-key'])
  const { hostname: host, port } = new URL(cluster.server)
  return {
    server: cluster.server.replace(/\/$/, ''),
    proxy: cluster['proxy-url'] ?? proxyFor(readOutward(environment), { by: 'https', host, port: Number(port || 443) }),
    authority: await pem(cluster['certificate-authority-data'], cluster['certificate-authority']),
    certificate: cert !== undefined && key !== undefined ? { cert, key } : undefined,
    token: tokenOf(user, folder, environment),
    namespace: context.namespace,
  }
}

/** Raises Fault `usage` when neither way is there. `kubeconfig` goes before the service account. */
export async function findCluster(
  kubeconfig: string | undefined,
  environment: Environment,
  folder: string = serviceAccountFolder,
): Promise<ClusterAccess> {
  const path = kubeconfig ?? environment['KUBECONFIG']
  if (path) {
    try {
      return await fromKubeconfig(path, environment)
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new Fault('usage', `The kubeconfig ${path} cannot be used: ${why}`, { cause })
    }
  }
  const access = await inCluster(environment, folder)
  if (access) return access
  throw new Fault('usage', 'There is no Kubernetes cluster to run pods in.', {
    hint: 'Run the delegate as a pod with a service account, or give --kubeconfig.',
  })
}
