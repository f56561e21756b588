// What the step of a connection test is told, by the type of the connector.
import { kubernetesSpecSchema, type SecretManagerType, secretManagerTypes } from '#contract/api/connector-type'
import type { SourceSpec, StepWork } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import { findConnector, type FoundConnector } from '../entity/reference.ts'
import {
  readArchiveConnector,
  readDatabaseConnector,
  readGitConnector,
  repositoryAt,
  selectorsOf,
} from '../execution/connector.ts'
import { registryAddress } from '../execution/source.ts'
import type { StoreTransaction } from '../store/port.ts'
import { type GivenRevision, revisionOf, type TaskWork } from './work.ts'

type Test = Extract<StepWork, { type: 'ConnectionTest' }>
interface Given extends GivenRevision {
  readonly repository?: string | undefined
}
interface Tested {
  readonly test: Omit<Test, 'type' | 'subject'>
  readonly selectors: readonly string[]
}

const isSecretManager = (type: string): type is SecretManagerType => secretManagerTypes.some((known) => known === type)

/** Raises `not-offered` for a way to sign in that no step uses. */
export async function connectorTestWork(
  tx: StoreTransaction,
  projectId: string,
  reference: string,
  given: Given,
): Promise<TaskWork> {
  const found = await findConnector(tx, projectId, reference)
  if (!found) throw new Fault('not-found', `There is no connector ${reference}.`)
  const { test, selectors } = await testOf(tx, projectId, reference, found, given)
  return { work: { type: 'ConnectionTest', subject: `connector ${reference}`, ...test }, selectors }
}

async function testOf(
  tx: StoreTransaction,
  projectId: string,
  reference: string,
  { type, spec }: FoundConnector,
  given: Given,
): Promise<Tested> {
  if (isSecretManager(type)) return { test: { secretManager: reference }, selectors: selectorsOf(spec) }
  switch (type) {
    case 'JDBC': {
      const { connection, selectors } = await readDatabaseConnector(tx, projectId, reference)
      return { test: { connection }, selectors }
    }
    case 'Artifactory': {
      const { url, credentials, s3, selectors } = await readArchiveConnector(tx, projectId, reference)
      return { test: { artifacts: { url, ...credentials, ...(s3 ? { s3 } : {}) } }, selectors }
    }
    case 'DockerRegistry': {
      const { url, credentials, selectors } = await readArchiveConnector(tx, projectId, reference)
      return { test: { registry: { url: registryAddress(url), ...credentials } }, selectors }
    }
    case 'K8sCluster':
      return clusterTest(reference, spec)
    default:
      return gitTest(tx, projectId, reference, spec, given)
  }
}

function clusterTest(reference: string, spec: unknown): Tested {
  const { credential } = kubernetesSpecSchema.parse(spec)
  if (credential.type === 'InheritFromDelegate') return { test: { cluster: true }, selectors: selectorsOf(spec) }
  const { type } = credential.spec.auth
  if (type === 'ServiceAccount' || type === 'ClientKeyCert')
    return { test: { clusterApi: reference }, selectors: selectorsOf(spec) }
  throw new Fault(
    'not-offered',
    `The connector ${reference} signs in to a cluster by ${type}, which no delegate does.`,
    {
      hint: 'Use the token of a service account (ServiceAccount) or a client certificate (ClientKeyCert).',
    },
  )
}

async function gitTest(
  tx: StoreTransaction,
  projectId: string,
  reference: string,
  spec: unknown,
  given: Given,
): Promise<Tested> {
  const connector = await readGitConnector(tx, projectId, reference)
  const { validationRepo } = spec as { readonly validationRepo?: string | null }
  const url = repositoryAt(connector, given.repository ?? validationRepo ?? undefined)
  if (url === undefined)
    throw new Fault('invalid-input', `The connector ${reference} is for a whole account, not for one repository.`, {
      hint: 'Name a repository of it that shall be fetched, or write validationRepo into the connector.',
    })
  const source: SourceSpec = {
    type: 'git',
    url,
    reference: revisionOf(given) ?? { default: true },
    path: '.',
    ...connector.credentials,
  }
  return { test: { source }, selectors: connector.selectors }
}
