// Puts together what a step needs of its target: DB schema, DB instance and their connectors, with secrets as references only.
import type { ConnectionSpec, GitSource, SourceSpec } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import { resolveText } from '#pipeline/resolve'
import type { Changelog } from '../entity/schema-source.ts'
import type { StoreTransaction } from '../store/port.ts'
import { readDatabaseConnector, readGitConnector, type RepositoryAccess } from './connector.ts'
import { resolveProperties } from './property.ts'
import type { Run } from './run.ts'

export interface ResolvedTarget {
  readonly work: {
    readonly source: SourceSpec
    readonly connection: ConnectionSpec
    readonly contexts: string
    readonly labelFilter: string
    readonly substituteProperties: Record<string, string>
  }
  /** Of the connector of the database. */
  readonly selectors: readonly string[]
}
interface Target {
  readonly dbSchema: string
  readonly dbInstance: string
}

/** Attempts with the same key never run at the same time. */
export function instanceKey(projectId: string, { dbSchema, dbInstance }: Target): string {
  return `${projectId}/${dbSchema}/${dbInstance}`
}

/** Raises `not-found`, `invalid-input` or `not-offered` about the entities that the step names. */
export async function resolveTarget(
  tx: StoreTransaction,
  run: Run,
  node: string,
  target: Target,
): Promise<ResolvedTarget> {
  const { schema, instance } = await readEntities(tx, run, target)
  if (schema.migration_type !== 'Liquibase')
    throw new Fault('not-offered', `The DB schema ${target.dbSchema} is of migration type ${schema.migration_type}.`)
  const source = await resolveSource(tx, run, node, schema, instance)
  const { connection, selectors } = await resolveConnection(tx, run, target, instance.connector)
  const substituteProperties = resolveProperties(
    run,
    node,
    target.dbInstance,
    instance.substitute_properties as Record<string, string>,
  )
  const contexts = instance.context
  return { work: { source, connection, contexts, labelFilter: '', substituteProperties }, selectors }
}

const invalid = (message: string, [hint]: readonly [string]): Fault => new Fault('invalid-input', message, { hint })

async function readEntities(tx: StoreTransaction, run: Run, { dbSchema, dbInstance }: Target) {
  const schema = await tx
    .selectFrom('db_schema')
    .where('project_id', '=', run.projectId)
    .where('identifier', '=', dbSchema)
    .select(['id', 'identifier', 'type', 'migration_type', 'changelog'])
    .executeTakeFirst()
  if (!schema) throw new Fault('not-found', `The project has no DB schema ${dbSchema}.`)
  const instance = await tx
    .selectFrom('db_instance')
    .where('db_schema_id', '=', schema.id)
    .where('identifier', '=', dbInstance)
    .select(['identifier', 'connector', 'branch', 'commit_sha', 'git_tag', 'context', 'substitute_properties'])
    .executeTakeFirst()
  if (!instance) throw new Fault('not-found', `The DB schema ${dbSchema} has no DB instance ${dbInstance}.`)
  return { schema, instance }
}
type Entities = Awaited<ReturnType<typeof readEntities>>

async function resolveSource(
  tx: StoreTransaction,
  run: Run,
  node: string,
  schema: Entities['schema'],
  instance: Entities['instance'],
): Promise<SourceSpec> {
  const changelog = schema.changelog as Changelog | null
  if (schema.type !== 'Repository' || !changelog)
    throw new Fault('not-offered', `The changelog of the DB schema ${schema.identifier} is written by a script.`)
  if (changelog.archivePath !== undefined)
    throw new Fault('not-offered', `The changelog of the DB schema ${schema.identifier} is in an archive.`)
  if (!changelog.connector)
    throw new Fault('not-offered', `The DB schema ${schema.identifier} names no connector to its repository.`, {
      hint: 'Create a Git connector and name it in changelog.connector.',
    })
  const connector = await readGitConnector(tx, run.projectId, changelog.connector)
  return {
    type: 'git',
    url: repositoryUrl(connector, changelog, schema.identifier),
    reference: resolveRevision(run, node, instance),
    path: changelog.location,
    ...connector.credentials,
  }
}

/** A connector of type Account holds the address of the host and owner; the schema adds the repository. */
function repositoryUrl(connector: RepositoryAccess, changelog: Changelog, schema: string): string {
  if (connector.isRepository) return connector.url
  if (!changelog.repo)
    throw invalid(`The DB schema ${schema} names no repository, and its connector is for a whole account.`, [
      'Name the repository in changelog.repo.',
    ])
  return `${connector.url.replace(/\/+$/, '')}/${changelog.repo.replace(/^\/+/, '')}`
}

/** Commit and tag may be expressions; a branch is a fixed name. */
function resolveRevision(run: Run, node: string, instance: Entities['instance']): GitSource['reference'] {
  const resolve = (text: string): string => {
    const values = { graph: run.graph, facts: run.state.facts, node: (id: string) => nodeState(run, id) }
    const resolved = resolveText(values, node, text)
    if ('text' in resolved && resolved.text !== '') return resolved.text
    const because = 'because' in resolved ? resolved.because : 'its value is empty'
    throw invalid(`The revision ${text} of the DB instance ${instance.identifier} has no value: ${because}.`, [
      'Correct the expression, or name a branch.',
    ])
  }
  if (instance.commit_sha !== '') return { commit: resolve(instance.commit_sha) }
  if (instance.git_tag !== '') return { tag: resolve(instance.git_tag) }
  if (instance.branch !== '') return { branch: instance.branch }
  throw invalid(`The DB instance ${instance.identifier} names no branch, commit or tag.`, ['Set its branch.'])
}

function nodeState(run: Run, id: string) {
  const state = run.state.nodes[id]
  if (!state) throw new Error(`The state has no node ${id}.`)
  return state
}

async function resolveConnection(tx: StoreTransaction, run: Run, target: Target, reference: string) {
  const { connection, selectors } = await readDatabaseConnector(tx, run.projectId, reference)
  if (connection.url.includes('<+'))
    throw invalid(`The address in the connector of ${target.dbInstance} holds an expression.`, ['Write it out.'])
  return { connection, selectors }
}
