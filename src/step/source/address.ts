// The address of a Git repository, as a user writes it: which transport, what may be shown, and credentials taken out of it.
import { Fault } from '#contract/fault'

export interface GitAddress {
  /** Without user name and password, unless the transport is ssh, whose user is part of the address. */
  readonly url: string
  readonly transport: 'http' | 'ssh' | 'file'
  /** Scheme, host and port of an http address, with a slash: what credentials are good for. */
  readonly origin: string | undefined
  readonly username: string | undefined
  readonly password: string | undefined
}

const invalid = (message: string): Fault =>
  new Fault('source-unreachable', message, {
    hint: 'Use https://host/path.git, ssh://user@host/path.git, user@host:path.git, file:///path or an absolute path.',
  })

const decode = (text: string): string | undefined => (text === '' ? undefined : decodeURIComponent(text))

/** Raises Fault `source-unreachable` for a transport that is not offered; `ext::` and the like could run programs. */
export function parseGitAddress(text: string): GitAddress {
  const none = { origin: undefined, username: undefined, password: undefined }
  if (/[\0\n\r]/.test(text) || text.startsWith('-')) throw invalid('The repository address is not an address.')
  if (text.startsWith('/')) return { ...none, url: text, transport: 'file' }
  if (/^[\w.-]+@[\w.-]+:(?!\/\/)./.test(text)) return { ...none, url: text, transport: 'ssh' }
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'https:' || url?.protocol === 'http:') {
    const credentials = { username: decode(url.username), password: decode(url.password) }
    url.username = ''
    url.password = ''
    return { url: url.href, transport: 'http', origin: `${url.origin}/`, ...credentials }
  }
  if (url?.protocol === 'ssh:') {
    if (url.password) throw invalid('An ssh address cannot hold a password; ssh uses the keys of the machine.')
    return { ...none, url: url.href, transport: 'ssh' }
  }
  if (url?.protocol === 'file:') return { ...none, url: url.href, transport: 'file' }
  throw invalid('The repository address has a transport that is not offered.')
}
