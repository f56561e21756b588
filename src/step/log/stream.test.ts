// Whatever happens to the connection, the manager ends up with exactly the bytes that were written, and the digest says so.
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createMasking } from './mask.ts'
import { createLogSender } from './send.ts'
import { createStreams, type Streams } from './stream.ts'

/** What the server does with one request; when the list is empty it behaves. */
type Whim = 'serve' | 'cut-before' | 'cut-in-body' | 'cut-after-commit' | 'half-answer' | 'busy' | 'broken' | 'forget'

/** Keeps contiguous bytes of each stream, as the manager does, and has whims. */
class Whimsical {
  readonly kept = new Map<string, Buffer>()
  whims: Whim[] = []
  requests = 0
  server: Server = createServer((request, response) => void this.handle(request, response))

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests += 1
    const whim = this.whims.shift() ?? 'serve'
    const url = new URL(request.url ?? '', 'http://manager')
    const name = /\/logs\/([^/]+)/.exec(url.pathname)?.[1] ?? ''
    const known = this.kept.get(name) ?? Buffer.alloc(0)
    if (whim === 'cut-before') return void request.socket.destroy()
    if (whim === 'busy') return void response.writeHead(429, { 'retry-after': '0' }).end()
    if (whim === 'broken') return void response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>proxy</h1>')
    const answer = (committed: number): void => {
      const text = JSON.stringify({ committed })
      if (whim === 'cut-after-commit') request.socket.destroy()
      else if (whim === 'half-answer') {
        response.writeHead(200, { 'content-length': String(text.length) })
        response.write(text.slice(0, 5), () => request.socket.destroy())
      } else response.writeHead(200, { 'content-type': 'application/json' }).end(text)
    }
    if (request.method === 'GET') return answer(known.length)
    const parts: Buffer[] = []
    try {
      for await (const part of request) {
        parts.push(part as Buffer)
        if (whim === 'cut-in-body') return void request.socket.destroy()
      }
    } catch {
      return
    }
    const raw = Buffer.concat(parts)
    const bytes = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw
    const offset = Number(url.searchParams.get('offset'))
    if (offset > known.length) return void response.writeHead(416).end('{}')
    const all = Buffer.concat([known, bytes.subarray(known.length - offset)])
    // A replica that lost its last write answers with less than it had promised.
    const kept = whim === 'forget' ? known : all
    this.kept.set(name, kept)
    answer(kept.length)
  }
}

let whimsical: Whimsical
let url: string
let folder: string
let said: string[]
beforeAll(async () => {
  whimsical = new Whimsical()
  await new Promise<void>((resolve) => whimsical.server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(whimsical.server.address() as AddressInfo).port}`
})
afterAll(() => {
  whimsical.server.closeAllConnections()
  whimsical.server.close()
})
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-stream-'))
  said = []
})
afterEach(() => rmSync(folder, { recursive: true }))

function openStreams(into: string, limit?: number): Streams {
  const address = { managerUrl: url, attempt: 'a', attemptToken: 't', fence: '1' }
  return createStreams({
    folder: into,
    masking: createMasking(['hunter22-secret']),
    random: () => 0,
    elapsed: () => performance.now(),
    senderOf: (name) => createLogSender(address, undefined, name),
    line: (text) => void said.push(text),
    ...(limit === undefined ? {} : { limit }),
  })
}
const never = new AbortController().signal
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

describe('results on their way', () => {
  test('arrive whole and once, wherever the connection is cut', { timeout: 120_000 }, async () => {
    const whim = fc.constantFrom<Whim>(
      'serve',
      'cut-before',
      'cut-in-body',
      'cut-after-commit',
      'half-answer',
      'busy',
      'broken',
      'forget',
    )
    const scenario = fc.record({
      whims: fc.array(whim, { maxLength: 12 }),
      pieces: fc.array(fc.integer({ min: 0, max: 400_000 }), { minLength: 1, maxLength: 6 }),
    })
    await fc.assert(
      fc.asyncProperty(scenario, async ({ whims, pieces }) => {
        whimsical.kept.clear()
        whimsical.whims = [...whims]
        const into = mkdtempSync(join(folder, 'run-'))
        const streams = openStreams(into)
        const texts = pieces.map((size, at) => `${at} ÄÖ✓ `.repeat(Math.ceil(size / 8)))
        for (const text of texts) {
          streams.open('sql').write(text)
          await new Promise((resolve) => setImmediate(resolve))
        }
        const ends = streams.end()
        await streams.drain(never)
        const expected = Buffer.from(texts.join(''))
        const kept = whimsical.kept.get('sql') ?? Buffer.alloc(0)
        expect(kept.equals(expected)).toBe(true)
        expect(ends).toEqual({ sql: { bytes: expected.length, sha256: sha(expected) } })
        await streams.stop()
      }),
      { numRuns: 40 },
    )
  })

  test('are masked, also where two pieces meet', async () => {
    whimsical.kept.clear()
    const streams = openStreams(folder)
    streams.open('sql').write("create user shop password 'hunter2")
    streams.open('sql').write("2-secret';\n")
    streams.end()
    await streams.drain(never)
    expect(whimsical.kept.get('sql')?.toString()).toBe("create user shop password '******';\n")
    await streams.stop()
  })

  test('more than fits is told and dropped, and the work goes on', async () => {
    whimsical.kept.clear()
    const streams = openStreams(folder, 1000)
    streams.open('sql').write('x'.repeat(900))
    streams.open('sql').write('y'.repeat(200))
    streams.open('sql').write('z')
    expect(streams.end()).toMatchObject({ sql: { bytes: 900 } })
    await streams.drain(never)
    expect(whimsical.kept.get('sql')?.toString()).toBe('x'.repeat(900))
    expect(said).toEqual(['The result sql is kept up to 900 bytes; what comes after does not fit into 1000'])
    await streams.stop()
  })

  test('what the manager lost at the very end is sent again', async () => {
    whimsical.kept.clear()
    const streams = openStreams(folder)
    streams.open('snapshot').write('abcdef')
    streams.end()
    await streams.drain(never)
    whimsical.kept.set('snapshot', Buffer.from('abc'))
    streams.rewind('snapshot', 3)
    await streams.drain(never)
    expect(whimsical.kept.get('snapshot')?.toString()).toBe('abcdef')
    expect(readdirSync(folder)).toEqual(['stream-snapshot-000000000000000'])
    await streams.stop()
  })
})
