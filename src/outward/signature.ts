// AWS Signature Version 4 of one request, as the public description has it. Pure: the time comes in.
import { createHash, createHmac } from 'node:crypto'

export interface AwsCredentials {
  readonly accessKey: string
  readonly secretKey: string
  /** Of temporary credentials. */
  readonly sessionToken?: string | undefined
}
export interface SignedRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}
export interface SigningScope {
  readonly region: string
  readonly service: string
  /** Epoch milliseconds. */
  readonly now: number
}

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex')
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text, 'utf8').digest()
/** As RFC 3986 has it: more than `encodeURIComponent` encodes. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
const order = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

/** Each piece encoded once and strictly, as S3 wants it; the other services that we ask have no path. */
const canonicalPath = ({ pathname }: URL): string => pathname.split('/').map(encodeOnce).join('/')
function encodeOnce(piece: string): string {
  try {
    return encode(decodeURIComponent(piece))
  } catch {
    // A percent sign that begins no code stands for itself.
    return encode(piece)
  }
}

function canonicalQuery(url: URL): string {
  const pairs = [...url.searchParams].map(([name, value]) => [encode(name), encode(value)] as const)
  return pairs
    .toSorted(([a, x], [b, y]) => order(a, b) || order(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

/** The headers of the request with `host`, `x-amz-date`, the session token, for S3 the digest of the body, and `authorization` added. */
export function signRequest(
  { method, url, headers, body }: SignedRequest,
  { accessKey, secretKey, sessionToken }: AwsCredentials,
  { region, service, now }: SigningScope,
): Record<string, string> {
  const address = new URL(url)
  const time = new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, '')
  const day = time.slice(0, 8)
  const signed: Record<string, string> = {
    ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    host: address.host,
    'x-amz-date': time,
    ...(service === 's3' ? { 'x-amz-content-sha256': sha256(body) } : {}),
    ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
  }
  const names = Object.keys(signed).toSorted(order)
  const canonical = [
    method,
    canonicalPath(address),
    canonicalQuery(address),
    ...names.map((name) => `${name}:${(signed[name] ?? '').trim().replace(/ +/g, ' ')}`),
    '',
    names.join(';'),
    sha256(body),
  ].join('\n')
  const scope = `${day}/${region}/${service}/aws4_request`
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')
  const key = hmac(hmac(hmac(hmac(`AWS4${secretKey}`, day), region), service), 'aws4_request')
  const signature = hmac(key, text).toString('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKey}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`
  return { ...signed, authorization }
}
