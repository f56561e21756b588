// The parameters of a JDBC URL for MySQL and MariaDB: what Sluice makes of them, and what it leaves aside.
import { Fault } from '#contract/fault'

/** How the connection is encrypted. `verify` is what of the server's certificate must be right. */
export type Encryption = 'off' | 'preferred' | 'required' | 'verify-authority' | 'verify-identity'

export interface ConnectionSettings {
  readonly encryption: Encryption
  /** Path of the file with the certificate authority. */
  readonly authorityFile: string | undefined
  /** Milliseconds; undefined when the URL does not say. */
  readonly connectTimeout: number | undefined
  readonly createDatabase: boolean
  /** `name = value, …` for SET SESSION. */
  readonly sessionVariables: string | undefined
  /** May statements of the user read files of this machine (`LOAD DATA LOCAL INFILE`)? */
  readonly localInfile: boolean
  /** Names as they are in the map that change something in the original driver and nothing here. */
  readonly ignored: readonly string[]
}

const modes: Readonly<Record<string, Encryption>> = {
  disabled: 'off',
  disable: 'off',
  preferred: 'preferred',
  required: 'required',
  trust: 'required',
  verify_ca: 'verify-authority',
  'verify-ca': 'verify-authority',
  verify_identity: 'verify-identity',
  'verify-full': 'verify-identity',
}

/** Read by this file. */
const used = new Set([
  'usessl',
  'sslmode',
  'requiressl',
  'verifyservercertificate',
  'trustservercertificate',
  'serversslcert',
  'connecttimeout',
  'createdatabaseifnotexist',
  'sessionvariables',
  'allowlocalinfile',
  'allowloadlocalinfile',
])

/**
 * About how a driver works inside, or what is always so here: texts in utf8mb4, several statements in one text, values as texts.
 * Leaving them aside changes nothing.
 */
const immaterial = new Set(
  `allowmultiqueries allowpublickeyretrieval usejdbccompliantimezoneshift uselegacydatetimecode useunicode characterencoding
connectioncollation cacheprepstmts prepstmtcachesize prepstmtcachesqllimit useserverprepstmts rewritebatchedstatements
usebulkstmts usecursorfetch defaultfetchsize tcpkeepalive tcpnodelay nullcatalogmeanscurrent nulldatabasemeanscurrent
useinformationschema tinyint1isbit transformedbitisboolean yearisdatetype zerodatetimebehavior useaffectedrows
noaccesstoprocedurebodies maintaintimestats elidesetautocommits uselocalsessionstate uselocaltransactionstate
cacheresultsetmetadata cacheserverconfiguration cachecallablestmts generatesimpleparametermetadata uselegacyauth
databaseterm permitmysqlscheme disablemariadbdriver dumpqueriesonexception includeinnodbstatusindeadlockexceptions`.split(
    /\s+/,
  ),
)

/** Fault `database-url-invalid` for a value that means nothing. */
export function readSettings(parameters: ReadonlyMap<string, string>): ConnectionSettings {
  const isOn = (name: string): boolean | undefined => {
    const text = parameters.get(name)
    return text === undefined ? undefined : /^(?:true|1|yes)$/i.test(text)
  }
  return {
    encryption: encryptionOf(parameters, isOn),
    authorityFile: parameters.get('serversslcert'),
    connectTimeout: timeoutOf(parameters.get('connecttimeout')),
    createDatabase: isOn('createdatabaseifnotexist') ?? false,
    sessionVariables: parameters.get('sessionvariables'),
    localInfile: isOn('allowloadlocalinfile') ?? isOn('allowlocalinfile') ?? false,
    ignored: [...parameters.keys()].filter((name) => !used.has(name) && !immaterial.has(name)),
  }
}

function encryptionOf(
  parameters: ReadonlyMap<string, string>,
  isOn: (name: string) => boolean | undefined,
): Encryption {
  const mode = parameters.get('sslmode')
  if (mode !== undefined) {
    const known = modes[mode.toLowerCase()]
    if (known !== undefined) return known
    throw new Fault('database-url-invalid', `sslMode "${mode}" is not known`, {
      hint: 'Use DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY.',
    })
  }
  const wanted = isOn('usessl')
  if (wanted === false) return 'off'
  const verify = isOn('verifyservercertificate') ?? (isOn('trustservercertificate') === false ? true : undefined)
  if (verify) return 'verify-authority'
  return wanted || isOn('requiressl') ? 'required' : 'preferred'
}

function timeoutOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d+$/.test(text)) return text === '0' ? undefined : Number(text)
  throw new Fault('database-url-invalid', 'connectTimeout is not a number of milliseconds')
}
