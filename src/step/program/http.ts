// Http: one request from the network of the delegate. What the answer means is judged by the pipeline, which knows the assertion.
import { BlockList, isIP } from 'node:net'
import { readAtMost } from '#contract/body'
import { type HttpWork, openText } from '#contract/delegate/program-work'
import { Fault } from '#contract/fault'
import { openGuardedFetch } from '#outward/fetch'
import type { Guard } from '#outward/guard'
import { readOutward, withoutCertificate } from '#outward/setting'
import { problemOfPair } from '#outward/trust'
import type { WorkResult } from '../work/context.ts'
import { secretText } from '../work/credential.ts'
import type { ProgramContext } from './perform.ts'

/** Bytes of an answer that are read. */
const longestBody = 262_144

/** Where clouds hand out the credentials of the machine, and nobody keeps an API. */
const local = new BlockList()
local.addSubnet('169.254.0.0', 16, 'ipv4')
local.addSubnet('fe80::', 10, 'ipv6')
local.addAddress('fd00:ec2::254', 'ipv6')
// Of pods: EKS Pod Identity.
local.addAddress('fd00:ec2::23', 'ipv6')
local.addAddress('100.100.100.200', 'ipv4')

const noCredentials: Guard = {
  passes: () => false,
  refusal: (address, host) =>
    local.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
      ? new Fault('forbidden', `${host} is an address that hands out credentials of machines.`, {
          hint: 'Steps may not read them; use a secret.',
        })
      : undefined,
}

/** Faults: `invalid-input`, `forbidden` for addresses that hand out credentials, `request-failed`, and the reason of `signal`. */
export async function sendRequest(context: ProgramContext<HttpWork>): Promise<WorkResult> {
  const { work, document, environment, line, begin, signal } = context
  const valueOf = (reference: string): string => secretText(document, reference)
  const url = readUrl(openText(work.url, valueOf))
  const headers = readHeaders(work.headers.map(({ name, value }) => [name, openText(value, valueOf)]))
  const body = work.body === undefined ? undefined : openText(work.body, valueOf)
  const settings = withoutCertificate(readOutward(environment))
  const fetch = await openGuardedFetch(settings, noCredentials, keyPairOf(work, valueOf))
  await begin()
  line(`${work.method} ${url.origin}${url.pathname}`)
  const init = {
    method: work.method,
    headers,
    redirect: 'manual',
    signal,
    ...(body === undefined ? {} : { body }),
  } as const
  let response: Response
  let text: string
  try {
    response = await fetch(url.href, init)
    text = await readBody(response, line)
  } catch (error) {
    signal.throwIfAborted()
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    if (cause instanceof Fault) throw cause
    throw new Fault('request-failed', `${url.host} did not answer: ${(cause as Error).message}`)
  }
  line(`Answered ${response.status} with ${Buffer.byteLength(text)} bytes`)
  return { output: { httpResponseCode: response.status, httpResponseBody: text, httpMethod: work.method } }
}

function keyPairOf({ certificate, certificateKey }: HttpWork, valueOf: (reference: string) => string) {
  if (certificate === undefined || certificateKey === undefined) return undefined
  const pair = { cert: openText(certificate, valueOf), key: openText(certificateKey, valueOf) }
  const problem = problemOfPair(pair)
  if (problem === undefined) return pair
  throw new Fault('invalid-input', `certificate and certificateKey do not belong together, or are no PEM: ${problem}`)
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  // Not quoted: it may hold a secret.
  throw new Fault('invalid-input', 'The url of the request is no address of HTTP or HTTPS.')
}

/** Several of one name become a list. */
function readHeaders(pairs: readonly (readonly [string, string])[]): Record<string, string> {
  const headers = new Headers()
  for (const [name, value] of pairs) {
    try {
      headers.append(name, value)
    } catch {
      throw new Fault('invalid-input', `The header ${name} cannot be sent: its name or value has forbidden characters.`)
    }
  }
  return Object.fromEntries(headers)
}

async function readBody(response: Response, line: (text: string) => void): Promise<string> {
  const { bytes, isWhole } = await readAtMost(response, longestBody)
  if (!isWhole) line(`The answer is read up to ${longestBody} bytes; the rest is left out`)
  return new TextDecoder().decode(bytes)
}
