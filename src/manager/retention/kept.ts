// How many days are kept where: projects with the same number together, so that each round asks once for each number.
import type { SettingName } from '#contract/setting'
import { readProjectSettings, type SettingValues } from '../setting/setting.ts'
import type { Executor } from '../store/port.ts'

export interface Kept {
  readonly days: number
  /** Row ids, sorted. */
  readonly projects: readonly string[]
  /** Those projects alone; otherwise all but those. */
  readonly only: boolean
}

/** Without what is kept for ever. */
export async function readKept(db: Executor): Promise<{
  readonly executions: readonly Kept[]
  readonly logs: readonly Kept[]
  readonly payloads: readonly Kept[]
}> {
  const { account, projects } = await readProjectSettings(db)
  const of = (name: SettingName): readonly Kept[] => keptBy(account, projects, name)
  return {
    executions: of('retention_executions_days'),
    logs: of('retention_logs_days'),
    payloads: of('retention_payloads_days'),
  }
}

function keptBy(
  account: SettingValues,
  projects: ReadonlyMap<string, SettingValues>,
  name: SettingName,
): readonly Kept[] {
  const elsewhere = Number(account[name].value)
  const own = [...projects]
    .map(([id, values]) => ({ id, days: Number(values[name].value) }))
    .filter(({ days }) => days !== elsewhere)
    .toSorted((one, other) => (one.id < other.id ? -1 : 1))
  const idsOf = (found: typeof own): readonly string[] => found.map(({ id }) => id)
  const each = [...new Set(own.map(({ days }) => days))].map(
    (days): Kept => ({ days, projects: idsOf(own.filter((one) => one.days === days)), only: true }),
  )
  return [{ days: elsewhere, projects: idsOf(own), only: false }, ...each].filter(({ days }) => days > 0)
}
