// Certificates that are trusted and shown, from PEM files. What cannot be used is told before anything is tried with it.
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext, rootCertificates } from 'node:tls'
import { Fault } from '#contract/fault'
import type { OutwardSettings } from './setting.ts'

function readPem(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new Fault('usage', `The file ${path} with ${what} cannot be read: ${(error as Error).message}`)
  }
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}

/** The certificates of a PEM file. Raises `usage` when there is none, or one that is no certificate. */
export function readCertificates(path: string): readonly string[] {
  const found =
    readPem(path, 'certificates').match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []
  if (found.length === 0) throw new Fault('usage', `The file ${path} holds no certificate in PEM form.`)
  for (const pem of found) {
    if (!isCertificate(pem)) throw new Fault('usage', `The file ${path} holds a certificate that cannot be read.`)
  }
  return found
}

export interface Trust {
  /** All authorities that are trusted; undefined: those of Node. */
  readonly ca: readonly string[] | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
}

/** Raises `usage` for files that cannot be used. */
export function readTrust({ caFile, certificateFile, keyFile }: OutwardSettings): Trust {
  const ca = caFile === undefined ? undefined : [...rootCertificates, ...readCertificates(caFile)]
  if ((certificateFile === undefined) !== (keyFile === undefined))
    throw new Fault('usage', 'A client certificate needs its key and the other way round.')
  if (certificateFile === undefined || keyFile === undefined) return { ca, cert: undefined, key: undefined }
  const [cert, key] = [readPem(certificateFile, 'the client certificate'), readPem(keyFile, 'its key')]
  const problem = problemOfPair({ cert, key })
  if (problem !== undefined)
    throw new Fault('usage', `${certificateFile} and ${keyFile} are not a certificate and its key: ${problem}`)
  return { ca, cert, key }
}

/** PEM: a certificate, with those between it and its authority, and its key. */
export interface KeyPair {
  readonly cert: string
  readonly key: string
}

/** Why they do not belong together, or are none; never quotes them. */
export function problemOfPair(pair: KeyPair): string | undefined {
  try {
    createSecureContext({ ...pair })
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}
