// What a conformance check is: one comparison of our result with a recorded one, and how it ended.

export const databaseNames = ['postgresql', 'sqlite', 'mysql', 'mariadb', 'mssql', 'oracle'] as const
export type DatabaseName = (typeof databaseNames)[number]

/** Column of the table for checks that belong to no database. */
export type Column = DatabaseName | 'any'

export interface Check {
  /** A row of the table, for example `vectors sql` or `change`. */
  readonly suite: string
  readonly column: Column
  /** The rest of the identity: unique in its suite and column. */
  readonly name: string
  /** What differs, as text for a person; undefined when all is equal. A rejected promise is a difference too. */
  run(): Promise<string | undefined>
}

export type Outcome =
  | { readonly status: 'passed' }
  | { readonly status: 'failed'; readonly difference: string }
  /** Sluice does not know the database, the change or the command yet: a failure that says so. */
  | { readonly status: 'not-yet'; readonly difference: string }

export interface Result {
  readonly check: Check
  readonly outcome: Outcome
  /** Why this check is expected to differ, when the list of exceptions names it. */
  readonly exception: string | undefined
}

/** `suite/column/name`, as the list of exceptions and --filter know it. */
export function idOf(check: Pick<Check, 'suite' | 'column' | 'name'>): string {
  return `${check.suite}/${check.column}/${check.name}`
}

/** A check that cannot be tried: what would be needed. Counts as not run, never as passed. */
export interface NotRun {
  readonly suite: string
  readonly column: Column
  readonly count: number
  readonly reason: string
}

/** Raised by a check that does not hold for the version of the database at hand: it is left out of all counts. */
export class NotApplicable extends Error {}
