// `jdbc:oracle:thin:[user/password]@…`: host, port and service or SID, or a whole connect descriptor, as the thin JDBC driver takes them.
import { Fault } from '#contract/fault'

export interface OracleUrl {
  readonly kind: 'oracle'
  /** As the driver wants it: `host:port/service` or a descriptor `(DESCRIPTION=…)`. */
  readonly connectString: string
  /** For messages; empty when a descriptor names several or none. */
  readonly host: string
  readonly port: number | undefined
  /** Name of the service or SID. */
  readonly database: string
  readonly username: string | undefined
  readonly password: string | undefined
  readonly parameters: ReadonlyMap<string, string>
  readonly shown: string
}

const example = 'jdbc:oracle:thin:@//host:1521/service'
const bad = (what: string, hint = `Use a URL such as ${example}.`): Fault =>
  new Fault('database-url-invalid', `the database URL ${what}`, { hint })

/** `rest` is what follows `oracle:`. Fault `database-url-invalid`. */
export function parseOracleUrl(rest: string): OracleUrl {
  const match = /^(\w+):(.*)$/s.exec(rest)
  if (!match) throw bad('does not name the driver thin after oracle:')
  const [, driver = '', address = ''] = match
  if (driver.toLowerCase() !== 'thin') {
    throw bad(`asks for the driver "${driver}", which needs Oracle's client; only thin is offered`)
  }
  const at = address.indexOf('@')
  if (at < 0) throw bad('lacks the @ before the host')
  const [username, password] = credentialsOf(address.slice(0, at))
  const target = address.slice(at + 1)
  const common = { kind: 'oracle', username, password } as const
  if (target.startsWith('(')) return { ...common, ...descriptor(target) }
  return { ...common, ...simple(target) }
}

function credentialsOf(text: string): readonly (string | undefined)[] {
  if (text === '' || text === '/') return []
  const slash = text.indexOf('/')
  return slash < 0 ? [text] : [text.slice(0, slash), text.slice(slash + 1)]
}

type Target = Pick<OracleUrl, 'connectString' | 'host' | 'port' | 'database' | 'parameters' | 'shown'>

/** `(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=…)(PORT=…))(CONNECT_DATA=(SERVICE_NAME=…)))` */
function descriptor(text: string): Target {
  if (text.split('(').length !== text.split(')').length) throw bad('has a descriptor with a missing parenthesis')
  const value = (name: string): string | undefined =>
    new RegExp(`\\(\\s*${name}\\s*=\\s*([^()]*?)\\s*\\)`, 'i').exec(text)?.[1]
  const host = value('HOST')
  if (host === undefined) throw bad('has a descriptor without HOST')
  const database = value('SERVICE_NAME') ?? value('SID')
  if (database === undefined) throw bad('has a descriptor without SERVICE_NAME or SID')
  const port = portOf(value('PORT') ?? '1521')
  return {
    connectString: text,
    host,
    port,
    database,
    parameters: new Map(),
    shown: `jdbc:oracle:thin:@//${host}:${port}/${database}`,
  }
}

/** `//host:port/service`, the same without slashes, and `host:port:sid`. */
function simple(text: string): Target {
  const secure = /^tcps:/i.test(text)
  const [address = '', query = ''] = text.replace(/^(?:tcps?:)?\/\//i, '').split(/\?(.*)/s)
  const match = /^(?:\[([\da-f:.]+)\]|([^:/[\]]+))(?::(\d*))?(?:([:/])(.+))?$/i.exec(address)
  if (!match) throw bad('has an address that cannot be read')
  const [, ipv6, name = '', writtenPort, separator, database] = match
  const host = ipv6 ?? name
  if (!/^[\w.:-]+$/.test(host)) throw bad('has a host with a character that no host name has')
  if (database !== undefined && !/^[\w.$#-]+$/.test(database)) throw bad('has a service with a character that none has')
  if (database === undefined) {
    if (writtenPort === undefined)
      throw bad(`names "${host}" of a tnsnames.ora, which is not read; write host, port and service`)
    throw bad('does not name a service')
  }
  const port = portOf(writtenPort || (secure ? '2484' : '1521'))
  const shownHost = host.includes(':') ? `[${host}]` : host
  return {
    // The driver's short form is particular about names; a descriptor takes all of them. Only parameters need the short form.
    connectString:
      query === ''
        ? descriptorFor(secure, host, port, separator === ':' ? `SID=${database}` : `SERVICE_NAME=${database}`)
        : `${secure ? 'tcps://' : ''}${shownHost}:${port}/${database}?${query}`,
    host,
    port,
    database,
    parameters: parametersOf(query),
    shown: `jdbc:oracle:thin:@${secure ? 'tcps:' : ''}//${shownHost}:${port}/${database}`,
  }
}

const descriptorFor = (secure: boolean, host: string, port: number, target: string): string =>
  `(DESCRIPTION=(ADDRESS=(PROTOCOL=${secure ? 'tcps' : 'tcp'})(HOST=${host})(PORT=${port}))(CONNECT_DATA=(${target})))`

function parametersOf(query: string): ReadonlyMap<string, string> {
  const parts = query.split('&').filter((one) => one !== '')
  return new Map(
    parts.map((part) => {
      const at = part.indexOf('=')
      return [part.slice(0, at < 0 ? undefined : at).toLowerCase(), at < 0 ? '' : part.slice(at + 1)]
    }),
  )
}

function portOf(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) throw bad('has a port that is not a number from 1 to 65535')
  return port
}
