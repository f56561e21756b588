// Requests to a bucket of S3, or of what speaks as it does: signed with two keys, and what a refusal says.
import type { S3Spec } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import { readLimited } from '#outward/registry'
import { signRequest } from '#outward/signature'
import type { Credentials } from './git.ts'

/** Headers of a GET; `now` in epoch milliseconds. Raises `source-authentication` without both keys. */
export function signedHeaders(
  url: string,
  { region }: S3Spec,
  { username: accessKey, password: secretKey, sessionToken }: Credentials,
  now: number,
): Record<string, string> {
  if (!accessKey || !secretKey)
    throw new Fault('source-authentication', `${url} has to be asked with an access key and a secret key.`, {
      hint: 'Give the connector both, as user name and password.',
    })
  const request = { method: 'GET', url, headers: {}, body: '' }
  const { host: _, ...headers } = signRequest(
    request,
    { accessKey, secretKey, sessionToken },
    { region, service: 's3', now },
  )
  return headers
}

const errorLimit = 65_536
const hints: Readonly<Record<string, string>> = {
  InvalidAccessKeyId: 'The access key does not exist there: check the user name of the connector.',
  SignatureDoesNotMatch: 'Check the secret key, and the region of the connector.',
  RequestTimeTooSkewed: 'Set the clock of the machine where steps run.',
  ExpiredToken: 'The temporary keys have ended: store new ones.',
  AccessDenied:
    'Allow s3:GetObject on it. S3 says the same of an object that is not there to whoever may not list the bucket.',
}

/** `code`: of S3, such as `AccessDenied`; empty when it gave none. */
export interface Refusal {
  readonly code: string
  readonly fault: Fault
}

/** Reads what S3 says of a request that it did not fulfil. */
export async function readRefusal(response: Response, url: string): Promise<Refusal> {
  const { status, headers } = response
  const text = (await readLimited(response, errorLimit, 'The answer')).toString('utf8')
  const element = (name: string): string => new RegExp(`<${name}>([^<]{1,300})</${name}>`).exec(text)?.[1] ?? ''
  const code = element('Code')
  const said = [String(status), code, element('Message')].filter((part) => part !== '').join(', ')
  if (status === 404)
    return {
      code,
      fault: new Fault('source-reference-not-found', `There is no archive at ${url} (${said}).`, {
        hint: 'Check archivePath, and the bucket in the address of the connector.',
      }),
    }
  const region = headers.get('x-amz-bucket-region') ?? element('Region')
  const hint = region === '' ? hints[code] : `The bucket is in the region ${region}: write that into the connector.`
  const refused = status === 400 || status === 401 || status === 403
  const message = refused ? `${url} refused the request (${said}).` : `${url} answered ${said}.`
  const kind = refused ? 'source-authentication' : 'source-unreachable'
  return { code, fault: new Fault(kind, message, hint === undefined ? {} : { hint }) }
}
