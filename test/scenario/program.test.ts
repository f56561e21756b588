// Scripts and requests in a whole run: a manager, a delegate that starts real processes, values from one step to the next.
import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runSecret } from '#contract/delegate/run-secret'
import { isFinal } from '#contract/pipeline/status'
import type { RootKeys } from '#manager/secret/envelope'
import { rewrapSecrets } from '#manager/secret/rewrap'
import { openRunSecret } from '#manager/secret/run-secret'
import { here, openRealWorld, processRunner, type RealWorld } from './real-world.ts'

let world: RealWorld
let server: Server
const heard: { readonly url: string; readonly authorization: string | undefined; readonly body: string }[] = []

beforeAll(async () => {
  world = await openRealWorld({ passwords: { token: 'tok-1234567' } })
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => (body += part.toString()))
    request.on('end', () => {
      heard.push({ url: request.url ?? '', authorization: request.headers.authorization, body })
      response.writeHead(201, { 'content-type': 'application/json' }).end('{"ticket": "OPS-7", "echo": "tok-1234567"}')
    })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
})
afterAll(async () => {
  server.close()
  await world.close()
})

const environment = { ...process.env, SLUICE_ALLOW_SCRIPTS: 'true' }
const checks = { hasDriver: async () => true }
const allowing = { runner: processRunner(environment), environment, checks }

async function logOf(execution: string, node: string): Promise<string> {
  const { nodes } = await world.client.getExecution({ params: { ...here, execution } })
  const attempt = nodes.find(({ id }) => id === node)?.attempt ?? ''
  return (await world.client.getLog({ params: { ...here, execution, attempt }, query: {} })).text
}

describe('scripts and requests', { timeout: 60_000 }, () => {
  test('give values to each other, and secrets to nobody', async () => {
    await world.delegate('able', await world.token(), allowing)
    const { port } = server.address() as AddressInfo
    const execution = await world.runSteps(`- step:
    identifier: build
    name: Build
    type: ShellScript
    spec:
      shell: Bash
      source: { type: Inline, spec: { script: 'echo "the token is $TOKEN"; version=1.$RUN' } }
      environmentVariables:
        - { name: RUN, type: Number, value: <+pipeline.sequenceId> }
        - { name: TOKEN, type: Secret, value: token }
      outputVariables: [{ name: version, type: String, value: version }]
- step:
    identifier: announce
    name: Announce
    type: Http
    spec:
      url: http://127.0.0.1:${port}/releases/<+steps.build.output.outputVariables.version>
      method: POST
      headers: [{ key: authorization, value: Bearer <+secrets.getValue("token")> }]
      requestBody: '{"run": <+pipeline.sequenceId>}'
      assertion: <+httpResponseCode> == 201
      outputVariables: [{ name: ticket, value: '<+json.select("ticket", httpResponseBody)>' }]
- step:
    identifier: read
    name: Read
    type: Run
    spec: { shell: Sh, command: 'echo "ticket <+steps.announce.output.outputVariables.ticket>"' }`)
    const run = await world.until(execution, ({ status }) => isFinal(status))
    expect(run.nodes.map(({ identifier, status, fault }) => [identifier, status, fault?.message])).toEqual([
      ['s', 'Success', undefined],
      ['build', 'Success', undefined],
      ['announce', 'Success', undefined],
      ['read', 'Success', undefined],
    ])
    expect(heard).toEqual([{ url: '/releases/1.1', authorization: 'Bearer tok-1234567', body: '{"run": 1}' }])
    expect(await logOf(execution, 's.build')).toMatch(/the token is \*+/)
    expect(await logOf(execution, 's.read')).toContain('ticket OPS-7')
    expect(JSON.stringify(run)).not.toContain('tok-1234567')
  })

  test('a secret output is read by later scripts and shown to nobody', async () => {
    const made = 'made-by-a-script-4711'
    // The text of the script does not hold it.
    const execution = await world.runSteps(`- step:
    identifier: make
    name: Make
    type: Run
    spec:
      command: key=$(printf '%s-%s' made-by-a-script 4711)
      outputVariables: [{ name: key, type: Secret }]
- step:
    identifier: use
    name: Use
    type: Run
    spec:
      command: |
        echo "given $KEY"
        length=\${#KEY}
      envVariables: { KEY: <+steps.make.output.outputVariables.key> }
      outputVariables: [{ name: length }]`)
    const run = await world.until(execution, ({ status }) => isFinal(status))
    expect(run.nodes.map(({ identifier, status, fault }) => [identifier, status, fault?.message])).toEqual([
      ['s', 'Success', undefined],
      ['make', 'Success', undefined],
      ['use', 'Success', undefined],
    ])
    expect(run.nodes[1]?.output['outputVariables']).toEqual({ key: '******' })
    expect(run.nodes[2]?.output['outputVariables']).toEqual({ length: String(made.length) })
    expect(await logOf(execution, 's.use')).toContain('given ******')
    for (const table of ['execution', 'execution_node', 'attempt', 'event', 'run_secret']) {
      const { rows } = await sql<{
        row: string
      }>`select row_to_json(t)::text as row from ${sql.table(table)} t`.execute(world.store.db)
      expect(rows.length, table).toBeGreaterThan(0)
      expect(
        rows.filter(({ row }) => row.includes(made)),
        table,
      ).toEqual([])
    }
    // A new root key opens it, as it opens all other secrets.
    const { store, rootKeys } = world
    const rotated = { current: new Uint8Array(randomBytes(32)), older: [rootKeys.current] }
    const { signal } = new AbortController()
    await rewrapSecrets(store, rotated, randomBytes, signal)
    const open = (keys: RootKeys) =>
      store.transaction((tx) => openRunSecret(tx, keys, execution, runSecret('s.make', 'key')))
    expect(await open({ current: rotated.current, older: [] })).toBe(made)
    await expect(open(rootKeys)).rejects.toMatchObject({ code: 'secret-unresolved' })
    await rewrapSecrets(store, { current: rootKeys.current, older: [rotated.current] }, randomBytes, signal)
  })

  test('commands of the engine run on the database, with the changelog and without', async () => {
    const command = (identifier: string, spec: string): string => `- step:
    identifier: ${identifier}
    name: ${identifier}
    type: LiquibaseCommand
    spec: { dbSchema: shop, dbInstance: dev, ${spec} }`
    const execution = await world.runSteps(
      [
        command('status', 'command: status'),
        command('update', 'command: update'),
        command('label', 'command: tag, excludeChangeLogFile: true, settings: { tag: r<+pipeline.sequenceId> }'),
        command('look', 'command: tag-exists, excludeChangeLogFile: true, settings: { tag: r1 }'),
      ].join('\n'),
    )
    const run = await world.until(execution, ({ status }) => isFinal(status))
    const steps = run.nodes.slice(1)
    expect(steps.map(({ identifier, type, status, fault }) => [identifier, type, status, fault?.message])).toEqual([
      ['status', 'LiquibaseCommand', 'Success', undefined],
      ['update', 'DBSchemaApply', 'Success', undefined],
      ['label', 'LiquibaseCommand', 'Success', undefined],
      ['look', 'LiquibaseCommand', 'Success', undefined],
    ])
    expect(steps[0]?.output['result']).toMatch(/^[1-9]\d* change sets? ha(?:s|ve) not run\n/)
    expect(steps[3]?.output['result']).toBe('The tag r1 exists')
    expect(await logOf(execution, 's.look')).toContain('The tag r1 exists')
  })

  test('a script that fails, fails its step with its exit code', async () => {
    const execution = await world.runSteps(`- step:
    identifier: bad
    name: Bad
    type: Run
    spec: { command: exit 3 }`)
    const run = await world.until(execution, ({ status }) => isFinal(status))
    expect(run.nodes[1]).toMatchObject({ status: 'Failed', fault: { code: 'script-failed' } })
  })

  test('an abort ends the script', async () => {
    const execution = await world.runSteps(`- step:
    identifier: long
    name: Long
    type: Run
    spec: { command: sleep 600 }`)
    await world.until(execution, ({ nodes }) => nodes[1]?.status === 'Running')
    await world.client.abortExecution({ params: { ...here, execution }, body: {} })
    const run = await world.until(execution, ({ status }) => isFinal(status))
    expect(run.nodes[1]?.status).toBe('Aborted')
  })

  test('need a delegate whose administrator allows scripts', async () => {
    await world.dismiss()
    await world.delegate('careful', await world.token(), { runner: processRunner(), checks })
    const execution = await world.runSteps(`- step:
    identifier: one
    name: One
    type: Run
    spec: { command: 'true' }`)
    const run = await world.until(execution, ({ status }) => isFinal(status))
    expect(run.nodes[1]).toMatchObject({ status: 'Failed', fault: { code: 'no-delegate' } })
    expect(run.nodes[1]?.fault?.message).toContain('--allow-scripts')
  })
})
