// `jdbc:sqlserver://host[\instance][:port][;name=value]…`, as the JDBC driver of Microsoft reads it.
import { Fault } from '#contract/fault'

export interface SqlServerUrl {
  readonly kind: 'mssql'
  readonly host: string
  /** Undefined with an instance name: then the browser service of the server tells the port. */
  readonly port: number | undefined
  readonly instanceName: string | undefined
  /** Empty: the default database of the user. */
  readonly database: string
  readonly username: string | undefined
  readonly password: string | undefined
  /** Names in lower case, without user and password. */
  readonly parameters: ReadonlyMap<string, string>
  readonly shown: string
}

const example = 'jdbc:sqlserver://host:1433;databaseName=name'
const bad = (what: string, hint = `Use a URL such as ${example}.`): Fault =>
  new Fault('database-url-invalid', `the database URL ${what}`, { hint })

/** `rest` is what follows `sqlserver:`. Fault `database-url-invalid`. */
export function parseSqlServerUrl(rest: string): SqlServerUrl {
  if (!rest.startsWith('//')) throw bad('lacks the two slashes before the host')
  const [address = '', ...properties] = splitProperties(rest.slice(2).replace(/^;/, ' ;'))
  const parameters = readProperties(properties)
  const match = /^(?:\[([\da-f:.]+)\]|([^\\:[\]/]*))(?:\\([^:]*))?(?::(.*))?$/i.exec(address.trim())
  if (!match) {
    throw bad(
      address.includes('/')
        ? 'has a slash after the host; the database is ;databaseName=…'
        : 'has a host that cannot be read',
    )
  }
  const [, ipv6, name = '', instance, writtenPort] = match
  const host = ipv6 ?? (name || first(parameters, ['servername', 'server']) || 'localhost')
  if (!/^[\w.:-]+$/.test(host)) throw bad('has a host with a character that no host name has')
  const instanceName = instance ?? parameters.get('instancename')
  const port = portOf(writtenPort ?? first(parameters, ['portnumber', 'port']))
  refuseSignIn(parameters)
  const database = first(parameters, ['databasename', 'database']) ?? ''
  const username = first(parameters, ['user', 'username'])
  const password = first(parameters, ['password'])
  for (const secret of ['user', 'username', 'password']) parameters.delete(secret)
  return {
    kind: 'mssql',
    host,
    port: port ?? (instanceName === undefined ? 1433 : undefined),
    instanceName,
    database,
    username,
    password,
    parameters,
    shown: shownAs(host, instanceName, port, database),
  }
}

function shownAs(host: string, instance: string | undefined, port: number | undefined, database: string): string {
  const name = host.includes(':') ? `[${host}]` : host
  const where = `${name}${instance === undefined ? '' : `\\${instance}`}${port === undefined && instance !== undefined ? '' : `:${port ?? 1433}`}`
  return `jdbc:sqlserver://${where}${database === '' ? '' : `;databaseName=${database}`}`
}

/** Semicolons inside braces belong to the value. */
const splitProperties = (text: string): readonly string[] => text.match(/(?:\{[^}]*\}|[^;])+/g) ?? []

function readProperties(properties: readonly string[]): Map<string, string> {
  const parameters = new Map<string, string>()
  for (const property of properties) {
    const at = property.indexOf('=')
    if (at <= 0) throw bad(`has "${property.trim()}" where name=value belongs`)
    const value = property.slice(at + 1).trim()
    parameters.set(property.slice(0, at).trim().toLowerCase(), value.replace(/^\{(.*)\}$/s, '$1'))
  }
  return parameters
}

const first = (parameters: ReadonlyMap<string, string>, names: readonly string[]): string | undefined =>
  names.map((name) => parameters.get(name)).find((value) => value !== undefined && value !== '')

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) throw bad('has a port that is not a number from 1 to 65535')
  return port
}

/** Only a user and a password can be used: what the others need lives in Windows, in a Kerberos set-up, or in a cloud. */
function refuseSignIn(parameters: ReadonlyMap<string, string>): void {
  const hint = 'Use a login of SQL Server with a password.'
  if (/^(?:true|yes|1)$/i.test(parameters.get('integratedsecurity') ?? '')) {
    throw bad(
      'asks for integratedSecurity, which needs the sign-in of Windows or Kerberos of the machine; that is not offered',
      hint,
    )
  }
  const way = parameters.get('authentication')
  if (way !== undefined && !/^(?:sqlpassword|notspecified)$/i.test(way)) {
    throw bad(`asks for authentication=${way}, which is not offered`, hint)
  }
}
