// Settings over the API: of the account, an organization or a project.
import { sql } from 'kysely'
import type { Setting, SettingChange } from '#contract/api/setting'
import { type SettingName, settingNameSchema, settingProblem, settings } from '#contract/setting'
import { Fault } from '#contract/fault'
import { invalidField, recordEntity } from '../entity/change.ts'
import { missing } from '../entity/scope.ts'
import { findPlace, type ScopedPlace } from '../entity/scoped-place.ts'
import type { ApiHandlers, Caller } from '../http/handler.ts'
import type { Store, StoreTransaction } from '../store/port.ts'
import { readSettings, type SettingValue } from './setting.ts'

function show(name: SettingName, { value, source, allowOverrides, isEditable, updatedAt }: SettingValue) {
  const { group, defaultValue, valueType, name: title, description } = settings[name]
  const setting: Setting = {
    identifier: name,
    name: title,
    description,
    category: 'DBOPS',
    groupIdentifier: group,
    value,
    valueType,
    defaultValue,
    allowOverrides,
    allowedScopes: ['account', 'org', 'project'],
    settingSource: source,
    isSettingEditable: isEditable,
  }
  return { setting, lastModifiedAt: updatedAt?.getTime() ?? null }
}

const names = settingNameSchema.options

export function settingHandlers(store: Store): ApiHandlers<'listSettings' | 'updateSettings' | 'getSetting'> {
  return {
    listSettings: async ({ query }) => {
      const { category, groupIdentifier: group } = query
      const values = await readSettings(store.db, await findPlace(store.db, query))
      return names
        .map((name) => show(name, values[name]))
        .filter(({ setting }) => category === undefined || category === '' || setting.category === category)
        .filter(({ setting }) => group === undefined || group === '' || setting.groupIdentifier === group)
    },
    updateSettings: ({ body, query, caller }) =>
      store.transaction(async (tx) => {
        const place = await findPlace(tx, query)
        for (const change of body) await put(tx, place, change, caller)
        const values = await readSettings(tx, place)
        return body.map(({ identifier }) => ({
          identifier,
          ...show(identifier, values[identifier]),
          updateStatus: true as const,
          errorMessage: null,
        }))
      }),
    getSetting: async ({ params, query }) => {
      const name = names.find((one) => one === params.identifier)
      if (name === undefined) throw missing('Setting', params.identifier)
      const values = await readSettings(store.db, await findPlace(store.db, query))
      return { valueType: settings[name].valueType, value: values[name].value }
    },
  }
}

async function put(tx: StoreTransaction, place: ScopedPlace, change: SettingChange, caller: Caller): Promise<void> {
  const { identifier, updateType } = change
  const { organizationId, projectId } = place
  const before = (await readSettings(tx, place))[identifier]
  // Taking back what does not count changes nothing.
  if (!before.isEditable && updateType === 'UPDATE')
    throw new Fault('conflict', `${identifier} is held by a scope above: ${before.value} counts here.`, {
      hint: 'Whoever may change it there allows other values with allowOverrides.',
    })
  if (updateType === 'RESTORE') {
    await tx
      .deleteFrom('setting')
      .where(sql<boolean>`organization_id is not distinct from ${organizationId}::bigint
        and project_id is not distinct from ${projectId}::bigint`)
      .where('identifier', '=', identifier)
      .execute()
  } else {
    const value = change.value ?? ''
    const problem = settingProblem(identifier, value)
    if (problem !== undefined) throw invalidField(identifier, problem)
    const kept = before.updatedAt !== undefined && before.allowOverrides
    const allow_overrides = change.allowOverrides ?? kept
    await tx
      .insertInto('setting')
      .values({ organization_id: organizationId, project_id: projectId, identifier, value, allow_overrides })
      .onConflict((conflict) =>
        conflict
          .columns(['organization_id', 'project_id', 'identifier'])
          .doUpdateSet({ value, allow_overrides, updated_at: sql`now()` }),
      )
      .execute()
  }
  await record(tx, place, identifier, before, caller)
}

async function record(
  tx: StoreTransaction,
  place: ScopedPlace,
  identifier: SettingName,
  before: SettingValue,
  caller: Caller,
): Promise<void> {
  const after = (await readSettings(tx, place))[identifier]
  const isSame = before.value === after.value && before.source === after.source
  if (isSame && before.allowOverrides === after.allowOverrides) return
  const { org, project, projectId } = place
  const scope = { ...(org === undefined ? {} : { org }), ...(project === undefined ? {} : { project }) }
  const shown = ({ value, allowOverrides }: SettingValue) => ({ value, allowOverrides, ...scope })
  await recordEntity(tx, caller, {
    kind: 'setting',
    identifier,
    ...(projectId === null ? {} : { projectId }),
    before: shown(before),
    after: shown(after),
  })
}
