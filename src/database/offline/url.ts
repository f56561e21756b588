// `offline:<database>?version=…&changeLogFile=…&outputLiquibaseSql=…&catalog=…&snapshot=…`: a database that is not there.
import { nearest } from '#contract/spelling'
import { Fault } from '#contract/fault'
import { dialectNames } from '../dialect-name.ts'

export interface OfflineUrl {
  readonly kind: 'offline'
  readonly shortName: string
  readonly productVersion: string | undefined
  readonly historyFile: string
  /** File with what is in the database, as `snapshot` writes it. */
  readonly snapshotFile: string | undefined
  /** Which statements for the history go into scripts. */
  readonly output: 'none' | 'data_only' | 'all'
  readonly catalogName: string | undefined
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>
  /** As written: there is no secret in it. */
  readonly shown: string
}

/** Long names that the original engine takes, too. */
const aliases: Readonly<Record<string, string>> = { sqlserver: 'mssql', postgres: 'postgresql' }

const known = ['version', 'productname', 'changelogfile', 'outputliquibasesql', 'catalog', 'casesensitive', 'snapshot']

/** `rest` is what follows `offline:`. Fault `database-url-invalid`. */
export function parseOfflineUrl(rest: string): OfflineUrl {
  const shown = `offline:${rest}`
  const [name = '', query = ''] = rest.split(/\?(.*)/s)
  const written = name.toLowerCase()
  const shortName = aliases[written] ?? written
  if (!dialectNames.some((known) => known === shortName)) throw unknownDatabase(name)
  const parameters = parametersOf(query)
  const output = (parameters.get('outputliquibasesql') ?? 'none').toLowerCase()
  return {
    kind: 'offline',
    shortName,
    productVersion: parameters.get('version'),
    historyFile: parameters.get('changelogfile') ?? 'databasechangelog.csv',
    snapshotFile: parameters.get('snapshot') || undefined,
    output: outputOf(output),
    catalogName: parameters.get('catalog'),
    parameters,
    shown,
  }
}

/** `true` and `false` are what older engines had. */
function outputOf(text: string): OfflineUrl['output'] {
  if (text === 'true' || text === 'all') return 'all'
  if (text === 'false' || text === 'none') return 'none'
  if (text === 'data_only') return text
  throw bad(`outputLiquibaseSql is "${text}"; it is none, data_only or all`)
}

function parametersOf(query: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>()
  for (const part of query.split('&').filter((one) => one !== '')) {
    const at = part.indexOf('=')
    const name = (at < 0 ? part : part.slice(0, at)).trim()
    if (!known.includes(name.toLowerCase())) {
      const near = nearest(name, [
        'version',
        'changeLogFile',
        'outputLiquibaseSql',
        'catalog',
        'caseSensitive',
        'snapshot',
      ])
      throw bad(`there is no "${name}"${near === undefined ? '' : `; did you mean ${near}?`}`)
    }
    parameters.set(name.toLowerCase(), decoded(at < 0 ? '' : part.slice(at + 1)))
  }
  return parameters
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw bad('has a % that is not followed by two hexadecimal digits')
  }
}

function unknownDatabase(name: string): Fault {
  const near = nearest(name.toLowerCase(), dialectNames)
  return bad(`"${name}" is not a database that Sluice writes for${near === undefined ? '' : `; did you mean ${near}?`}`)
}

const bad = (what: string): Fault =>
  new Fault('database-url-invalid', `the offline URL: ${what}`, {
    hint: `Write offline:DATABASE?changeLogFile=history.csv with one of ${dialectNames.join(', ')}.`,
  })
