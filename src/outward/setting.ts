// How a program of ours reaches out of its network: proxies, certificates it trusts, the certificate that it shows.

export interface OutwardSettings {
  /** Proxy for `http:` and for `https:` addresses, as URLs; undefined: none. */
  readonly httpProxy: string | undefined
  readonly httpsProxy: string | undefined
  /** Hosts that are reached without a proxy; see `proxyFor`. */
  readonly noProxy: string
  /** PEM file of certificate authorities that are trusted besides the well-known ones. */
  readonly caFile: string | undefined
  /** PEM files of the certificate, and its key, that is shown to servers who ask for one. Both or none. */
  readonly certificateFile: string | undefined
  readonly keyFile: string | undefined
}

/** For everybody but the manager: the certificate that delegates and steps show it is for nobody else. */
export const withoutCertificate = (settings: OutwardSettings): OutwardSettings => ({
  ...settings,
  certificateFile: undefined,
  keyFile: undefined,
})

type Environment = Readonly<Record<string, string | undefined>>

/** What every program on a machine may know of it: where programs are, language, proxies, authorities. No key, no setting of ours. */
export const machineVariables = [
  'PATH',
  'HOME',
  'TMPDIR',
  'LANG',
  'LC_ALL',
  'TZ',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'all_proxy',
  'no_proxy',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'GIT_SSL_CAINFO',
] as const

/** Names of the variables in which a delegate hands its certificate files to its steps. */
export const outwardVariables = { certificate: 'SLUICE_CLIENT_CERTIFICATE', key: 'SLUICE_CLIENT_KEY' } as const

/** From the variables that other programs know too; the lower-case one wins, as with curl. An empty one is none. */
export function readOutward(environment: Environment): OutwardSettings {
  const read = (...names: string[]): string | undefined =>
    names.map((name) => environment[name]?.trim()).find((value) => value !== undefined && value !== '')
  const every = read('all_proxy', 'ALL_PROXY')
  return {
    // No upper-case HTTP_PROXY in a CGI program, where a caller could set it; here it is what people set.
    httpProxy: read('http_proxy', 'HTTP_PROXY') ?? every,
    httpsProxy: read('https_proxy', 'HTTPS_PROXY') ?? every,
    noProxy: read('no_proxy', 'NO_PROXY') ?? '',
    // What Node itself reads when it starts; here only so that it can be handed on.
    caFile: read('NODE_EXTRA_CA_CERTS'),
    certificateFile: read(outwardVariables.certificate),
    keyFile: read(outwardVariables.key),
  }
}

/** Node's own fetch does. It reads NODE_EXTRA_CA_CERTS itself, so that authorities named there (`nodeTrusts`) need none of ours. */
export function isPlain(settings: OutwardSettings, nodeTrusts: string | undefined): boolean {
  const { httpProxy, httpsProxy, caFile, certificateFile, keyFile } = settings
  const own = [httpProxy, httpsProxy, certificateFile, keyFile].some((value) => value !== undefined)
  return !own && (caFile === undefined || caFile === nodeTrusts)
}
