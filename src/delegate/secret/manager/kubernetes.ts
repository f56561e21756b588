// Secrets of Kubernetes, in the namespace of the delegate or one that whoever runs it names; read through the API with its own
// service account, which needs `get` on those Secrets and nothing more.
import { request } from 'node:https'
import { Fault } from '#contract/fault'
import { describeManager, type ManagerName } from '#outward/cloud/call'
import { type ManagerPorts, notFound, type SecretManager, splitPath } from './port.ts'

const account = '/var/run/secrets/kubernetes.io/serviceaccount'
const answerLimit = 2_097_152
const answerWithin = 15_000

export interface KubernetesSecretOptions {
  /** Absent: that of the delegate's pod. */
  readonly namespace?: string | undefined
}

interface Answer {
  readonly status: number
  readonly text: string
}

/** `fetch` of Node knows no certificate authority for one call, and that of a cluster is its own. */
function get(url: URL, headers: Record<string, string>, ca: Buffer, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(url, { headers, ca, signal, timeout: answerWithin }, (response) => {
      const parts: Buffer[] = []
      let bytes = 0
      response.on('data', (part: Buffer) => {
        bytes += part.length
        if (bytes > answerLimit) call.destroy(new Error(`the answer is larger than ${answerLimit} bytes`))
        else parts.push(part)
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') }),
      )
      response.on('error', reject)
    })
    call.on('timeout', () => call.destroy(new Error(`no answer within ${answerWithin / 1000} s`)))
    call.on('error', reject)
    call.end()
  })
}

/** `name#key`. `options` undefined: whoever runs the delegate has not allowed it. */
export function createKubernetesManager(
  options: KubernetesSecretOptions | undefined,
  { environment, readFile }: Pick<ManagerPorts, 'environment' | 'readFile'>,
): SecretManager {
  const host = environment['KUBERNETES_SERVICE_HOST']
  const address = `https://${host?.includes(':') ? `[${host}]` : host}:${environment['KUBERNETES_SERVICE_PORT'] ?? '443'}`
  const manager: ManagerName = { name: 'delegateKubernetes', kind: 'Secrets of Kubernetes', address }
  return {
    async read(whole, signal) {
      if (!options || !host)
        throw new Fault('secret-manager-refused', 'The delegate may not read Secrets of Kubernetes.', {
          hint: 'Start it in a pod, with --kubernetes-secrets, and allow its service account to get these Secrets.',
        })
      const { path, field } = splitPath(whole)
      const [token, ca, own] = await Promise.all(
        ['token', 'ca.crt', 'namespace'].map((name) => readFile(`${account}/${name}`)),
      )
      const namespace = options.namespace ?? own?.toString('utf8').trim() ?? 'default'
      const url = new URL(
        `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(path)}`,
        address,
      )
      const headers = { authorization: `Bearer ${token?.toString('utf8').trim()}`, accept: 'application/json' }
      const answer = await get(url, headers, ca ?? Buffer.alloc(0), signal).catch((error: unknown) => {
        signal.throwIfAborted()
        const reason = error instanceof Error ? error.message : String(error)
        throw new Fault(
          'secret-manager-unreachable',
          `The secret manager ${describeManager(manager)} did not answer (${path}): ${reason}.`,
        )
      })
      if (answer.status === 404)
        throw notFound(manager, path, `the namespace ${namespace} has no such Secret`, 'Check its name.')
      if (answer.status !== 200)
        throw new Fault(
          'secret-manager-refused',
          `The secret manager ${describeManager(manager)} refused to give ${path}: HTTP ${answer.status}.`,
          { hint: `Allow the service account of the delegate to get the Secret ${path} in ${namespace}.` },
        )
      return chooseKey(manager, path, answer.text, field)
    },
  }
}

function chooseKey(manager: ManagerName, path: string, json: string, field: string | undefined) {
  const { data = {} } = JSON.parse(json) as { data?: Record<string, string> }
  const names = Object.keys(data)
  const key = field ?? (names.length === 1 ? names[0] : undefined)
  const value = key !== undefined && Object.hasOwn(data, key) ? data[key] : undefined
  if (value === undefined)
    throw notFound(manager, path, `its keys are ${names.slice(0, 20).join(', ')}`, `Name the key: ${path}#key.`)
  const bytes = Buffer.from(value, 'base64')
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), bytes }
  } catch {
    return { bytes }
  }
}
