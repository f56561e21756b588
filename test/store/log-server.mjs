// A manager reduced to its log endpoints, in a process of its own, so that its memory can be measured. Uses the built files.
import { randomBytes, randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { protocolHandlers } from '#manager/delegate/protocol'
import { startServer } from '#manager/http/server'
import { createHub } from '#manager/live/hub'
import { liveHandlers } from '#manager/live/handlers'
import { openStore } from '#manager/store/open'

const location = JSON.parse(process.argv[2])
const store = await openStore({ location, migrate: async () => {} }, new AbortController().signal)
const hub = createHub(store)
const dependencies = {
  store,
  hub,
  observers: [],
  sealSecrets: async () => ({ sealed: [], places: [] }),
  random: randomBytes,
}
const caller = {
  actor: { type: 'user', name: 'test' },
  permissions: new Set(['pipeline.view']),
  grants: [{ permissions: new Set(['pipeline.view']), below: true }],
  principal: { kind: 'user', id: '1', email: 'test@example.org', name: 'test' },
  user: undefined,
  session: undefined,
  delegate: undefined,
  sourceAddress: '127.0.0.1',
}
const server = await startServer({
  handlers: { ...protocolHandlers(dependencies), ...liveHandlers(dependencies) },
  authenticate: async (_, __, params) => ({ ...caller, attempt: { id: params.attempt } }),
  log: pino({ level: 'silent' }),
  version: '0',
  createId: randomUUID,
  host: '127.0.0.1',
  port: 0,
})
let peak = 0
const megabytes = () => process.memoryUsage().rss / 1_048_576
setInterval(() => {
  peak = Math.max(peak, megabytes())
}, 20)
process.on('message', () => {
  globalThis.gc()
  const now = megabytes()
  process.send({ now, peak: Math.max(peak, now), use: process.memoryUsage() })
  peak = 0
})
process.send({ url: server.url })
