// Hands the certificates that a delegate trusts to the programs that its steps start: Node adds to what it knows, git replaces it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { type OutwardSettings, outwardVariables } from './setting.ts'
import { readCertificates } from './trust.ts'

/** Where Debian, Red Hat and Alpine keep what the whole machine trusts. */
const systemBundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
] as const

/**
 * Writes the bundles into `folder` (private) and gives the variables that steps need on top of those of the delegate.
 * Raises `usage` for files that cannot be used.
 */
export function stepVariables(
  { caFile, certificateFile, keyFile }: OutwardSettings,
  environment: Readonly<Record<string, string | undefined>>,
  folder: string,
): Record<string, string> {
  const shown: Record<string, string> =
    certificateFile === undefined || keyFile === undefined
      ? {}
      : { [outwardVariables.certificate]: certificateFile, [outwardVariables.key]: keyFile }
  if (caFile === undefined) return shown
  const own = readCertificates(caFile)
  const known = environment['NODE_EXTRA_CA_CERTS']
  const extra = known !== undefined && known !== caFile && existsSync(known) ? readCertificates(known) : []
  const replaced = [environment['GIT_SSL_CAINFO'], environment['SSL_CERT_FILE'], ...systemBundles].find(
    (file) => file !== undefined && existsSync(file),
  )
  const usual = replaced === undefined ? rootCertificates.join('\n') : readFileSync(replaced, 'utf8')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const [added, all] = [join(folder, 'added.pem'), join(folder, 'all.pem')]
  writeFileSync(added, `${[...own, ...extra].join('\n')}\n`)
  writeFileSync(all, `${usual.trimEnd()}\n${[...own, ...extra].join('\n')}\n`)
  return { ...shown, NODE_EXTRA_CA_CERTS: added, GIT_SSL_CAINFO: all, SSL_CERT_FILE: all }
}
