// The hold of a lease against real connections: behind a proxy that cuts each of them, before or in the middle of the answer.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, createServer as createProxy, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type Clock, systemClock } from '#contract/delegate/repeat'
import type { Fault } from '#contract/fault'
import { holdLease } from './hold.ts'

const ending: (() => void)[] = []
afterEach(() => {
  for (const end of ending.splice(0)) end()
})

type Answer = { readonly status: number; readonly body: unknown }
const renewed: Answer = { status: 200, body: { lockedUntil: 1 } }
const refused = (code: string): Answer => ({
  status: 409,
  body: { status: 'ERROR', code, message: 'no', hint: 'none', correlationId: 'c', responseMessages: [] },
})

/** Answers as it is told, the last answer for ever; each renewal that arrives is counted. */
async function startManager(...answers: readonly Answer[]) {
  let renewals = 0
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const { status, body } = answers[Math.min(renewals, answers.length - 1)] ?? renewed
      renewals += 1
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  ending.push(() => server.close().closeAllConnections())
  return { port: (server.address() as AddressInfo).port, renewals: () => renewals }
}

/** Lets a connection through as long as `passes` says for its number; cuts it when the answer begins, or before the request arrives. */
async function startCuttingProxy(to: number, passes: (connection: number) => 'all' | 'request' | 'nothing') {
  let connections = 0
  const sockets = new Set<Socket>()
  const server = createProxy((inward) => {
    connections += 1
    const way = passes(connections)
    const outward = connect(to, '127.0.0.1')
    const cut = (): void => {
      inward.destroy()
      outward.destroy()
    }
    for (const socket of [inward, outward]) {
      sockets.add(socket)
      socket.on('error', cut)
      socket.on('close', cut)
    }
    if (way === 'nothing') inward.once('data', cut)
    else inward.pipe(outward)
    if (way === 'request') outward.once('data', cut)
    if (way !== 'all') return
    outward.pipe(inward)
    // Cut as soon as it is idle, as a proxy with a short patience does.
    outward.on('data', () => setTimeout(cut, 20))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  ending.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Sleeps that are over soon, counted in the seconds that they stand for. */
function fastClock(): { readonly clock: Clock; readonly seconds: () => number } {
  let slept = 0
  const sleep = async (milliseconds: number): Promise<void> => {
    slept += milliseconds / 1000
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  return { clock: { ...systemClock, sleep }, seconds: () => slept }
}

interface Heard {
  readonly cancels: string[]
  readonly lost: Fault[]
}
async function hold(managerUrl: string, until: (heard: Heard) => boolean) {
  const { clock, seconds } = fastClock()
  const stopping = new AbortController()
  const heard: Heard = { cancels: [], lost: [] }
  const holding = holdLease(
    {
      managerUrl,
      attempt: 'a',
      attemptToken: 't',
      fence: '3',
      clock,
      onCancel: (reason) => void heard.cancels.push(reason),
      onLost: (fault) => void heard.lost.push(fault),
    },
    stopping.signal,
  )
  await expect.poll(() => until(heard), { timeout: 10_000, interval: 10 }).toBe(true)
  stopping.abort()
  await holding
  return { ...heard, seconds: seconds() }
}

test('renewals arrive although every connection is cut, some of them before or during the answer', async () => {
  const manager = await startManager(renewed)
  const ways = ['all', 'request', 'nothing'] as const
  const url = await startCuttingProxy(manager.port, (connection) => ways[connection % 3] ?? 'all')
  const { cancels, lost, seconds } = await hold(url, () => manager.renewals() >= 8)
  expect({ cancels, lost }).toEqual({ cancels: [], lost: [] })
  // Two of three arrive: the 45 seconds of a lease are never over between two of them.
  expect(seconds / manager.renewals()).toBeLessThan(22)
})

test('a cancel is told once, however often its answer is lost or comes again', async () => {
  const cancelled: Answer = { status: 200, body: { lockedUntil: 1, cancel: { graceSeconds: 5, reason: 'enough' } } }
  const manager = await startManager(renewed, cancelled)
  const url = await startCuttingProxy(manager.port, (connection) => (connection % 2 === 0 ? 'request' : 'all'))
  const { cancels, lost } = await hold(url, () => manager.renewals() >= 7)
  expect({ cancels, lost }).toEqual({ cancels: ['enough'], lost: [] })
})

test('an attempt that is another’s by now is let go, with the word of the manager and not that of a cut', async () => {
  const manager = await startManager(renewed, refused('stale-fence'))
  const url = await startCuttingProxy(manager.port, (connection) => (connection <= 4 ? 'request' : 'all'))
  const { lost } = await hold(url, ({ lost: told }) => told.length > 0)
  expect(lost.map(({ code }) => code)).toEqual(['stale-fence'])
  const seen = manager.renewals()
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(manager.renewals()).toBe(seen)
})
