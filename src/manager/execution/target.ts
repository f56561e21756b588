// Puts together what a step needs of its target: DB schema, DB instance and their connectors, with secrets as references only.
import type { GitSource } from '#contract/delegate/git-source'
import type { ConnectionSpec, SourceSpec } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import { resolveText } from '#pipeline/resolve'
import type { Changelog, ChangelogScript } from '../entity/schema-source.ts'
import type { StoreTransaction } from '../store/port.ts'
import { archiveSource, scriptSource } from './source.ts'
import {
  readArchiveConnector,
  readDatabaseConnector,
  readGitConnector,
  type RepositoryAccess,
  repositoryAt,
} from './connector.ts'
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

export type Revision = GitSource['reference']

/** What expressions in entities stand for: values of a run, or nothing at all. */
export interface TargetValues {
  readonly projectId: string
  /** The value of a text with expressions, or why it has none. */
  readonly resolve: (text: string) => { readonly text: string } | { readonly because: string }
  /** Substitution properties of the instance with all but secrets resolved. Raises `invalid-input`. */
  readonly properties: (instance: string, properties: Readonly<Record<string, string>>) => Record<string, string>
}

export function valuesOfRun(run: Run, node: string): TargetValues {
  const values = { graph: run.graph, facts: run.state.facts, node: (id: string) => nodeState(run, id) }
  return {
    projectId: run.projectId,
    resolve: (text) => resolveText(values, node, text),
    properties: (instance, properties) => resolveProperties(run, node, instance, properties),
  }
}

/**
 * `revision`: instead of that of the instance. Raises `not-found`, `invalid-input` or `not-offered` about the entities that the
 * step names.
 */
export async function resolveTarget(
  tx: StoreTransaction,
  values: TargetValues,
  target: Target,
  revision?: Revision,
): Promise<ResolvedTarget> {
  const { schema, instance } = await readEntities(tx, values, target)
  if (schema.migration_type !== 'Liquibase')
    throw new Fault('not-offered', `The DB schema ${target.dbSchema} is of migration type ${schema.migration_type}.`)
  const source = await resolveSource(tx, values, schema, instance, revision)
  const { connection, selectors } = await resolveConnection(tx, values.projectId, target, instance.connector)
  const properties = instance.substitute_properties as Record<string, string>
  const substituteProperties = values.properties(target.dbInstance, properties)
  const contexts = instance.context
  return { work: { source, connection, contexts, labelFilter: '', substituteProperties }, selectors }
}

/** The same without the changelog: for what only looks at the database. */
export async function resolveDatabase(
  tx: StoreTransaction,
  projectId: string,
  target: Target,
): Promise<Awaited<ReturnType<typeof resolveConnection>>> {
  const { instance } = await readEntities(tx, { projectId }, target)
  return resolveConnection(tx, projectId, target, instance.connector)
}

const invalid = (message: string, [hint]: readonly [string]): Fault => new Fault('invalid-input', message, { hint })

async function readEntities(
  tx: StoreTransaction,
  { projectId }: Pick<TargetValues, 'projectId'>,
  { dbSchema, dbInstance }: Target,
) {
  const schema = await tx
    .selectFrom('db_schema')
    .where('project_id', '=', projectId)
    .where('identifier', '=', dbSchema)
    .select(['id', 'identifier', 'type', 'migration_type', 'changelog', 'change_log_script'])
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
/** For what may be tried on any of them. Raises `not-found`. */
export async function oldestInstance(tx: StoreTransaction, projectId: string, dbSchema: string): Promise<string> {
  const row = await tx
    .selectFrom('db_instance')
    .innerJoin('db_schema', 'db_schema.id', 'db_instance.db_schema_id')
    .where('db_schema.project_id', '=', projectId)
    .where('db_schema.identifier', '=', dbSchema)
    .select('db_instance.identifier')
    .orderBy('db_instance.id')
    .executeTakeFirst()
  if (row) return row.identifier
  throw new Fault('not-found', `The DB schema ${dbSchema} has no DB instance.`)
}
type Entities = Awaited<ReturnType<typeof readEntities>>

async function resolveSource(
  tx: StoreTransaction,
  values: TargetValues,
  schema: Entities['schema'],
  instance: Entities['instance'],
  revision: Revision | undefined,
): Promise<SourceSpec> {
  const changelog = schema.changelog as Changelog | null
  const resolve = (what: string, text: string): string => resolvedText(values, what, text)
  if (schema.type !== 'Repository' || !changelog)
    return scriptSource(schema.identifier, schema.change_log_script as ChangelogScript | null, resolve)
  if (!changelog.connector)
    throw new Fault('not-offered', `The DB schema ${schema.identifier} names no connector to its repository.`, {
      hint: 'Create a connector and name it in changelog.connector.',
    })
  if (changelog.archivePath !== undefined) {
    if (revision)
      throw invalid(`The DB schema ${schema.identifier} is in an archive.`, ['Leave out branch, commit and tag.'])
    const server = await readArchiveConnector(tx, values.projectId, changelog.connector)
    const what = `archive of the DB schema ${schema.identifier}`
    return archiveSource(server, what, resolve(what, changelog.archivePath), changelog.location)
  }
  const connector = await readGitConnector(tx, values.projectId, changelog.connector)
  return {
    type: 'git',
    url: repositoryUrl(connector, changelog.repo, `The DB schema ${schema.identifier}`, 'changelog.repo'),
    reference: revision ?? revisionOf(instance, resolve),
    path: changelog.location,
    ...connector.credentials,
  }
}

/** A connector of type Account holds the address of the host and owner; `repo` adds the repository, and stands in `field` of `whose`. */
export function repositoryUrl(
  connector: RepositoryAccess,
  repo: string | undefined,
  whose: string,
  field: string,
): string {
  const url = repositoryAt(connector, repo)
  if (url !== undefined) return url
  throw invalid(`${whose} names no repository, and its connector is for a whole account.`, [
    `Name the repository in ${field}.`,
  ])
}

/** The value of a text that may hold expressions; `what` it is, for people. Raises `invalid-input`. */
export function resolvedText(values: Pick<TargetValues, 'resolve'>, what: string, text: string): string {
  const resolved = values.resolve(text)
  if ('text' in resolved && resolved.text !== '') return resolved.text
  const because = 'because' in resolved ? resolved.because : 'its value is empty'
  throw invalid(`The ${what}, ${text}, has no value: ${because}.`, ['Correct the expression, or write it out.'])
}

/** Commit and tag may be expressions; a branch is a fixed name. */
function revisionOf(instance: Entities['instance'], resolve: (what: string, text: string) => string): Revision {
  const what = `revision of the DB instance ${instance.identifier}`
  if (instance.commit_sha !== '') return { commit: resolve(what, instance.commit_sha) }
  if (instance.git_tag !== '') return { tag: resolve(what, instance.git_tag) }
  if (instance.branch !== '') return { branch: instance.branch }
  throw invalid(`The DB instance ${instance.identifier} names no branch, commit or tag.`, ['Set its branch.'])
}

function nodeState(run: Run, id: string) {
  const state = run.state.nodes[id]
  if (!state) throw new Error(`The state has no node ${id}.`)
  return state
}

async function resolveConnection(tx: StoreTransaction, projectId: string, target: Target, reference: string) {
  const { connection, selectors } = await readDatabaseConnector(tx, projectId, reference)
  if (connection.url.includes('<+'))
    throw invalid(`The address in the connector of ${target.dbInstance} holds an expression.`, ['Write it out.'])
  return { connection, selectors }
}
