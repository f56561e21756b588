// What a step is told to do: everything it needs, with secrets as references only.
import { z } from 'zod'
import { secretReferencesSchema } from '../identifier.ts'
import { imageReferenceSchema, isOwnImage } from '../image.ts'
import { commandRules, commandWork } from './command.ts'
import { gitSourceSchema, sourceCredentials } from './git-source.ts'
import { podSettingsSchema } from './pod-settings.ts'
import { isProgramWork, isScriptWork, type ProgramWork, programReferences, programWorkSchema } from './program-work.ts'
import { secretsIn } from './secret-expression.ts'

/** Requests are signed as S3 wants them, with user name and password as access key and secret key. */
export const s3SpecSchema = z.object({ region: z.string().max(32), sessionTokenRef: secretReferencesSchema.optional() })
export type S3Spec = z.infer<typeof s3SpecSchema>

export const archiveSourceSchema = z.object({
  type: z.literal('archive'),
  url: z.url({ protocol: /^https?$/ }).max(4096),
  /** Changelog file, relative to the root of the archive. */
  path: z.string().min(1).max(1024),
  /** Of the archive, hex. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/i)
    .optional(),
  s3: s3SpecSchema.optional(),
  ...sourceCredentials,
})
export type ArchiveSource = z.infer<typeof archiveSourceSchema>

/** An artifact in a registry, as ORAS pushes them: each layer a file with its name, or an archive. */
export const ociSourceSchema = z.object({
  type: z.literal('oci'),
  /** Of the registry, without a path. */
  url: z.url({ protocol: /^https?$/ }).max(4096),
  repository: z.string().min(1).max(512),
  /** A tag, or `sha256:…`. */
  reference: z.string().min(1).max(128),
  /** Changelog file, relative to the root of what the artifact holds. */
  path: z.string().min(1).max(1024),
  ...sourceCredentials,
})
export type OciSource = z.infer<typeof ociSourceSchema>

/** A script of the user that writes the changelog, in an image of the user. Only pods run it. */
export const scriptSourceSchema = z.object({
  type: z.literal('script'),
  image: imageReferenceSchema,
  shell: z.enum(['Sh', 'Bash']),
  command: z.string().min(1).max(65_536),
  /** Changelog file, relative to the folder that the script runs in. */
  path: z.string().min(1).max(1024),
})
export type ScriptSource = z.infer<typeof scriptSourceSchema>

/** Where the changelog comes from. */
export const sourceSpecSchema = z.discriminatedUnion('type', [
  gitSourceSchema,
  archiveSourceSchema,
  ociSourceSchema,
  scriptSourceSchema,
])
export type SourceSpec = z.infer<typeof sourceSpecSchema>
type Credentials = { readonly [Name in keyof typeof sourceCredentials]?: string | undefined } & {
  readonly s3?: S3Spec | undefined
}

/** What fetching signs in with; a script signs in by itself. */
export const credentialsOf = (source: SourceSpec): Credentials => (source.type === 'script' ? {} : source)

export const connectionSpecSchema = z.object({
  url: z.string().max(4096),
  username: z.string().max(256).optional(),
  usernameRef: secretReferencesSchema.optional(),
  passwordRef: secretReferencesSchema.optional(),
})
export type ConnectionSpec = z.infer<typeof connectionSpecSchema>

/** An HTTP address that shall answer, and take the credentials. */
export const addressSpecSchema = connectionSpecSchema.extend({ s3: s3SpecSchema.optional() })
export type AddressSpec = z.infer<typeof addressSpecSchema>

/** One side of a comparison: a database as it is, or the snapshot that a task took, by the id of that task. */
export const schemaSideSchema = z.union([
  z.object({ connection: connectionSpecSchema, dbInstance: z.string() }),
  z.object({ snapshot: z.string().min(1).max(64) }),
])
export type SchemaSide = z.infer<typeof schemaSideSchema>

const target = {
  dbSchema: z.string(),
  dbInstance: z.string(),
  source: sourceSpecSchema,
  connection: connectionSpecSchema,
  /** Liquibase contexts of the instance, as given. */
  contexts: z.string().default(''),
  labelFilter: z.string().default(''),
  substituteProperties: z.record(z.string(), z.string()).default({}),
  /** Variables that the changelog may refer to; properties win over them. */
  environment: z.record(z.string(), z.string()).optional(),
}
const rollbackTo = {
  /** Exactly one of tag, changeSetCount and date. */
  tag: z.string().max(255).optional(),
  changeSetCount: z.int().positive().optional(),
  /** As `readHistoryDate` takes it: what ran after it is undone. */
  date: z.string().max(64).optional(),
}
/** How far an update goes; all of the changelog without them. */
const extent = {
  /** At most so many change sets. */
  count: z.int().positive().optional(),
  /** Up to and including the change set that sets this tag. */
  toTag: z.string().max(255).optional(),
  /** What was applied is rolled back and applied again. */
  testRollback: z.boolean().optional(),
}

/** Work on a database, by step type. */
const targetWorkSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('DBSchemaApply'),
    ...target,
    ...extent,
    /** A change set that fails is recorded as run; the step fails all the same. */
    recordFailed: z.boolean().optional(),
    /** The tag is set also when no change set ran. */
    tagAlways: z.boolean().optional(),
    /** Written to the newest row after success. */
    tag: z.string().max(255).optional(),
    /** Tag to create before the first change when the newest row has none. */
    preStartTag: z.string().max(255),
    /** Digest of the approved plan; refused when the plan now differs and is not its beginning. */
    approvedDigest: z.string().optional(),
  }),
  z.object({ type: z.literal('DBSchemaRollback'), ...target, ...rollbackTo }),
  z.object({ type: z.literal('DBSchemaUpdateSQL'), ...target }),
  z.object({ type: z.literal('DBSchemaRollbackSQL'), ...target, ...rollbackTo }),
  /** One command of the engine by its name. */
  z.object({ type: z.literal('LiquibaseCommand'), ...target, ...commandWork }),
  /** Reads history and journal after an attempt was lost, and says what is true. Changes nothing but a dead lock. */
  z.object({
    type: z.literal('Reconcile'),
    ...target,
    lostAttempt: z.string(),
    lostWork: z.enum(['DBSchemaApply', 'DBSchemaRollback']),
    preStartTag: z.string().max(255).optional(),
    ...extent,
    ...rollbackTo,
  }),
  /** What a change set that is not in the changelog yet would do. Changes nothing. */
  z.object({
    type: z.literal('DBTestAndPreview'),
    ...target,
    /** Base64 of YAML. */
    changeset: z.string().max(1_048_576),
    /** Where it is written, relative to the folder of the step group. */
    directory: z.string().max(512),
  }),
  /** Reads the history of a database that others may have changed, and tells how the changelog stands on it. */
  z.object({ type: z.literal('HistorySync'), ...target }),
])
/** Work that only looks, and follows no changelog. */
const lookWorkSchema = z.discriminatedUnion('type', [
  /** Does what a step does before its work, with each address of a connector or an instance. */
  z.object({
    type: z.literal('ConnectionTest'),
    /** What is tested, for people. */
    subject: z.string(),
    connection: connectionSpecSchema.optional(),
    source: sourceSpecSchema.optional(),
    artifacts: addressSpecSchema.optional(),
    /** Of images and artifacts (OCI): the address without a path. */
    registry: addressSpecSchema.optional(),
    /** A connector of one, as the project refers to it. The delegate signs in before the step begins, for it has the credentials. */
    secretManager: z.string().max(256).optional(),
    /** A connector of a cluster with credentials of its own; the delegate signs in as it does to a secret manager. */
    clusterApi: z.string().max(256).optional(),
    /** Whether a pod can be made in the cluster of the delegate: the step itself is the proof. */
    cluster: z.boolean().optional(),
  }),
  /** Reads the catalog of a database. */
  z.object({
    type: z.literal('Snapshot'),
    dbSchema: z.string(),
    dbInstance: z.string(),
    connection: connectionSpecSchema,
  }),
  /** What has to change in the instance so that it is as the reference. */
  z.object({
    type: z.literal('SchemaDiff'),
    dbSchema: z.string(),
    dbInstance: z.string(),
    connection: connectionSpecSchema,
    reference: schemaSideSchema,
  }),
])
export type TargetWork = z.infer<typeof targetWorkSchema>
/** The work itself. */
export const stepWorkSchema = z.discriminatedUnion('type', [targetWorkSchema, lookWorkSchema, programWorkSchema])
export type LookWork = z.infer<typeof lookWorkSchema>
export type StepWork = TargetWork | LookWork | ProgramWork
export type StepType = StepWork['type']
/** A spec whose work is of one kind. */
export type SpecOf<Work extends StepWork> = Omit<StepSpec, 'work'> & { readonly work: Work }
/** The types that a pipeline has steps for, and what looks into a lost one. */
export type PipelineTarget = Exclude<TargetWork, { readonly type: 'HistorySync' }>
export type PipelineWork = PipelineTarget | ProgramWork

/** Every database that the work opens. */
export function connectionsOf(work: StepWork): readonly ConnectionSpec[] {
  if (isProgramWork(work)) return []
  const own = work.connection === undefined ? [] : [work.connection]
  return work.type === 'SchemaDiff' && 'connection' in work.reference ? [...own, work.reference.connection] : own
}

/** Servers that a test asks over HTTP, besides its repository. */
export function testedAddresses(work: StepWork): readonly AddressSpec[] {
  if (work.type !== 'ConnectionTest') return []
  return [work.artifacts, work.registry].filter((address) => address !== undefined)
}

/** What the work is about, in a few words. */
export function subjectOf(work: StepWork): string {
  if (isProgramWork(work)) return work.type
  return work.type === 'ConnectionTest' ? work.subject : `${work.dbSchema} on ${work.dbInstance}`
}

/** Types that change something: once started they are never re-queued by a lease that ran out. */
export const changingStepTypes: ReadonlySet<StepType> = new Set<StepType>([
  'DBSchemaApply',
  'DBSchemaRollback',
  'LiquibaseCommand',
  'ShellScript',
  'Run',
  'Http',
])

export const stepSpecSchema = z.object({
  attempt: z.string(),
  execution: z.string(),
  node: z.string(),
  pipeline: z.string(),
  project: z.object({ org: z.string(), project: z.string() }),
  timeoutSeconds: z.int().positive().max(604_800),
  work: stepWorkSchema,
  /** What the pipeline says of the pod; means nothing to a delegate that runs processes. */
  pod: podSettingsSchema.optional(),
  /** Images that the account or the step names in place of the delegate's own; for pods only. */
  images: z.object({ step: imageReferenceSchema.optional(), source: imageReferenceSchema.optional() }).optional(),
  /** The step group whose steps share a folder. */
  workspace: z
    .object({
      /** Path of the group in the pipeline. */
      group: z.string().max(1024),
      /** Folders that are shared besides the workspace itself; for pods only. */
      paths: z.array(z.string().min(1).max(1024)).max(16),
    })
    .optional(),
})
export type StepSpec = z.infer<typeof stepSpecSchema>

/** The script that writes the changelog; undefined where there is none. */
export function changelogScriptOf({ work }: Pick<StepSpec, 'work'>): ScriptSource | undefined {
  const source = sourceOf({ work })
  return source?.type === 'script' ? source : undefined
}

/** Does the step itself read or write in the folder of its group? */
export function sharesFolder(work: StepWork): boolean {
  if (work.type === 'LiquibaseCommand') return commandRules[work.command].files === true
  return work.type === 'GitClone' || work.type === 'DBTestAndPreview' || isScriptWork(work)
}

/** What a stock image has a command for. */
const toolTypes: ReadonlySet<StepType> = new Set<StepType>([
  'DBSchemaApply',
  'DBSchemaRollback',
  'DBSchemaUpdateSQL',
  'DBSchemaRollbackSQL',
])

/** The image of somebody else that does the work of a pod; undefined where our own does, as always when something is only looked at. */
export function toolImage({ images, work }: Pick<StepSpec, 'images' | 'work'>): string | undefined {
  const image = images?.step
  return image === undefined || isOwnImage(image) || !toolTypes.has(work.type) ? undefined : image
}

/** Whether a second container of the pod does the work, told by the step: scripts never see what the step is told. */
export const needsTool = (spec: Pick<StepSpec, 'images' | 'work'>): boolean =>
  isScriptWork(spec.work) || toolImage(spec) !== undefined

/** The references of a list with commas. */
export const referenceList = (references: string): string[] => references.split(',').map((one) => one.trim())

/** References of secrets that fetching needs, each once. */
export function sourceReferences({ work }: Pick<StepSpec, 'work'>): string[] {
  const source = sourceOf({ work })
  return source ? referencesOf(credentialsOf(source)) : []
}

/** References of secrets that the work itself needs, each once. */
export function targetReferences({ work }: Pick<StepSpec, 'work'>): string[] {
  if (isProgramWork(work)) return [...new Set(programReferences(work))]
  const addresses = testedAddresses(work)
  const properties = 'substituteProperties' in work ? Object.values(work.substituteProperties) : []
  const opened = [...connectionsOf(work), ...addresses].flatMap(referencesOf)
  return [...new Set([...opened, ...properties.flatMap(secretsIn)])]
}

/** Where the files of the work come from, if it has any. */
export const sourceOf = ({ work }: Pick<StepSpec, 'work'>): SourceSpec | undefined =>
  'source' in work ? work.source : undefined

function referencesOf({ usernameRef, passwordRef, s3 }: Credentials): string[] {
  const fields = [usernameRef, passwordRef, s3?.sessionTokenRef].filter((field) => field !== undefined)
  return [...new Set(fields.flatMap(referenceList))]
}

/** Every secret reference that a spec holds, each once. */
export function secretReferences(spec: StepSpec): string[] {
  return [...new Set([...sourceReferences(spec), ...targetReferences(spec)])]
}
