// Reads the settings of the account: what was set, and the default of everything else.
import { type SettingName, settings } from '#contract/setting'
import type { Executor } from '../store/port.ts'

export interface SettingValue {
  readonly value: string
  /** Undefined: it is the default. */
  readonly updatedAt: Date | undefined
}

export async function readSettings(db: Executor): Promise<Readonly<Record<SettingName, SettingValue>>> {
  const rows = await db
    .selectFrom('setting')
    .where('organization_id', 'is', null)
    .select(['identifier', 'value', 'updated_at'])
    .execute()
  const entries = Object.entries(settings).map(([name, { defaultValue }]) => {
    const row = rows.find(({ identifier }) => identifier === name)
    return [name, { value: row?.value ?? defaultValue, updatedAt: row?.updated_at }] as const
  })
  return Object.fromEntries(entries) as Record<SettingName, SettingValue>
}
