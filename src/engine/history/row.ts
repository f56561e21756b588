// A row of DATABASECHANGELOG as data.

export interface HistoryRow {
  readonly id: string
  readonly author: string
  /** FILENAME as stored; compare with `normalisePath`. */
  readonly fileName: string
  /** As the database prints it, in the zone of the session that wrote it. */
  readonly dateExecuted: string
  /** `dateExecuted` as epoch milliseconds, read as UTC. */
  readonly executedAt: number
  readonly orderExecuted: number
  /** EXECUTED, RERAN, MARK_RAN; other engines may write FAILED or SKIPPED. */
  readonly execType: string
  /** `9:…`, `8:…`; undefined after clear-checksums. */
  readonly checksum: string | undefined
  readonly description: string
  readonly comments: string
  readonly tag: string | undefined
  readonly engine: string
  readonly contexts: string | undefined
  readonly labels: string | undefined
  readonly deploymentId: string | undefined
}
