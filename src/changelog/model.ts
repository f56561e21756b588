// The neutral model: what the changelog files of a user say, in the order in which it would run, each part with its place.
import type { Diagnostic, Span } from '#contract/diagnostic'
import type { ChangelogNode } from './node.ts'

export type ObjectQuotingStrategy = 'LEGACY' | 'QUOTE_ALL_OBJECTS' | 'QUOTE_ONLY_RESERVED_WORDS'
export type OnProblem = 'HALT' | 'CONTINUE' | 'MARK_RAN' | 'WARN'

export interface Changelog {
  /** Normalised path of the root file. */
  readonly file: string
  /** Flattened over all includes, runOrder applied. Those that `dbms` excludes at parse time are in `skipped`. */
  readonly changeSets: readonly ChangeSet[]
  readonly skipped: readonly ChangeSet[]
  /** Of the root file; those of included files are nested in it as `and` conditions that carry their own `onFail` and `onError`. */
  readonly preconditions: PreconditionContainer | undefined
  /** Every file that was read, normalised, in order. */
  readonly files: readonly string[]
}

export interface ChangeSet {
  readonly id: string
  readonly author: string
  /** What FILENAME in the history table holds. */
  readonly path: string
  /** The file it stands in, normalised. */
  readonly physicalPath: string
  readonly span: Span
  /** Own expression; empty when absent. */
  readonly contextFilter: string
  /** Expressions of changelogs and includes around it, nearest first; all must match too. */
  readonly inheritedContextFilters: readonly string[]
  /** Lower-case, in order. */
  readonly labels: readonly string[]
  /** Label sets of includes around it, nearest first; a label filter sees them together with its own. */
  readonly inheritedLabels: readonly (readonly string[])[]
  /** Lower-case entries as written (`!x` kept); empty = all. */
  readonly dbms: readonly string[]
  readonly runAlways: boolean
  readonly runOnChange: boolean
  readonly failOnError: boolean
  readonly onValidationFail: 'HALT' | 'MARK_RAN'
  readonly runInTransaction: boolean
  /** Where it was moved to in `Changelog.changeSets`; already applied. */
  readonly runOrder: 'first' | 'last' | undefined
  /** Its own, or that of an include around it. */
  readonly ignore: boolean
  readonly objectQuotingStrategy: ObjectQuotingStrategy
  readonly runWith: string | undefined
  readonly runWithSpoolFile: string | undefined
  readonly created: string | undefined
  /** Joined with `\n`, trimmed; empty when absent. */
  readonly comment: string
  readonly validCheckSums: readonly string[]
  readonly preconditions: PreconditionContainer | undefined
  /** Forward changes in document order, properties expanded. Formatted SQL yields one `sql` node. */
  readonly changes: readonly ChangelogNode[]
  readonly rollback: Rollback | undefined
  readonly sqlVisitors: readonly SqlVisitor[]
  readonly format: 'xml' | 'yaml' | 'json' | 'formatted-sql' | 'sql'
}

/** An explicit rollback; absent = automatic inverse. `changes` empty = nothing to do. */
export interface Rollback {
  readonly span: Span
  readonly changes: readonly ChangelogNode[]
  /** Forward changes of other change sets that are applied again instead, in order, before `changes`. */
  readonly references: readonly {
    readonly path: string
    readonly id: string
    readonly author: string
    readonly span: Span
  }[]
}

export interface SqlVisitor {
  readonly type: 'append' | 'appendSqlIfNotPresent' | 'prepend' | 'replace' | 'regExpReplace'
  readonly value: string
  readonly replace: string
  readonly with: string
  readonly dbms: readonly string[]
  readonly contextFilter: string
  readonly labels: readonly string[]
  readonly applyToRollback: boolean
  readonly span: Span
}

export interface PreconditionContainer {
  readonly span: Span
  readonly onFail: OnProblem
  readonly onError: OnProblem
  readonly onSqlOutput: 'IGNORE' | 'TEST' | 'FAIL'
  readonly onFailMessage: string | undefined
  readonly onErrorMessage: string | undefined
  /** All must hold. */
  readonly conditions: readonly Precondition[]
}
export type Precondition =
  | {
      readonly type: 'and' | 'or' | 'not'
      readonly conditions: readonly Precondition[]
      readonly span: Span
      /** Only on the group that an included changelog brought along. */
      readonly onFail?: OnProblem
      readonly onError?: OnProblem
    }
  /** `name` is the precondition type (tableExists, sqlCheck, …), attributes by their written name, element text as `sql`. */
  | {
      readonly type: 'check'
      readonly name: string
      readonly attributes: Readonly<Record<string, string>>
      readonly span: Span
    }

/** What a reader knows of the database when it expands properties and applies `dbms`; offline defaults are fine. */
export interface DatabaseFacts {
  /** `postgresql`, `sqlite`, `mysql`, `mariadb`, `mssql`, `oracle`. */
  readonly shortName: string
  /** Values of the `database.*` properties by their name without the prefix. */
  readonly properties: Readonly<Record<string, string>>
}

export interface ReadResult {
  /** Absent when the changelog cannot be used; then `diagnostics` has errors. */
  readonly changelog: Changelog | undefined
  readonly diagnostics: readonly Diagnostic[]
  /**
   * Expands `${…}` in text that is only read when the change set runs (sqlFile, path of createView …), with the properties in
   * force at that change set. Pass a change set of `changelog`, or a copy that shares its `span`.
   */
  readonly expanderFor: (changeSet: Pick<ChangeSet, 'span' | 'id' | 'author'>) => (text: string) => string
}
