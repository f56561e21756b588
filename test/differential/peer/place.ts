// A database that both engines are sent to, and what is looked at afterwards. The queries belong to neither engine.

export interface Place {
  /** JDBC form, understood by both engines. */
  readonly url: string
  readonly username: string | undefined
  readonly password: string | undefined
  /** A class of test/differential/java instead of the driver that the original would take. */
  readonly driver?: string
  /** Changes of the schema commit: what a change set leaves that fails half-way is a matter of the engine. */
  readonly commitsChanges?: true
  /** The name that shows in texts and must not count as a difference. */
  readonly label: string
  /** Nothing of earlier changelogs is in sight. */
  empty(): Promise<void>
  look(): Promise<Sight>
  /** Writes checksums into rows of the history, as another version would have left them. */
  setChecksums(sums: readonly Recorded[]): Promise<void>
  close(): Promise<void>
}

/** What there is to see in a database. */
export interface Sight {
  /** Schema and content as sorted lines; the tables of the engines excluded. */
  readonly objects: readonly string[]
  /** The history, oldest first, without times, deployments and versions. */
  readonly history: readonly string[]
  /** Somebody holds the lock. Not where there is no lock table: Sluice leaves none where nothing ran. */
  readonly locked: boolean
}

/** A change set of the history and its checksum. */
export interface Recorded {
  readonly id: string
  readonly author: string
  readonly path: string
  readonly checksum: string
}

export interface Server {
  readonly name: DatabaseName
  /** `label` tells the two databases of a lane apart. */
  open(label: string): Promise<Place>
}

export type DatabaseName = 'postgresql' | 'mariadb' | 'sqlite'

/** Columns of the history that must agree, in the order of the report. */
export const historyColumns = [
  'ORDEREXECUTED',
  'FILENAME',
  'ID',
  'AUTHOR',
  'EXECTYPE',
  'MD5SUM',
  'DESCRIPTION',
  'COMMENTS',
  'TAG',
  'CONTEXTS',
  'LABELS',
] as const

export type Cells = Readonly<Record<string, unknown>>

export function historyLine(row: Cells): string {
  const byName = new Map(Object.entries(row).map(([name, value]) => [name.toUpperCase(), value]))
  return historyColumns.map((name) => `${name}=${show(byName.get(name))}`).join(' | ')
}

/** A value so that null, empty text and types can be told apart. Times of this very day are those of the run. */
export function show(value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  if (value instanceof Date) return show(value.toISOString())
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString('hex')}'`
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'string') return JSON.stringify(value)
  const today = new Date().toISOString().slice(0, 10)
  return JSON.stringify(value.startsWith(today) && value.length > 10 ? '<now>' : value)
}

export function line(kind: string, cells: Cells): string {
  return `${kind} ${Object.entries(cells)
    .map(([name, value]) => `${name}=${show(value)}`)
    .join(' ')}`
}

export function isEngineTable(name: string): boolean {
  return /^(?:databasechangelog|databasechangeloglock|sluice_.*)$/i.test(name)
}
