// A freeze after validation: what it holds, and when.
import type { LocalTime } from './zone.ts'

/** What a rule can be about. Stages here have neither services nor environments: those are taken only with `All`. */
export const entityTypes = [
  'Org',
  'Project',
  'Pipeline',
  'StageType',
  'DBSchema',
  'DBInstance',
  'Service',
  'Environment',
  'EnvType',
] as const
export type EntityType = (typeof entityTypes)[number]
export const filterTypes = ['All', 'Equals', 'NotEquals'] as const

export interface EntityFilter {
  readonly type: EntityType
  readonly filter: (typeof filterTypes)[number]
  /** Identifiers; an instance also as `schema/instance`. Empty with `All`. */
  readonly refs: readonly string[]
}
/** All filters of a rule must be met; one rule of a freeze is enough. */
export interface FreezeRule {
  readonly name: string
  readonly entities: readonly EntityFilter[]
}

export const recurrenceTypes = ['Daily', 'Weekly', 'Monthly', 'Yearly'] as const
export type RecurrenceType = (typeof recurrenceTypes)[number]
export interface Recurrence {
  readonly type: RecurrenceType
  /** Every so many days, weeks, months or years. */
  readonly every: number
  /** No occurrence begins later; local time of the window. */
  readonly until?: LocalTime
}
/** Exactly one of `end` and `durationSeconds`. */
export interface FreezeWindow {
  readonly timeZone: string
  readonly start: LocalTime
  readonly end?: LocalTime
  readonly durationSeconds?: number
  readonly recurrence?: Recurrence
}

export interface FreezeDocument {
  readonly identifier: string
  readonly name: string
  readonly description: string
  readonly tags: Readonly<Record<string, string>>
  readonly orgIdentifier?: string
  readonly projectIdentifier?: string
  readonly enabled: boolean
  readonly rules: readonly FreezeRule[]
  readonly windows: readonly FreezeWindow[]
}
