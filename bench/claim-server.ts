// The server of the claim bench: queue, delegate protocol and HTTP as in the manager, without pipelines that react to attempts.
import { randomBytes, randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { migrateStore } from '#cli/process/store-migration'
import { createAuthenticate } from '#manager/access/authenticate'
import { protocolHandlers } from '#manager/delegate/protocol'
import { startServer } from '#manager/http/server'
import { createHub } from '#manager/live/hub'
import { openStore } from '#manager/store/open'

const url = process.env['SLUICE_BENCH_STORE'] ?? ''
const store = await openStore(
  { location: { kind: 'postgresql', url }, migrate: migrateStore(() => {}) },
  new AbortController().signal,
)
const server = await startServer({
  handlers: protocolHandlers({
    store,
    hub: createHub(store),
    observers: [],
    sealSecrets: async () => [],
    random: randomBytes,
  }),
  authenticate: createAuthenticate(store),
  log: pino({ level: 'warn' }),
  version: '0',
  createId: randomUUID,
  host: '127.0.0.1',
  port: 0,
})
process.send?.({ url: server.url })
process.on('disconnect', () => process.exit(0))
