// A request of a step goes out from the delegate's network, but never to where machines get their credentials.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { createMasking } from '../log/mask.ts'
import { sendRequest } from './http.ts'

const send = (url: string, environment: Readonly<Record<string, string>> = {}) => {
  const lines: string[] = []
  const line = (text: string): void => void lines.push(text)
  return sendRequest({
    work: { type: 'Http', method: 'GET', url: [url], headers: [] },
    document: { folder: '/nowhere', secrets: {}, files: {} },
    line,
    channel: { line, write: line, end: () => {} },
    masking: createMasking([]),
    outbox: { payload: () => {} },
    environment,
    begin: async () => {},
    signal: AbortSignal.timeout(20_000),
  })
}

test.each(['http://169.254.169.254/latest', 'http://[::ffff:169.254.169.254]/', 'http://100.100.100.200/'])(
  '%s is refused before anything is sent',
  async (url) => {
    await expect(send(url)).rejects.toMatchObject({ code: 'forbidden', hint: expect.stringContaining('secret') })
  },
)

test('an inner address answers, by number and by name', async () => {
  const server = createServer((_, answer) => answer.end('reached')).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  try {
    for (const host of ['127.0.0.1', 'localhost'])
      expect((await send(`http://${host}:${port}/`)).output).toMatchObject({
        httpResponseCode: 200,
        httpResponseBody: 'reached',
      })
  } finally {
    server.close()
  }
})
