// Settings over the API: they belong to the account, whoever may see them.
import { sql } from 'kysely'
import type { Setting, SettingChange } from '#contract/api/setting'
import { type SettingName, settingNameSchema, settingProblem, settings } from '#contract/setting'
import { invalidField, recordEntity } from '../entity/change.ts'
import { missing } from '../entity/scope.ts'
import type { ApiHandlers, Caller } from '../http/handler.ts'
import type { Store, StoreTransaction } from '../store/port.ts'
import { readSettings, type SettingValue } from './setting.ts'

function show(name: SettingName, { value, updatedAt }: SettingValue) {
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
    allowOverrides: false,
    allowedScopes: ['account'],
    settingSource: updatedAt === undefined ? 'DEFAULT' : 'ACCOUNT',
    isSettingEditable: true,
  }
  return { setting, lastModifiedAt: updatedAt?.getTime() ?? null }
}

const names = settingNameSchema.options

export function settingHandlers(store: Store): ApiHandlers<'listSettings' | 'updateSettings' | 'getSetting'> {
  return {
    listSettings: async ({ query }) => {
      const { category, groupIdentifier: group } = query
      const values = await readSettings(store.db)
      return names
        .map((name) => show(name, values[name]))
        .filter(({ setting }) => category === undefined || category === '' || setting.category === category)
        .filter(({ setting }) => group === undefined || group === '' || setting.groupIdentifier === group)
    },
    updateSettings: ({ body, query, caller }) => {
      if (query.orgIdentifier || query.projectIdentifier)
        throw invalidField('orgIdentifier', 'These settings belong to the account: leave the scope out.')
      return store.transaction(async (tx) => {
        for (const change of body) await put(tx, change, caller)
        const values = await readSettings(tx)
        return body.map(({ identifier }) => ({
          identifier,
          ...show(identifier, values[identifier]),
          updateStatus: true as const,
          errorMessage: null,
        }))
      })
    },
    getSetting: async ({ params }) => {
      const name = names.find((one) => one === params.identifier)
      if (name === undefined) throw missing('Setting', params.identifier)
      const values = await readSettings(store.db)
      return { valueType: settings[name].valueType, value: values[name].value }
    },
  }
}

async function put(tx: StoreTransaction, change: SettingChange, caller: Caller): Promise<void> {
  const { identifier, updateType } = change
  const before = (await readSettings(tx))[identifier]
  if (updateType === 'RESTORE') {
    await tx.deleteFrom('setting').where('organization_id', 'is', null).where('identifier', '=', identifier).execute()
  } else {
    const value = change.value ?? ''
    const problem = settingProblem(identifier, value)
    if (problem !== undefined) throw invalidField(identifier, problem)
    await tx
      .insertInto('setting')
      .values({ identifier, value, allow_overrides: false })
      .onConflict((conflict) =>
        conflict
          .columns(['organization_id', 'project_id', 'identifier'])
          .doUpdateSet({ value, updated_at: sql`now()` }),
      )
      .execute()
  }
  const after = (await readSettings(tx))[identifier]
  if (before.value === after.value) return
  await recordEntity(tx, caller, {
    kind: 'setting',
    identifier,
    before: { value: before.value },
    after: { value: after.value },
  })
}
