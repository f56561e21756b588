// What each database can do: documented booleans in one table, also read by the tests. No `if (kind === …)` elsewhere.

export interface Capability {
  /** DDL takes part in transactions: a failed change set leaves nothing, and its history row commits with it. */
  readonly transactionalDdl: boolean
  readonly schemas: boolean
  readonly sequences: boolean
  /** Locks bound to a session, dropped by the server when the session dies. */
  readonly sessionLock: boolean
  /** A running statement can be cancelled at the server. */
  readonly cancel: boolean
  /** Several statements may travel in one message. */
  readonly multiStatement: boolean
}

export const capabilities = {
  postgresql: {
    transactionalDdl: true,
    schemas: true,
    sequences: true,
    sessionLock: true,
    cancel: true,
    multiStatement: true,
  },
  /** Embedded PostgreSQL in the process: one session, the folder lock stands in for session locks, statements cannot be interrupted. */
  pglite: {
    transactionalDdl: true,
    schemas: true,
    sequences: true,
    sessionLock: true,
    cancel: false,
    multiStatement: true,
  },
  sqlite: {
    transactionalDdl: true,
    schemas: false,
    sequences: false,
    sessionLock: true,
    cancel: false,
    multiStatement: false,
  },
  /** Every DDL statement commits what came before it and itself. */
  mysql: {
    transactionalDdl: false,
    schemas: false,
    sequences: false,
    sessionLock: true,
    cancel: true,
    multiStatement: true,
  },
  mariadb: {
    transactionalDdl: false,
    schemas: false,
    sequences: true,
    sessionLock: true,
    cancel: true,
    multiStatement: true,
  },
  /** A batch may hold several statements, but many must be alone in theirs, so that each travels by itself. */
  mssql: {
    transactionalDdl: true,
    schemas: true,
    sequences: true,
    sessionLock: true,
    cancel: true,
    multiStatement: false,
  },
  /** Every DDL statement commits. A schema is a user, which changelogs call a catalog. */
  oracle: {
    transactionalDdl: false,
    schemas: false,
    sequences: true,
    sessionLock: true,
    cancel: true,
    multiStatement: false,
  },
} as const satisfies Record<string, Capability>
