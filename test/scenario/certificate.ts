// A certificate authority of our own for tests, made by the openssl program, and certificates that it signs.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Certificate {
  readonly certFile: string
  readonly keyFile: string
  readonly cert: string
  readonly key: string
}

export interface Authority {
  readonly caFile: string
  issue(name: string, alternatives?: string): Certificate
}

export function createAuthority(folder: string, name = 'ca'): Authority {
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  }
  const path = (file: string): string => join(folder, file)
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl('req', '-x509', ...key, '-days', '2', '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.pem`)
  return {
    caFile: path(`${name}.pem`),
    issue(subject, alternatives = 'IP:127.0.0.1,DNS:localhost') {
      const file = `${name}-${subject}`
      openssl('req', ...key, '-subj', `/CN=${subject}`, '-keyout', `${file}.key`, '-out', `${file}.csr`)
      writeFileSync(path(`${file}.ext`), `subjectAltName=${alternatives}\n`)
      const signed = ['-CA', `${name}.pem`, '-CAkey', `${name}.key`, '-CAcreateserial', '-days', '2']
      openssl('x509', '-req', '-in', `${file}.csr`, ...signed, '-extfile', `${file}.ext`, '-out', `${file}.pem`)
      const [certFile, keyFile] = [path(`${file}.pem`), path(`${file}.key`)]
      return { certFile, keyFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
    },
  }
}
