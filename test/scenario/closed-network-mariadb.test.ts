// A real MariaDB with a certificate of the company, reached by a step of a delegate that has the authority, and not by one without.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createProcessRunner } from '#delegate/runner/process'
import { hasMariadb, type MariadbServer, startMariadb } from './mariadb-server.ts'
import { createWorld, program, type StepWorld, tables } from './step-world.ts'

const isThere = hasMariadb()
if (!isThere) console.warn('NOT RUN: "a MariaDB with the company\'s certificate". Debian has it in mariadb-server.')

describe.skipIf(!isThere)('a MariaDB with the company’s certificate', { timeout: 90_000 }, () => {
  let world: StepWorld
  let server: MariadbServer
  beforeAll(async () => {
    world = await createWorld()
    world.commit({ 'changelog.sql': tables('alpha') })
    server = await startMariadb()
  }, 90_000)
  afterAll(async () => {
    server?.close()
    await world?.close()
  })

  test.each([
    ['untrusted', 'localhost', false, /certificate/],
    ['an-address', '127.0.0.1', true, /cannot check the certificate of an address/],
    ['trusted', 'localhost', true, undefined],
  ] as const)('%s', async (attempt, host, isTrusted, refusal) => {
    const connection = {
      url: `jdbc:mariadb://${host}:${server.port}/shop?sslMode=VERIFY_IDENTITY`,
      username: 'closed',
      passwordRef: 'db',
    }
    const trusted = isTrusted ? { NODE_EXTRA_CA_CERTS: server.authority.caFile } : {}
    const runner = createProcessRunner({
      command: [process.execPath, program, 'step'],
      environment: { PATH: process.env['PATH'], ...trusted },
      watchInterval: 50,
    })
    const delegate = await world.startDelegate({ runner, directory: `${world.folder}/${attempt}` })
    const run = await world.run(world.spec(attempt, { type: 'DBSchemaApply', connection }), { db: server.password })
    await delegate.drain(10_000)
    if (refusal === undefined) expect(run.finish, run.log.toString()).toMatchObject({ outcome: 'success' })
    else expect(run.finish?.fault?.message).toMatch(refusal)
  })
})
