// Images of pods: the fields that can be set for the whole account, their defaults, and which image a step gets.
import { z } from 'zod'

/** Fields of the image configuration of steps on databases (wire contract 4), in the order of that page. */
export const databaseImageFields = [
  'artifactoryTag',
  'bigQueryTag',
  'bigtableTag',
  'cloudSqlTag',
  'db2Tag',
  'defaultTag',
  'flywayDefaultTag',
  'flywayMongoTag',
  'flywaySpannerPsqlTag',
  'flywaySpannerTag',
  'gitCloneTag',
  'mongoTag',
  'oracleTag',
  'perconaTag',
  'rdsTag',
  'snowflakeTag',
  'spannerTag',
] as const
export type DatabaseImageField = (typeof databaseImageFields)[number]

/** Fields of its sibling for the programs beside the steps. Here one image, the helper, is both. */
export const helperImageFields = ['addonTag', 'liteEngineTag', 'gitCloneTag'] as const
export type HelperImageField = (typeof helperImageFields)[number]

/**
 * A full reference of an image as a container runtime takes it: `[registry[:port]/]path[:tag][@sha256:…]`. No scheme, no space;
 * at most 512 characters.
 */
export const imageReferenceSchema = z
  .string()
  .max(512)
  .regex(
    /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d{1,5})?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/,
    'Use a full reference of an image, such as registry.example.com/team/image:1.2 or …@sha256:<digest>.',
  )

/** The images of this version. One step image serves every relational database; Flyway folders are read by the same engine. */
export function defaultDatabaseImages(version: string): Readonly<Record<DatabaseImageField, string>> {
  const step = `sluice/step:${version}`
  const mongo = `sluice/step-mongo:${version}`
  const spanner = `sluice/step-spanner:${version}`
  return {
    artifactoryTag: `sluice/artifact-download:${version}`,
    bigQueryTag: step,
    bigtableTag: step,
    cloudSqlTag: step,
    db2Tag: step,
    defaultTag: step,
    flywayDefaultTag: step,
    flywayMongoTag: mongo,
    flywaySpannerPsqlTag: spanner,
    flywaySpannerTag: spanner,
    gitCloneTag: `sluice/git-clone:${version}`,
    mongoTag: mongo,
    oracleTag: step,
    perconaTag: step,
    rdsTag: step,
    snowflakeTag: step,
    spannerTag: spanner,
  }
}

export function defaultHelperImages(version: string): Readonly<Record<HelperImageField, string>> {
  const helper = `sluice/helper:${version}`
  return { addonTag: helper, liteEngineTag: helper, gitCloneTag: `sluice/git-clone:${version}` }
}

/** What the images of a pod depend on. */
export interface ImageChoice {
  /** JDBC-style address of the target; its prefix decides about the field. */
  readonly url: string
  readonly migrationType: 'Liquibase' | 'Flyway'
  /** The DB schema wants its table changes made by Percona's tool. */
  readonly usePercona?: boolean | undefined
  /** `image` of the step, which goes before everything else. */
  readonly stepImage?: string | undefined
}

/** Prefixes of addresses and the field of each, the more precise ones first. */
const fieldsByPrefix: readonly (readonly [RegExp, DatabaseImageField])[] = [
  [/^jdbc:aws-wrapper:/i, 'rdsTag'],
  [/[?&;]cloudSqlInstance=|socketFactory=com\.google\.cloud\.sql\./i, 'cloudSqlTag'],
  [/^(?:jdbc:)?mongodb(?:\+srv)?:/i, 'mongoTag'],
  [/^jdbc:cloudspanner:/i, 'spannerTag'],
  [/^jdbc:snowflake:/i, 'snowflakeTag'],
  [/^jdbc:bigquery:/i, 'bigQueryTag'],
  [/^bigtable:/i, 'bigtableTag'],
  [/^jdbc:db2/i, 'db2Tag'],
  [/^jdbc:oracle:/i, 'oracleTag'],
]

function fieldOf({ url, migrationType, usePercona }: ImageChoice): DatabaseImageField {
  const field = fieldsByPrefix.find(([pattern]) => pattern.test(url))?.[1] ?? 'defaultTag'
  if (migrationType === 'Liquibase') return usePercona && field === 'defaultTag' ? 'perconaTag' : field
  if (field === 'mongoTag') return 'flywayMongoTag'
  if (field !== 'spannerTag') return 'flywayDefaultTag'
  return /[?&;]dialect=postgresql/i.test(url) ? 'flywaySpannerPsqlTag' : 'flywaySpannerTag'
}

/** What an account has set in place of the defaults. */
export type AccountImages = Readonly<Partial<Record<DatabaseImageField, string>>>

/** The image of the container that does the step; undefined: that of the delegate. */
export function imageForStep(images: AccountImages, choice: ImageChoice): string | undefined {
  return choice.stepImage ?? images[fieldOf(choice)]
}

/** Images of this product, wherever they lie: they run our programs. Every other image of a step is taken for a stock plugin image. */
export function isOwnImage(image: string): boolean {
  const path = image.replace(/@sha256:[0-9a-f]{64}$/, '').replace(/:[^:/]*$/, '')
  return /(?:^|\/)sluice\/[a-z-]+$/.test(path)
}

/** A registry to pull from instead of the public ones: `registry.example.com:5000/mirror`, without a scheme. */
export function registryPrefix(dockerRegistryUrl: string): string {
  return dockerRegistryUrl
    .trim()
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/\/v[12]\/?$/i, '')
    .replace(/\/+$/, '')
}

const publicRegistry = /^(?:index\.|registry-1\.)?docker\.io(?:\/|$)/i

/**
 * The same image in a registry: for the account's or step group's registry connector. An image that names a registry already
 * stays as it is, and so does all when the connector is for Docker Hub, which is where images without a registry are.
 */
export function inRegistry(image: string, dockerRegistryUrl: string): string {
  const prefix = registryPrefix(dockerRegistryUrl)
  if (prefix === '' || publicRegistry.test(prefix)) return image
  const [first = '', ...rest] = image.split('/')
  const named = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  return named ? image : `${prefix}/${image}`
}
