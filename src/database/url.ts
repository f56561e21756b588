// Reads JDBC-style database URLs, and says precisely what is wrong with one.
import { nearest } from '#contract/spelling'
import { Fault } from '#contract/fault'
import { type OfflineUrl, parseOfflineUrl } from './offline/url.ts'
import { type OracleUrl, parseOracleUrl } from './oracle/url.ts'
import { type SqlServerUrl, parseSqlServerUrl } from './sqlserver/url.ts'

export type ServerKind = 'postgresql' | 'mysql' | 'mariadb'

export interface ServerUrl<Kind extends ServerKind = ServerKind> {
  readonly kind: Kind
  readonly host: string
  readonly port: number
  /** Empty only where one server holds several databases side by side (MySQL, MariaDB) and none was named. */
  readonly database: string
  /** From the URL itself; what is given separately wins. */
  readonly username: string | undefined
  readonly password: string | undefined
  /** Names in lower case. User and password are not among them. */
  readonly parameters: ReadonlyMap<string, string>
  /** The URL without user, password and parameters, fit for people and logs. */
  readonly shown: string
}

/** `Kind` tells which of the databases that live in files. */
export interface FileUrl<Kind extends 'pglite' | 'sqlite' = 'pglite' | 'sqlite'> {
  readonly kind: Kind
  /** A path, or `:memory:` for SQLite. */
  readonly path: string
  readonly parameters: ReadonlyMap<string, string>
  readonly shown: string
}

export type DatabaseUrl =
  | ServerUrl<'postgresql'>
  | ServerUrl<'mysql'>
  | ServerUrl<'mariadb'>
  | FileUrl<'pglite'>
  | FileUrl<'sqlite'>
  | SqlServerUrl
  | OracleUrl
  | OfflineUrl

const examples: Readonly<Record<DatabaseUrl['kind'], string>> = {
  postgresql: 'jdbc:postgresql://host:5432/name',
  mysql: 'jdbc:mysql://host:3306/name',
  mariadb: 'jdbc:mariadb://host:3306/name',
  pglite: 'jdbc:pglite:folder',
  sqlite: 'jdbc:sqlite:file.db',
  mssql: 'jdbc:sqlserver://host:1433;databaseName=name',
  oracle: 'jdbc:oracle:thin:@//host:1521/service',
  offline: 'offline:postgresql?changeLogFile=history.csv',
}

interface ServerRules {
  readonly port: number
  /** A URL without the name of a database means that of the user, as with every client of that server, or none. */
  readonly withoutName: 'the user' | 'none'
}

const servers: Readonly<Record<ServerKind, ServerRules>> = {
  postgresql: { port: 5432, withoutName: 'the user' },
  mysql: { port: 3306, withoutName: 'none' },
  mariadb: { port: 3306, withoutName: 'none' },
}

/** Fault `database-url-invalid` with what is wrong. The message never repeats user, password or parameters. */
export function parseDatabaseUrl(url: string): DatabaseUrl {
  const trimmed = url.trim()
  if (trimmed === '') throw invalid('the database URL is empty')
  if (/\s/.test(trimmed)) throw invalid('the database URL contains a blank')
  const match = /^(?:jdbc:)?([a-z][a-z\d+.-]*):(.*)$/i.exec(trimmed)
  if (!match) throw invalid('the database URL has no scheme such as jdbc:postgresql:')
  const [, scheme = '', rest = ''] = match
  const kind = scheme.toLowerCase()
  if (kind === 'offline') return parseOfflineUrl(rest)
  if (kind === 'sqlserver') return parseSqlServerUrl(rest)
  if (kind === 'oracle') return parseOracleUrl(rest)
  if (kind === 'postgresql' || kind === 'postgres') return serverUrl('postgresql', rest)
  if (kind === 'mysql' || kind === 'mariadb') return serverUrl(kind, rest)
  if (kind === 'pglite' || kind === 'sqlite') return fileUrl(kind, rest)
  throw unknownScheme(kind)
}

const schemes = ['postgresql', 'mysql', 'mariadb', 'sqlserver', 'oracle', 'sqlite', 'pglite']

function unknownScheme(scheme: string): Fault {
  const near = nearest(scheme, schemes)
  const meant = near === undefined ? '' : `; did you mean jdbc:${near}:?`
  return invalid(`"jdbc:${scheme}:" is not a database that Sluice can open${meant}`)
}

const invalid = (message: string, kind?: DatabaseUrl['kind']): Fault =>
  new Fault('database-url-invalid', message, {
    hint: `Use a URL such as ${kind ? examples[kind] : Object.values(examples).join(', ')}.`,
  })

function serverUrl<Kind extends ServerKind>(kind: Kind, rest: string): ServerUrl<Kind> {
  const bad = (what: string): Fault => invalid(`the database URL ${what}`, kind)
  const [address = '', query = ''] = splitOnce(rest, '?')
  checkSlashes(address, bad)
  const [authority = '', path = ''] = address.startsWith('//') ? splitOnce(address.slice(2), '/') : ['', address]
  const at = authority.lastIndexOf('@')
  const [user, password] = at < 0 ? [] : splitOnce(authority.slice(0, at), ':')
  const parameters = readParameters(query, bad)
  const { host, port } = readHost(authority.slice(at + 1), servers[kind].port, bad)
  const name = decode(path, bad)
  if (name.includes('/')) throw bad('has a slash in the name of the database')
  const username = parameters.get('user') ?? (user === undefined ? undefined : decode(user, bad))
  const database = name === '' && servers[kind].withoutName === 'the user' ? (username ?? '') : name
  if (database === '' && servers[kind].withoutName === 'the user') throw bad('does not name a database')
  const given = parameters.get('password') ?? (password === undefined ? undefined : decode(password, bad))
  for (const secret of ['user', 'password']) parameters.delete(secret)
  const shown = `jdbc:${kind}://${host.includes(':') ? `[${host}]` : host}:${port}/${database}`
  return { kind, host, port, database, username, password: given, parameters, shown }
}

function checkSlashes(address: string, bad: (what: string) => Fault): void {
  if (address.startsWith('//')) return
  if (/^[a-z]+:\/\//i.test(address))
    throw bad('asks for a driver that chooses among servers; name the one that takes writes')
  if (address.startsWith('/')) throw bad('has one slash where two belong')
  if (address.includes('/') || address.includes(':')) throw bad('lacks the two slashes before the host')
}

interface HostAndPort {
  readonly host: string
  readonly port: number
}

function readHost(text: string, defaultPort: number, bad: (what: string) => Fault): HostAndPort {
  if (text.includes(',')) throw bad('names several hosts; name the one that takes writes')
  const match = /^(?:\[([\da-f:.]+)\]|([^:[\]]*))(?::(.*))?$/i.exec(text)
  if (!match || /^[^[]*:.*:/.test(text)) throw bad('has a host that cannot be read; an IPv6 address needs brackets')
  const [, address, name, port] = match
  const host = address ?? (name === '' ? 'localhost' : (name ?? 'localhost'))
  if (!/^[\w.:-]+$/u.test(host)) throw bad('has a host with a character that no host name has')
  if (port === undefined) return { host, port: defaultPort }
  const number = Number(port)
  if (!/^\d+$/.test(port) || number < 1 || number > 65_535) throw bad('has a port that is not a number from 1 to 65535')
  return { host, port: number }
}

function fileUrl(kind: FileUrl['kind'], rest: string): DatabaseUrl {
  const bad = (what: string): Fault => invalid(`the database URL ${what}`, kind)
  const [written = '', query = ''] = splitOnce(rest, '?')
  const path = written.startsWith('//') && kind === 'pglite' ? written.slice(2) : written
  if (path === '') throw bad(`does not name a ${kind === 'sqlite' ? 'file' : 'folder'}`)
  if (path.includes('\0')) throw bad('contains a character that no path has')
  const common = { path, parameters: readParameters(query, bad), shown: `jdbc:${kind}:${path}` }
  return kind === 'sqlite' ? { kind, ...common } : { kind, ...common }
}

function readParameters(query: string, bad: (what: string) => Fault): Map<string, string> {
  const parameters = new Map<string, string>()
  for (const part of query.split('&')) {
    if (part === '') continue
    const [name = '', value = ''] = splitOnce(part, '=')
    parameters.set(decode(name, bad).toLowerCase(), decode(value, bad))
  }
  return parameters
}

function decode(text: string, bad: (what: string) => Fault): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw bad('has a % that is not followed by two hexadecimal digits')
  }
}

function splitOnce(text: string, separator: string): readonly string[] {
  const index = text.indexOf(separator)
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + separator.length)]
}
