// Reads settings: what counts in a scope is what it sets itself, unless a scope above has set a value that nobody below may replace.
import { sql } from 'kysely'
import { type SettingName, settingNameSchema, settings } from '#contract/setting'
import type { ScopedPlace } from '../entity/scoped-place.ts'
import type { Executor } from '../store/port.ts'

export type SettingScope = Pick<ScopedPlace, 'organizationId' | 'projectId'>
export type SettingSource = 'DEFAULT' | 'ACCOUNT' | 'ORG' | 'PROJECT'
export interface SettingValue {
  readonly value: string
  readonly source: SettingSource
  /** May scopes below set another value? */
  readonly allowOverrides: boolean
  /** No scope above holds it: it may be set here. */
  readonly isEditable: boolean
  /** When the scope itself set it; undefined when it did not. */
  readonly updatedAt: Date | undefined
}
export type SettingValues = Readonly<Record<SettingName, SettingValue>>

interface Row {
  readonly identifier: string
  readonly organization_id: string | null
  readonly project_id: string | null
  readonly value: string
  readonly allow_overrides: boolean
  readonly updated_at: Date
}
const columns = ['identifier', 'organization_id', 'project_id', 'value', 'allow_overrides', 'updated_at'] as const

/** Of the account, an organization or a project. */
export async function readSettings(db: Executor, scope: SettingScope): Promise<SettingValues> {
  const { organizationId, projectId } = scope
  const rows = await db
    .selectFrom('setting')
    .where(
      sql<boolean>`(organization_id is null or organization_id = ${organizationId}::bigint)
        and (project_id is null or project_id = ${projectId}::bigint)`,
    )
    .select(columns)
    .execute()
  return valuesIn(rows, scope)
}

/** Projects that have values of their own or of their organization, beside what counts everywhere else. */
export async function readProjectSettings(
  db: Executor,
): Promise<{ readonly account: SettingValues; readonly projects: ReadonlyMap<string, SettingValues> }> {
  const rows: Row[] = await db.selectFrom('setting').select(columns).execute()
  const places = await db
    .selectFrom('project')
    .where(sql<boolean>`organization_id in (select organization_id from setting where organization_id is not null)`)
    .select(['id', 'organization_id'])
    .execute()
  const account = valuesIn(rows, { organizationId: null, projectId: null })
  const of = (id: string, organization: string) => valuesIn(rows, { organizationId: organization, projectId: id })
  return { account, projects: new Map(places.map((row) => [row.id, of(row.id, row.organization_id)])) }
}

function valuesIn(rows: readonly Row[], { organizationId, projectId }: SettingScope): SettingValues {
  /** From the account down to the scope itself. */
  const levels: readonly (readonly [SettingSource, string | null, string | null])[] = [
    ['ACCOUNT', null, null],
    ...(organizationId === null ? [] : [['ORG', organizationId, null] as const]),
    ...(projectId === null ? [] : [['PROJECT', organizationId, projectId] as const]),
  ]
  const valueOf = (name: SettingName): SettingValue => {
    let found: SettingValue = {
      value: settings[name].defaultValue,
      source: 'DEFAULT',
      allowOverrides: true,
      isEditable: true,
      updatedAt: undefined,
    }
    for (const [index, [source, organization, project]] of levels.entries()) {
      const isEditable = found.isEditable && found.allowOverrides
      const row = rows.find(
        (one) => one.identifier === name && one.organization_id === organization && one.project_id === project,
      )
      const isHere = index === levels.length - 1
      found =
        row && isEditable
          ? {
              value: row.value,
              source,
              allowOverrides: row.allow_overrides,
              isEditable,
              updatedAt: isHere ? row.updated_at : undefined,
            }
          : { ...found, isEditable, updatedAt: undefined }
    }
    return found
  }
  return Object.fromEntries(settingNameSchema.options.map((name) => [name, valueOf(name)])) as Record<
    SettingName,
    SettingValue
  >
}
