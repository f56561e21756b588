// Mail through the server that the administrator of the manager names. The library is loaded with the first mail.
import { readFile } from 'node:fs/promises'
import { Fault } from '#contract/fault'

export interface MailSettings {
  readonly host: string
  readonly port: number
  /** `tls` from the first byte, `starttls` before anything is said that matters, `none` for a server of the same machine. */
  readonly security: 'tls' | 'starttls' | 'none'
  readonly user: string | undefined
  readonly passwordFile: string | undefined
  readonly from: string
}

const ports = { tls: 465, starttls: 587, none: 25 } as const
const seconds = 10

/** From SLUICE_SMTP_HOST, _PORT, _TLS, _USER, _PASSWORD_FILE and _FROM; undefined without a host. Raises `usage`. */
export function readMail(environment: Readonly<Record<string, string | undefined>>): MailSettings | undefined {
  const read = (name: string): string | undefined => environment[`SLUICE_SMTP_${name}`]?.trim() || undefined
  const host = read('HOST')
  if (host === undefined) return undefined
  const security = read('TLS') ?? 'starttls'
  if (security !== 'tls' && security !== 'starttls' && security !== 'none')
    throw new Fault('usage', `SLUICE_SMTP_TLS is ${security}.`, { hint: 'Set it to starttls, tls or none.' })
  const port = Number(read('PORT') ?? ports[security])
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Fault('usage', 'SLUICE_SMTP_PORT is no number from 1 to 65535.')
  const from = read('FROM')
  if (from === undefined)
    throw new Fault('usage', 'SLUICE_SMTP_FROM is missing.', { hint: 'Set it to the address that mails come from.' })
  const user = read('USER')
  const passwordFile = read('PASSWORD_FILE')
  if ((user === undefined) !== (passwordFile === undefined))
    throw new Fault('usage', 'SLUICE_SMTP_USER and SLUICE_SMTP_PASSWORD_FILE belong together.')
  return { host, port, security, user, passwordFile, from }
}

export interface OutgoingMail {
  readonly to: readonly string[]
  readonly cc?: readonly string[]
  readonly subject: string
  readonly text: string
  /** The same for readers that show it. */
  readonly html?: string
  /** What repeated mails are known by. */
  readonly id: string
}

/** An error of the server; `permanent`: it will say so again. */
class MailError extends Error {
  readonly permanent: boolean
  constructor(message: string, isPermanent: boolean, cause?: unknown) {
    super(message, { cause })
    this.permanent = isPermanent
  }
}

/** One connection for each mail: they are few, and a server that restarts is no matter. */
export function openMail(settings: MailSettings): (mail: OutgoingMail) => Promise<void> {
  const { host, port, security, user, passwordFile, from } = settings
  return async ({ to, cc = [], subject, text, html, id }) => {
    const { createTransport } = await import('nodemailer')
    const password = passwordFile === undefined ? '' : (await readFile(passwordFile, 'utf8')).replace(/\r?\n$/, '')
    const transport = createTransport({
      host,
      port,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      ...(user === undefined ? {} : { auth: { user, pass: password } }),
      connectionTimeout: seconds * 1000,
      greetingTimeout: seconds * 1000,
      socketTimeout: seconds * 1000,
      disableFileAccess: true,
      disableUrlAccess: true,
    })
    const messageId = `<${id}@${domainOf(from)}>`
    const headers = { 'auto-submitted': 'auto-generated' }
    try {
      const { rejected } = await transport.sendMail({
        from,
        to: [...to],
        ...(cc.length > 0 ? { cc: [...cc] } : {}),
        subject,
        text,
        ...(html === undefined ? {} : { html }),
        messageId,
        headers,
      })
      if (rejected.length > 0)
        throw new MailError(`The mail server refused ${rejected.length} of ${to.length + cc.length}.`, true)
    } catch (error) {
      if (error instanceof MailError) throw error
      const { responseCode, message } = error as { readonly responseCode?: number; readonly message: string }
      // Not to sign in may have been mended by the next try; all other answers of this class are final.
      const isFinal = responseCode !== undefined && responseCode >= 500 && responseCode !== 535
      throw new MailError(`The mail server could not be used: ${message}`, isFinal, error)
    } finally {
      transport.close()
    }
  }
}

const domainOf = (from: string): string => /@([A-Za-z0-9.-]+)/.exec(from)?.[1] ?? 'sluice'
