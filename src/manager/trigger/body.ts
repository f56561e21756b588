// The body of a delivery: bytes for the signature, and the JSON in them, of limited depth.
import { Fault } from '#contract/fault'

const DEEPEST = 64

export interface DeliveryBody {
  readonly bytes: Uint8Array
  readonly payload: unknown
}

/** JSON, or a form with the JSON in `payload`, as GitHub sends it unless told otherwise. Raises `invalid-input`. */
export async function readDelivery(request: Request): Promise<DeliveryBody> {
  const bytes = new Uint8Array(await request.arrayBuffer())
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new Fault('invalid-input', 'The body of the delivery is not UTF-8.', { cause })
  }
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(request.headers.get('content-type') ?? '')
  const json = isForm ? (new URLSearchParams(text).get('payload') ?? '') : text
  if (json.trim() === '') return { bytes, payload: {} }
  if (isTooDeep(json)) throw new Fault('invalid-input', `The delivery is nested deeper than ${DEEPEST} levels.`)
  try {
    return { bytes, payload: JSON.parse(json) }
  } catch (cause) {
    throw new Fault('invalid-input', 'The body of the delivery is not JSON.', { cause })
  }
}

function isTooDeep(json: string): boolean {
  let depth = 0
  let quoted = false
  for (let index = 0; index < json.length; index += 1) {
    const character = json[index]
    if (quoted) {
      if (character === '\\') index += 1
      else if (character === '"') quoted = false
    } else if (character === '"') quoted = true
    else if (character === '{' || character === '[') {
      depth += 1
      if (depth > DEEPEST) return true
    } else if (character === '}' || character === ']') depth -= 1
  }
  return false
}
