// Where the changelog of a DB schema comes from: the rules of its two kinds, and how an update combines with what is stored.
import type { z } from 'zod'
import type {
  changelogScriptSchema,
  changelogSourceSchema,
  DbSchemaOut,
  dbSchemaInSchema,
  dbSchemaUpdateSchema,
} from '#contract/api/db-schema'
import { readArchivePath } from '#contract/delegate/archive-path'
import { invalidField } from './change.ts'

export type Changelog = z.output<typeof changelogSourceSchema>
export type ChangelogScript = z.output<typeof changelogScriptSchema>
type SchemaIn = z.output<typeof dbSchemaInSchema>
export type SchemaUpdate = z.output<typeof dbSchemaUpdateSchema>

/** What is stored of a schema and may change. Exactly one of the two sources is there, the one that `type` names. */
export interface SchemaValues {
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  readonly service: string | undefined
  readonly type: DbSchemaOut['type']
  readonly changelog: Changelog | undefined
  readonly changeLogScript: ChangelogScript | undefined
  readonly usePercona: boolean
}

/** Without fields that were given as empty; an empty connector has a meaning (the repository of the built-in host). */
function withoutEmpty<T extends object>(source: T): T {
  return Object.fromEntries(Object.entries(source).filter(([key, value]) => value !== '' || key === 'connector')) as T
}

function checkChangelog(changelog: Partial<Changelog> | undefined): Changelog {
  if (!changelog) throw invalidField('changelog', 'Is needed for a schema of type Repository.')
  const { location, ...rest } = withoutEmpty(changelog)
  if (location === undefined) throw invalidField('changelog.location', 'Is needed: the changelog file, or the folder.')
  if (!rest.connector && rest.repo === undefined)
    throw invalidField('changelog.repo', 'Is needed when there is no connector.')
  const { archivePath } = rest
  // One with an expression is known only when it runs.
  if (archivePath !== undefined && !archivePath.includes('<+') && !readArchivePath(archivePath))
    throw invalidField('changelog.archivePath', 'Is no path of an archive, such as releases/shop-1.4.zip.')
  return { ...rest, location }
}

function checkScript(script: Partial<ChangelogScript> | undefined): ChangelogScript {
  if (!script) throw invalidField('changeLogScript', 'Is needed for a schema of type Script.')
  const { image = '', command = '', shell = '', location = '', toml } = script
  if (image === '') throw invalidField('changeLogScript.image', 'Must not be empty.')
  if (command === '') throw invalidField('changeLogScript.command', 'Must not be empty.')
  return { image, command, shell, location, ...(toml ? { toml } : {}) }
}

function checkPercona(usePercona: boolean, migrationType: DbSchemaOut['migrationType']): boolean {
  if (usePercona && migrationType !== 'Liquibase')
    throw invalidField('usePercona', 'Is only possible for the migration type Liquibase.')
  return usePercona
}

/** The values of a new schema, or of one that an update replaces as a whole: what is left out gets its default. */
export function newValues(
  body: Omit<SchemaUpdate, 'identifier'> & Pick<SchemaIn, 'name'>,
  migrationType: DbSchemaOut['migrationType'],
): SchemaValues {
  const type = body.type ?? (body.changeLogScript && !body.changelog ? 'Script' : 'Repository')
  return {
    name: body.name,
    tags: body.tags ?? {},
    service: body.service || undefined,
    type,
    changelog: type === 'Repository' ? checkChangelog(body.changelog) : undefined,
    changeLogScript: type === 'Script' ? checkScript(body.changeLogScript) : undefined,
    usePercona: checkPercona(body.usePercona ?? false, migrationType),
  }
}

/** Update without `identifier`: what is left out stays (wire contract 6). */
export function mergedValues(
  stored: SchemaValues,
  body: SchemaUpdate,
  migrationType: DbSchemaOut['migrationType'],
): SchemaValues {
  return newValues(
    {
      name: body.name ?? stored.name,
      tags: body.tags ?? stored.tags,
      service: body.service ?? stored.service,
      type: body.type ?? stored.type,
      changelog: body.changelog ? { ...stored.changelog, ...body.changelog } : stored.changelog,
      changeLogScript: body.changeLogScript
        ? { ...stored.changeLogScript, ...body.changeLogScript }
        : stored.changeLogScript,
      usePercona: body.usePercona ?? stored.usePercona,
    },
    migrationType,
  )
}

export function sourceTypeOf({ type, changelog }: SchemaValues): DbSchemaOut['schemaSourceType'] {
  if (type === 'Script') return 'Custom'
  if (!changelog?.connector) return 'HarnessCode'
  return changelog.archivePath === undefined ? 'Git' : 'Artifactory'
}
