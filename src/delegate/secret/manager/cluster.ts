// The API of a cluster that a connector has credentials for, which is signed in to and no more: steps run in the cluster of a delegate.
import type { OwnClusterSpec } from '#contract/api/connector-type'
import { Fault } from '#contract/fault'
import { proxyFor } from '#outward/proxy'
import { readOutward } from '#outward/setting'
import { ApiRefusal, createApiClient } from '../../runner/kubernetes/client.ts'
import type { ClusterAccess } from '../../runner/kubernetes/credential.ts'
import type { ManagerPorts, SecretManager } from './port.ts'

/** As the original product takes it: PEM, or PEM in base64. */
function readPem(text: string, what: string): string {
  const found = text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64').toString('utf8')
  if (found.includes('-----BEGIN')) return found
  throw new Fault('cluster-refused', `What ${what} of the connector refers to is no PEM.`, {
    hint: 'Store the file as it is, or its base64.',
  })
}

function accessOf({ credential: { spec } }: OwnClusterSpec, { environment, credential }: ManagerPorts): ClusterAccess {
  const server = spec.masterUrl.replace(/\/+$/, '')
  if (!URL.canParse(server) || new URL(server).protocol !== 'https:')
    throw new Fault('cluster-refused', 'masterUrl of the connector is no address of HTTPS.')
  const { hostname: host, port } = new URL(server)
  const { auth } = spec
  const { caCertRef: authority } = auth.spec as { readonly caCertRef?: string }
  const common = {
    server,
    authority: authority === undefined ? undefined : readPem(credential(authority), 'caCertRef'),
    namespace: undefined,
    proxy: proxyFor(readOutward(environment), { by: 'https', host, port: Number(port || 443) }),
  }
  if (auth.type === 'ServiceAccount') {
    const token = credential(auth.spec.serviceAccountTokenRef).trim()
    return { ...common, certificate: undefined, token: async () => token }
  }
  if (auth.type !== 'ClientKeyCert')
    throw new Fault('cluster-refused', `This delegate does not sign in to a cluster by ${auth.type}.`)
  const { clientCertRef, clientKeyRef, clientKeyPassphraseRef: passphrase } = auth.spec
  const certificate = {
    cert: readPem(credential(clientCertRef), 'clientCertRef'),
    key: readPem(credential(clientKeyRef), 'clientKeyRef'),
    ...(passphrase === undefined ? {} : { passphrase: credential(passphrase) }),
  }
  return { ...common, certificate, token: async () => undefined }
}

/** Every account may ask what it may do; who is nobody may not. */
const question = {
  apiVersion: 'authorization.k8s.io/v1',
  kind: 'SelfSubjectAccessReview',
  spec: { resourceAttributes: { namespace: 'default', resource: 'pods', verb: 'create' } },
}

export function createClusterSignIn(name: string, spec: OwnClusterSpec, ports: ManagerPorts): SecretManager {
  return {
    read: async () => {
      throw new Fault('secret-manager-refused', `${name} is a cluster, of which no secret is read.`)
    },
    async test(signal) {
      const access = accessOf(spec, ports)
      const client = createApiClient(access)
      try {
        const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
        await client.call({ method: 'POST', path, body: question }, signal)
        const { gitVersion } = (await client.call({ method: 'GET', path: '/version' }, signal)) as {
          gitVersion?: unknown
        }
        return `It took the sign-in${typeof gitVersion === 'string' ? ` (Kubernetes ${gitVersion})` : ''}`
      } catch (error) {
        signal.throwIfAborted()
        const words = error instanceof Error ? error.message : String(error)
        if (error instanceof ApiRefusal && error.status < 500)
          throw new Fault('cluster-refused', `The cluster ${access.server} of ${name} refused the sign-in: ${words}`, {
            cause: error,
          })
        throw new Fault('cluster-unreachable', `The cluster ${access.server} of ${name} cannot be asked: ${words}`, {
          cause: error,
        })
      } finally {
        client.close()
      }
    },
  }
}
