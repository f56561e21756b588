// What a delegate gets of the secrets that a step refers to: those of the built-in store sealed to it, bound to attempt and fence;
// of all others where they are, so that it reads them itself.
import { secretManagerTypes } from '#contract/api/connector-type'
import { delegateSecretManagers } from '#contract/api/secret'
import type { SealedSecret, SecretPlace } from '#contract/delegate/protocol'
import { isRunSecret, type RunSecretReference } from '#contract/delegate/run-secret'
import { sealBox } from '#contract/delegate/seal'
import { secretReferences, type StepSpec, type StepWork } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import { findConnector, parseReference, seenFromProject } from '../entity/reference.ts'
import { findProjectOwners, ownedBy, type Owner } from '../entity/scope.ts'
import type { StoreTransaction } from '../store/port.ts'
import type { AttemptRecord, SealSecrets } from '../work/port.ts'
import { openEnvelope, type RootKeys } from './envelope.ts'
import { placeOf } from './place.ts'
import { openRunSecret } from './run-secret.ts'
import { isBuiltIn } from './secret.ts'

interface Row {
  readonly project_id: string | null
  readonly organization_id: string | null
  readonly identifier: string
  readonly type: string
  readonly secret_manager: string
  readonly reference: string | null
  readonly ciphertext: string | null
}

const ownManagers: ReadonlySet<string> = new Set(delegateSecretManagers)
const managerTypes: ReadonlySet<string> = new Set(secretManagerTypes)
const clusterTypes: ReadonlySet<string> = new Set(['K8sCluster'])

/** What the work queue needs when a delegate accepts an attempt. */
export function createSealSecrets(keys: RootKeys): SealSecrets {
  return async (tx, { attempt, references, sealingKey }) => {
    const tested = await testedPlaces(tx, attempt.projectId, attempt.spec.work)
    if (references.length === 0 && tested.length === 0) return { sealed: [], places: [] }
    const owners = await findProjectOwners(tx, attempt.projectId)
    const rows = await readRows(tx, owners, references.filter(isKept))
    const sealed = new Map<string, SealedSecret>()
    for (const ref of references.filter(isRunSecret))
      sealed.set(ref, await sealRunSecret(tx, keys, attempt, sealingKey, ref))
    const places: SecretPlace[] = [...tested]
    for (const [ref, row] of rows) {
      if (row.ciphertext !== null) sealed.set(ref, seal(keys, attempt, sealingKey, ref, row))
      else places.push(await placeFor(tx, attempt.projectId, ref, row))
    }
    // How the delegate signs in to the managers; these secrets cannot be in such a manager themselves.
    const needed = [...new Set(places.flatMap(credentialsOf))].filter((ref) => !rows.has(ref))
    for (const [ref, row] of await readRows(tx, owners, needed)) {
      if (row.ciphertext !== null) sealed.set(ref, seal(keys, attempt, sealingKey, ref, row))
      else if (ownManagers.has(row.secret_manager)) places.push(await placeFor(tx, attempt.projectId, ref, row))
      else
        throw new Fault('secret-unresolved', `The secret ${ref} opens a secret manager, and is in one itself.`, {
          hint: 'Keep it in the built-in store, or let the delegate have it in its environment or a file.',
        })
    }
    return { sealed: [...sealed.values()], places }
  }
}

/** A manager, or a cluster, that is only signed in to: nothing of it is read. */
async function testedPlaces(tx: StoreTransaction, projectId: string, work: StepWork): Promise<readonly SecretPlace[]> {
  if (work.type !== 'ConnectionTest') return []
  const { secretManager, clusterApi } = work
  const name = secretManager ?? clusterApi
  if (name === undefined) return []
  const types = clusterApi === undefined ? managerTypes : clusterTypes
  return [{ ref: name, path: '', manager: await managerFor(tx, projectId, name, 'The test', types), test: true }]
}

/** Where those of the secrets are that the manager does not hold, and what is tested. Raises `secret-unresolved`. */
export async function findPlaces(
  tx: StoreTransaction,
  projectId: string,
  spec: StepSpec,
): Promise<readonly SecretPlace[]> {
  const places: SecretPlace[] = [...(await testedPlaces(tx, projectId, spec.work))]
  const references = secretReferences(spec).filter(isKept)
  if (references.length === 0) return places
  for (const [ref, row] of await readRows(tx, await findProjectOwners(tx, projectId), references))
    if (row.ciphertext === null) places.push(await placeFor(tx, projectId, ref, row))
  return places
}

async function readRows(
  tx: StoreTransaction,
  owners: Record<Owner['kind'], Owner>,
  references: readonly string[],
): Promise<Map<string, Row>> {
  const found = new Map<string, Row>()
  const absent: string[] = []
  for (const reference of references) {
    const { scope, identifier } = parseReference(reference)
    const row = await tx
      .selectFrom('secret')
      .where(ownedBy('secret', owners[scope]))
      .where('identifier', '=', identifier)
      .select(['project_id', 'organization_id', 'identifier', 'type', 'secret_manager', 'reference', 'ciphertext'])
      .executeTakeFirst()
    if (row) found.set(reference, row)
    else absent.push(reference)
  }
  if (absent.length > 0)
    throw new Fault('secret-unresolved', `There is no secret ${absent.join(', ')}, which the step refers to.`)
  return found
}

/** Of the store or of another manager, not of the run. */
const isKept = (reference: string): boolean => !isRunSecret(reference)

async function sealRunSecret(
  tx: StoreTransaction,
  keys: RootKeys,
  attempt: AttemptRecord,
  sealingKey: string,
  ref: RunSecretReference,
): Promise<SealedSecret> {
  const { executionId, id, fence } = attempt
  const value = executionId === null ? undefined : await openRunSecret(tx, keys, executionId, ref)
  if (value === undefined)
    throw new Fault('secret-unresolved', `No step of the run has given the secret output ${ref.slice('run.'.length)}.`)
  return { ref, form: 'text', box: sealBox(sealingKey, value, { attempt: id, fence, ref }) }
}

function seal(keys: RootKeys, attempt: AttemptRecord, sealingKey: string, ref: string, row: Row): SealedSecret {
  const bytes = openEnvelope(keys, row.ciphertext ?? '', placeOf(row))
  const form = row.type === 'SecretFile' ? 'file' : 'text'
  const value = bytes.toString(form === 'file' ? 'base64' : 'utf8')
  return { ref, form, box: sealBox(sealingKey, value, { attempt: attempt.id, fence: attempt.fence, ref }) }
}

async function placeFor(tx: StoreTransaction, projectId: string, ref: string, row: Row): Promise<SecretPlace> {
  const path = row.reference ?? ''
  const name = row.secret_manager
  if (ownManagers.has(name)) return { ref, path, manager: { name, type: name, spec: {} } }
  if (isBuiltIn(name)) throw new Error(`The secret ${ref} of the built-in store has no value.`)
  const owner = row.project_id === null ? (row.organization_id === null ? 'account' : 'organization') : 'project'
  const manager = await managerFor(tx, projectId, seenFromProject(owner, name), `The secret ${ref}`)
  return { ref, path, manager: { ...manager, name } }
}

/** `reference` as the project understands it; `what` needs it. */
async function managerFor(
  tx: StoreTransaction,
  projectId: string,
  reference: string,
  what: string,
  types = managerTypes,
): Promise<SecretPlace['manager']> {
  const connector = await findConnector(tx, projectId, reference)
  if (!connector || !types.has(connector.type))
    throw new Fault(
      'secret-unresolved',
      `${what} needs the secret manager ${reference}, ${connector ? 'which is no secret manager' : 'of which there is no connector'}.`,
      { hint: 'Create the connector, or correct secretManagerIdentifier of the secret.' },
    )
  const spec = mapReferences(connector.spec as Spec, (one) => seenFromProject(connector.owner, one))
  return { name: reference, type: connector.type, spec }
}

/** Fields with references to secrets: of a connector itself, of the credential in it, and of the sign-in to a cluster in that. */
const credentialFields = ['authToken', 'secretId', 'secretKey', 'credentialsRef'] as const
const manualFields = ['accessKey', 'secretKey'] as const
const clusterFields = [
  'serviceAccountTokenRef',
  'clientCertRef',
  'clientKeyRef',
  'clientKeyPassphraseRef',
  'caCertRef',
] as const

type Spec = Record<string, unknown>
const isSpec = (value: unknown): value is Spec => typeof value === 'object' && value !== null
const specOf = (value: unknown): Spec | undefined => {
  const spec = isSpec(value) ? value['spec'] : undefined
  return isSpec(spec) ? spec : undefined
}

function changed(spec: Spec, fields: readonly string[], change: (reference: string) => string): Spec {
  const found = fields.flatMap((field) => {
    const value = spec[field]
    return typeof value === 'string' ? [[field, change(value)] as const] : []
  })
  return { ...spec, ...Object.fromEntries(found) }
}

/** The spec of a connector with each of its references changed. */
function mapReferences(spec: Spec, change: (reference: string) => string): Spec {
  const seen = changed(spec, credentialFields, change)
  const { credential } = spec
  const manual = specOf(credential)
  if (!isSpec(credential) || credential['type'] !== 'ManualConfig' || !manual) return seen
  const given = changed(manual, manualFields, change)
  const auth = specOf(manual['auth'])
  const signIn = auth ? { auth: { ...(manual['auth'] as Spec), spec: changed(auth, clusterFields, change) } } : {}
  return { ...seen, credential: { ...credential, spec: { ...given, ...signIn } } }
}

function credentialsOf({ manager: { spec } }: SecretPlace): string[] {
  const found: string[] = []
  mapReferences(spec, (reference) => {
    found.push(reference)
    return reference
  })
  return found
}
