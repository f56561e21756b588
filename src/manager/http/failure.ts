// Turns whatever a handler threw into the one error body. Faults say what they are; bugs only show their id.
import { type ErrorBody, Fault, faultKinds } from '#contract/fault'
import { platformCodes } from '#contract/platform'
import { apiHeaders } from './security.ts'

/** `platform`: the caller is a client of the platform services and knows their codes. */
export function errorBody(fault: Fault, correlationId: string, platform = false): ErrorBody {
  const bug = fault.code === 'bug'
  const message = bug ? `Something went wrong inside Sluice. Report it with the id ${correlationId}.` : fault.message
  const code = platform ? (platformCodes[fault.code] ?? fault.code) : fault.code
  return {
    status: 'ERROR',
    code,
    message,
    hint: fault.hint,
    correlationId,
    ...(fault.diagnostics.length > 0 && !bug ? { diagnostics: fault.diagnostics.slice(0, 1000) } : {}),
    responseMessages: [{ code, level: 'ERROR', message }],
  }
}

/** Anything that is not a fault is a bug; its text stays in the log. */
export function asFault(error: unknown): Fault {
  return error instanceof Fault ? error : new Fault('bug', 'internal error', { cause: error })
}

export function errorResponse(
  fault: Fault,
  correlationId: string,
  headers: Record<string, string> = {},
  platform = false,
): Response {
  return new Response(JSON.stringify(errorBody(fault, correlationId, platform)), {
    status: faultKinds[fault.code].http,
    headers: {
      ...apiHeaders,
      'x-correlation-id': correlationId,
      ...(fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(Math.ceil(fault.retryAfterSeconds)) }),
      ...headers,
    },
  })
}
