// Reads what the caller sent and checks it against the endpoint: path, query and body, each with limits and named findings.
import { type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
import type { z } from 'zod'
import type { Diagnostic } from '#contract/diagnostic'
import type { Endpoint } from '#contract/endpoint'
import { Fault } from '#contract/fault'
import { findUnstorable } from './text.ts'

const defaultMaxBytes = 1_048_576

type Part = 'path' | 'query' | 'body'

function invalid(diagnostics: readonly Diagnostic[]): Fault {
  const message = diagnostics
    .map((diagnostic) => diagnostic.message)
    .slice(0, 5)
    .join(' ')
  return new Fault('invalid-input', message, { diagnostics })
}

function issueOf(part: Part, issue: z.core.$ZodIssue): Diagnostic {
  const field = issue.path.map(String).join('.')
  const place = field === '' ? `The ${part}` : field
  return { code: `request/${part}`, severity: 'error', message: `${place}: ${issue.message.replace(/[^.]$/, '$&.')}` }
}

/** Checks one part of a request; raises `invalid-input` with one diagnostic for each field that is wrong. */
export function checkPart<Schema extends z.ZodType>(part: Part, schema: Schema, value: unknown): z.output<Schema> {
  const found = findUnstorable(value)
  if (found)
    throw invalid([{ code: `request/${part}`, severity: 'error', message: `${found.path || part}: ${found.message}` }])
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw invalid(parsed.error.issues.slice(0, 100).map((issue) => issueOf(part, issue)))
}

function tooLarge(limit: number): Fault {
  return new Fault('too-large', `The body is larger than the ${limit} bytes that this endpoint takes.`)
}

/** The declared length, checked against the limit; undefined when the body is chunked and must be counted. */
function declaredLength(request: Request, limit: number): number | undefined {
  const header = request.headers.get('content-length')
  if (header === null) return undefined
  const length = Number(header)
  if (length > limit) throw tooLarge(limit)
  return length
}

async function readCounted(request: Request, limit: number): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  if (!request.body) return ''
  for await (const chunk of request.body) {
    bytes += chunk.byteLength
    if (bytes > limit) throw tooLarge(limit)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

/** Line and column of the first error. Node's own message does not always tell the place. */
function jsonDiagnostic(text: string): Diagnostic {
  const errors: ParseError[] = []
  parseTree(text, errors, { disallowComments: true })
  const { offset, error } = errors[0] ?? { offset: text.length, error: undefined }
  const before = text.slice(0, offset).split('\n')
  const reason = error === undefined ? '' : `: ${printParseErrorCode(error)}`
  return {
    code: 'request/json',
    severity: 'error',
    message: `The body is not valid JSON${reason}.`,
    span: { file: 'body', line: before.length, column: (before.at(-1)?.length ?? 0) + 1 },
  }
}

/** The JSON body, checked; `seen` gets it before that, as it came, and may refuse it. An empty body counts as `{}`, because some clients send none when everything in it is optional. */
export async function readBody(
  target: Endpoint,
  request: Request,
  seen: (json: unknown) => void = () => {},
): Promise<unknown> {
  if (!target.body) return undefined
  const limit = target.maxBytes ?? defaultMaxBytes
  const length = declaredLength(request, limit)
  const text = length === undefined ? await readCounted(request, limit) : await request.text()
  if (text.trim() === '') {
    seen({})
    return checkPart('body', target.body, {})
  }
  const type = request.headers.get('content-type') ?? ''
  // Also keeps forms of other sites out: a browser asks first before it sends JSON across origins.
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(type))
    throw new Fault('invalid-input', 'Send the body as JSON, with the header Content-Type: application/json.')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw invalid([jsonDiagnostic(text)])
  }
  seen(value)
  return checkPart('body', target.body, target.access === 'attempt' ? replaceUnstorableIn(value) : value)
}

/** A step reports what a database said, which may hold anything; refusing it would stop the report. */
function replaceUnstorableIn(value: unknown): unknown {
  if (!findUnstorable(value)) return value
  return JSON.parse(JSON.stringify(value), (_, entry: unknown) =>
    typeof entry === 'string' ? entry.replaceAll('\0', '\uFFFD').replace(/\p{Surrogate}/gu, '\uFFFD') : entry,
  )
}

/** The request for a handler that reads raw bytes itself: it cannot read more than the endpoint allows. */
export function limitRawBody(target: Endpoint, request: Request): Request {
  if (!target.rawBody) return request
  const limit = target.rawBody.maxBytes
  if (declaredLength(request, limit) !== undefined || !request.body) return request
  let bytes = 0
  const counted = request.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.byteLength
        if (bytes > limit) controller.error(tooLarge(limit))
        else controller.enqueue(chunk)
      },
    }),
  )
  // `duplex` is needed for streams and missing in the type.
  const init: RequestInit & { duplex: 'half' } = {
    method: request.method,
    headers: request.headers,
    body: counted,
    duplex: 'half',
  }
  return new Request(request.url, init)
}
