// Faults: an operation that cannot go on. One class, one registry that fixes HTTP status, exit code and retry.
import type { Diagnostic } from './diagnostic.ts'

export type Retry = 'no' | 'later' | 'after-human'

interface FaultKind {
  /** HTTP status of an API answer that carries this fault. Clients retry 5xx, so what the caller caused is 4xx. */
  readonly http: 400 | 401 | 403 | 404 | 405 | 409 | 410 | 413 | 416 | 422 | 429 | 500 | 501 | 503
  /** Exit code of the command line. 1 = the operation failed, 2 = usage or input, 3 = cannot connect, 4 = locked, 5 = state differs. */
  readonly exit: number
  readonly retry: Retry
  /** The next thing to do, unless the place that raised the fault knows better. */
  readonly hint: string
}

const kind = (http: FaultKind['http'], exit: number, retry: Retry, hint: string): FaultKind => ({
  http,
  exit,
  retry,
  hint,
})

export const faultKinds = {
  // what the caller sent
  'invalid-input': kind(400, 2, 'no', 'Correct the fields that the diagnostics name and send it again.'),
  usage: kind(400, 2, 'no', 'See --help.'),
  'already-exists': kind(400, 2, 'no', 'Choose another identifier, or update the existing one.'),
  'not-found': kind(404, 2, 'no', 'Check the identifier and the organization and project it is looked up in.'),
  'method-not-allowed': kind(405, 2, 'no', 'Use one of the methods that the Allow header names.'),
  'not-offered': kind(501, 2, 'no', 'This version of Sluice does not offer it.'),
  conflict: kind(409, 1, 'later', 'Read the present state and try again.'),
  'too-large': kind(413, 2, 'no', 'Send less at once.'),
  'too-many-requests': kind(429, 1, 'later', 'Wait for the time that Retry-After names.'),
  // who the caller is
  unauthenticated: kind(401, 2, 'no', 'Sign in, or send a valid API key in the x-api-key header.'),
  forbidden: kind(403, 2, 'no', 'Ask an administrator for the permission that the message names.'),
  // what a client meets on the way to the manager
  'manager-unreachable': kind(
    503,
    3,
    'later',
    'Check the address of the manager, the network, and that it is running.',
  ),
  'reply-invalid': kind(
    500,
    3,
    'no',
    'Use the same version on both sides; check that the address is that of the manager.',
  ),
  // delegate protocol
  'stale-fence': kind(409, 1, 'no', 'Another attempt has taken over. Stop, and start nothing more.'),
  'delegate-duplicate': kind(
    409,
    1,
    'later',
    'Stop one of the two, or give it a directory of its own: replicas of a delegate share a name, never keys.',
  ),
  'attempt-gone': kind(410, 1, 'no', 'The attempt is finished or cancelled. Stop.'),
  'log-offset': kind(416, 1, 'later', 'Continue from the committed offset.'),
  // changelogs and their sources
  'changelog-invalid': kind(422, 2, 'no', 'Correct the changelog at the places that the diagnostics name.'),
  'changelog-not-found': kind(422, 2, 'no', 'Check the path of the changelog file and the search path.'),
  'source-unreachable': kind(422, 3, 'later', 'Check the repository address, the network and the credentials.'),
  'source-authentication': kind(422, 3, 'no', 'Check user name and token of the connector, and that they may read it.'),
  'git-missing': kind(422, 3, 'no', 'Install git where the delegate runs its steps.'),
  'source-reference-not-found': kind(422, 2, 'no', 'Check that the branch, tag or commit exists in the repository.'),
  // target databases
  'database-url-invalid': kind(422, 2, 'no', 'Use a JDBC-style URL such as jdbc:postgresql://host:5432/name.'),
  'database-unreachable': kind(422, 3, 'later', 'Check host, port, network and that the server is running.'),
  'database-authentication': kind(422, 3, 'no', 'Check user name and password.'),
  'database-not-found': kind(422, 3, 'no', 'Create the database, or correct its name in the URL.'),
  'database-permission': kind(422, 1, 'no', 'Grant the database user the right that the message names.'),
  'database-driver-missing': kind(422, 3, 'no', 'Install the driver package that the message names.'),
  'database-pooled': kind(
    422,
    3,
    'no',
    'Connect to the database itself, or to a port of the pooler that gives each client a session of its own.',
  ),
  'database-in-use': kind(422, 4, 'later', 'Another process has this embedded database open; wait until it ends.'),
  'database-lost': kind(
    422,
    3,
    'after-human',
    'The connection broke while work was under way. Read the history before repeating anything.',
  ),
  'statement-failed': kind(422, 1, 'no', 'Correct the statement; the message is the one of the database.'),
  'changelog-locked': kind(
    422,
    4,
    'later',
    'Wait for the holder to finish; release the lock only when you know that it is dead.',
  ),
  'checksum-changed': kind(422, 5, 'no', 'Undo the edit and add a new change set, or add validCheckSum.'),
  'precondition-failed': kind(422, 5, 'no', 'See the precondition at the place that the diagnostic names.'),
  'change-set-failed': kind(
    422,
    1,
    'no',
    'Correct the change set; everything before it stays applied, it was rolled back if the database can.',
  ),
  'rollback-impossible': kind(422, 5, 'no', 'Add a rollback block to the change set that the message names.'),
  'tag-not-found': kind(422, 5, 'no', 'Check the tag with `sluice history`.'),
  'plan-changed': kind(422, 5, 'after-human', 'The SQL differs from what was approved. Preview and approve again.'),
  // running things
  'outcome-unknown': kind(422, 1, 'after-human', 'Read history and journal of the target; do not simply repeat.'),
  cancelled: kind(409, 1, 'no', 'It was cancelled on request.'),
  frozen: kind(
    409,
    1,
    'later',
    'Wait until the freeze ends; whoever has freeze.override for it can pass over it with a reason.',
  ),
  'timed-out': kind(422, 1, 'after-human', 'Raise the time-out, or find out what the statement waits for.'),
  'step-died': kind(
    422,
    1,
    'later',
    'Nothing was changed in the target. Look at the log of the delegate, then run it again.',
  ),
  // steps that are no database work
  'script-failed': kind(422, 1, 'after-human', 'Read the log of the step: it ends with what the script said last.'),
  'request-failed': kind(
    422,
    3,
    'later',
    'Check the address, the network of the delegate and what the server answered.',
  ),
  'secret-unresolved': kind(422, 2, 'no', 'Create the secret, or correct the reference.'),
  'cluster-refused': kind(422, 3, 'no', 'Check the credentials of the connector, and that they have not ended.'),
  'cluster-unreachable': kind(
    422,
    3,
    'later',
    'Check masterUrl and caCertRef of the connector, and the network of the delegate.',
  ),
  'secret-manager-refused': kind(
    422,
    2,
    'no',
    'Check how the delegate signs in to the secret manager, and what it may read.',
  ),
  'secret-manager-unreachable': kind(
    422,
    3,
    'later',
    'Check the address of the secret manager and the network of the delegate, and that the manager runs and is unsealed.',
  ),
  'no-delegate': kind(422, 1, 'later', 'Install or start a delegate that matches scope and selectors.'),
  'sign-in-provider': kind(503, 3, 'later', 'Check the address of the sign-in provider, the network, and its log.'),
  'audit-broken': kind(422, 5, 'after-human', 'Find out who could write to the file or the store.'),
  // the store and the process itself
  'store-in-use': kind(
    503,
    4,
    'later',
    'Another Sluice process has this data directory open. Stop it, or use PostgreSQL for several.',
  ),
  'store-newer': kind(
    503,
    5,
    'no',
    'Start the version of Sluice that the message names or a newer one, or restore the backup from before the upgrade.',
  ),
  'store-unavailable': kind(503, 3, 'later', 'Check the metadata store.'),
  bug: kind(500, 70, 'no', 'This is a defect in Sluice. Report it with the id.'),
} as const satisfies Record<string, FaultKind>

export type FaultCode = keyof typeof faultKinds

export interface FaultDetail {
  readonly hint?: string | undefined
  readonly diagnostics?: readonly Diagnostic[]
  /** SQLSTATE or vendor code of a database. */
  readonly databaseCode?: string | undefined
  /** Where in the SQL text the database found the error: offset from 0, in UTF-16 code units. Not sent anywhere. */
  readonly position?: number | undefined
  /** For `too-many-requests`: becomes the header Retry-After. */
  readonly retryAfterSeconds?: number
  readonly cause?: unknown
}

/** An operation that cannot go on. Carries no secret: messages are shown to people and written to logs. */
export class Fault extends Error {
  readonly code: FaultCode
  readonly hint: string
  readonly diagnostics: readonly Diagnostic[]
  readonly databaseCode: string | undefined
  readonly position: number | undefined
  readonly retryAfterSeconds: number | undefined

  constructor(code: FaultCode, message: string, detail: FaultDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.name = 'Fault'
    this.code = code
    this.hint = detail.hint ?? faultKinds[code].hint
    this.diagnostics = detail.diagnostics ?? []
    this.databaseCode = detail.databaseCode
    this.position = detail.position
    this.retryAfterSeconds = detail.retryAfterSeconds
  }

  get retry(): Retry {
    return faultKinds[this.code].retry
  }
}

/** A fault as it travels in events, results and the store; `faultRecordSchema` checks it. */
export interface FaultRecord {
  code: FaultCode
  message: string
  hint?: string | undefined
  databaseCode?: string | undefined
  diagnostics?: Diagnostic[] | undefined
}

/** The body of an answer that is an error; `errorBodySchema` checks it. */
export interface ErrorBody {
  status: 'ERROR'
  code: string
  message: string
  hint?: string | undefined
  correlationId: string
  diagnostics?: Diagnostic[] | undefined
  responseMessages: { code: string; level: 'ERROR'; message: string }[]
}

export function toFaultRecord(fault: Fault): FaultRecord {
  return {
    code: fault.code,
    message: fault.message.slice(0, 16_384),
    hint: fault.hint,
    ...(fault.databaseCode ? { databaseCode: fault.databaseCode } : {}),
    ...(fault.diagnostics.length > 0 ? { diagnostics: fault.diagnostics.slice(0, 1000) } : {}),
  }
}
