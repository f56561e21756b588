// Reads server-sent events from a response body (WHATWG HTML, section 9.2), with JSON as data.
import { Fault } from './fault.ts'

export interface ReceivedEvent<Data> {
  /** Id of this event, to resume after it. */
  readonly id: string | undefined
  /** `message` unless the server named it. */
  readonly event: string
  readonly data: Data
}

/** One event may not be larger than this; a log chunk is 1 MiB of text at most, escaped in JSON. */
const maxEventCharacters = 16_777_216

interface Block {
  id?: string
  event?: string
  data?: string
}

function readLine(block: Block, line: string): void {
  const colon = line.indexOf(':')
  if (colon === 0) return
  const name = colon < 0 ? line : line.slice(0, colon)
  const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
  if (name === 'id') block.id = value
  else if (name === 'event') block.event = value
  else if (name === 'data') block.data = block.data === undefined ? value : `${block.data}\n${value}`
}

function finish<Data>(block: Block): ReceivedEvent<Data> | undefined {
  if (block.data === undefined) return undefined
  try {
    return { id: block.id, event: block.event ?? 'message', data: JSON.parse(block.data) as Data }
  } catch (cause) {
    throw new Fault('reply-invalid', 'An event of the stream is not JSON.', { cause })
  }
}

/** Yields events until the server ends the stream. An abort raises the reason of the signal; a broken stream `manager-unreachable`. */
export async function* readEventStream<Data>(
  body: ReadableStream<Uint8Array>,
  signal?: AbortSignal,
): AsyncGenerator<ReceivedEvent<Data>> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  let block: Block = {}
  try {
    while (true) {
      const chunk = await reader.read().catch((cause: unknown) => {
        if (signal?.aborted) throw signal.reason
        throw new Fault('manager-unreachable', 'The stream broke off.', { cause })
      })
      if (chunk.done) return
      const lines = (rest + decoder.decode(chunk.value, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > maxEventCharacters) throw new Fault('reply-invalid', 'An event of the stream is too long.')
      for (const line of lines.map((text) => text.replace(/\r$/, ''))) {
        if (line !== '') {
          readLine(block, line)
          continue
        }
        const event = finish<Data>(block)
        block = {}
        if (event) yield event
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
