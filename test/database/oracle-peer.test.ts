// The driver of Oracle against hosts where no database answers. No server of Oracle is here: what only that could show is listed
// as not verified in docs/reference/databases.md.
import { createServer, type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { Fault } from '#contract/fault'
import { openDatabase } from '#database/open'
import { RefusingListener } from './peer/tns.ts'

const open = async (url: string, signal?: AbortSignal): Promise<unknown> =>
  await openDatabase({ url, username: 'scott', password: 'Tiger-1', connectTimeout: 2000 }, signal)

test.each([
  [12_514, 'service'],
  [12_505, 'ORCL'],
])('a listener that refuses with %i', async (code, name) => {
  const listener = new RefusingListener(code)
  const port = await listener.listen()
  const url =
    code === 12_505 ? `jdbc:oracle:thin:@127.0.0.1:${port}:${name}` : `jdbc:oracle:thin:@//127.0.0.1:${port}/${name}`
  try {
    await expect(open(url)).rejects.toMatchObject({
      code: 'database-not-found',
      message: expect.stringContaining(`the listener at 127.0.0.1:${port} does not offer "${name}"`) as string,
    })
  } finally {
    await listener.close()
  }
})

test('nothing listens', async () => {
  const free = createServer()
  await new Promise<void>((resolve) => {
    free.listen(0, '127.0.0.1', resolve)
  })
  const { port } = free.address() as AddressInfo
  await new Promise((resolve) => {
    free.close(resolve)
  })
  await expect(open(`jdbc:oracle:thin:@//127.0.0.1:${port}/shop`)).rejects.toMatchObject({
    code: 'database-unreachable',
    message: `nothing answers at 127.0.0.1:${port}`,
  })
})

test('a host that nobody knows', async () => {
  await expect(open('jdbc:oracle:thin:@//no-such-host.invalid/shop')).rejects.toMatchObject({
    code: 'database-unreachable',
    message: 'the host "no-such-host.invalid" is not known',
  })
})

test('a server that says nothing is given up, and who cancels does not wait for that', async () => {
  const silent = createServer(() => {})
  await new Promise<void>((resolve) => {
    silent.listen(0, '127.0.0.1', resolve)
  })
  const { port } = silent.address() as AddressInfo
  const url = `jdbc:oracle:thin:@//127.0.0.1:${port}/shop`
  const controller = new AbortController()
  setTimeout(() => controller.abort(new Fault('cancelled', 'enough')), 50)
  await expect(open(url, controller.signal)).rejects.toMatchObject({ code: 'cancelled', message: 'enough' })
  await expect(open(url)).rejects.toMatchObject({ code: 'database-unreachable' })
  silent.close()
})

test('no user', async () => {
  await expect(
    openDatabase({ url: 'jdbc:oracle:thin:@//127.0.0.1/shop', username: undefined, password: undefined }),
  ).rejects.toMatchObject({ code: 'database-authentication' })
})
