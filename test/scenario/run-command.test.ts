// `sluice run` against a manager behind a real socket: what it prints, and the exit code that a CI job sees.
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { run } from '#cli/main'
import type { Terminal } from '#cli/terminal'
import type { Store } from '#manager/store/port'
import { newPlace, openPlace, type TestPlace } from '../store/store.ts'
import { Story } from './release-world.ts'

const yaml = `pipeline:
  identifier: release_shop
  name: Release shop
  variables:
    - { name: stage, type: String, value: "<+input>.allowedValues(dev,prod)" }
  stages:
    - stage:
        identifier: one
        name: One
        type: Custom
        spec:
          execution:
            steps:
              - step:
                  identifier: apply
                  name: Apply
                  type: DBSchemaApply
                  spec: { dbSchema: shop, dbInstance: "shop_<+pipeline.variables.stage>" }
`
let place: TestPlace
let store: Store
let story: Story
let key: string
let url: string
let server: ReturnType<typeof createAdaptorServer>
beforeAll(async () => {
  place = await newPlace('embedded')
  store = await openPlace(place)
})
afterAll(async () => {
  await store.close()
  await place.remove()
})
beforeEach(async () => {
  story = await Story.begin(store, yaml)
  const dana = await story.manager.as('Ada')
  key = (await dana.createApiKey({ body: { identifier: `ci_${story.here.org.slice(-12)}` } })).value
  server = createAdaptorServer({ fetch: story.manager.app.fetch })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return async () => {
    await new Promise((resolve) => server.close(resolve))
  }
})

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}
/** Runs the command as a CI job does; `meanwhile` is done until it ends. */
const sluice = (args: readonly string[], meanwhile: () => Promise<unknown>, stop?: AbortSignal): Promise<Ran> =>
  command(['run', 'release_shop', ...args], meanwhile, stop)
async function command(args: readonly string[], meanwhile: () => Promise<unknown>, stop?: AbortSignal): Promise<Ran> {
  const [out, err]: string[][] = [[], []]
  const controller = new AbortController()
  const terminal: Terminal = {
    out: (text) => void out?.push(text),
    err: (text) => void err?.push(text),
    live: undefined,
    color: false,
    environment: { SLUICE_MANAGER_URL: url, SLUICE_API_KEY: key },
    folder: '.',
    signal: stop ?? controller.signal,
    clock: () => 0,
  }
  const before = process.exitCode
  process.exitCode = undefined
  const over = new AbortController()
  const flags = ['--org', story.here.org, '--project', story.here.project]
  const ran = run([...args, ...flags], terminal).finally(() => over.abort())
  while (!over.signal.aborted) {
    await meanwhile()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const code = await ran
  process.exitCode = before
  return { code, out: out?.join('\n') ?? '', err: err?.join('\n') ?? '' }
}
const work = () => story.delegate.workAll()
const dev = ['--input', 'variables.stage.value=dev']

test('without --wait it prints the id of the run and is done', async () => {
  const { code, out } = await sluice(dev, async () => {})
  expect(code).toBe(0)
  expect((await story.read(out)).status).toBe('Running')
})

test('with --wait it follows the run: 0 when it went well, 1 when not', async () => {
  const good = await sluice([...dev, '--wait', '--no-logs'], work)
  expect([good.code, good.out]).toEqual([0, 'release_shop 1 ended: Success'])
  expect(good.err).toContain('one.apply: Success')
  story.delegate.failing.add('shop_prod/c2')
  const bad = await sluice(['--input', 'variables.stage.value=prod', '--wait', '--no-logs', '--format', 'json'], work)
  expect(bad.code).toBe(1)
  expect(JSON.parse(bad.out)).toMatchObject({ number: 2, status: 'Failed' })
  expect(bad.err).toMatch(/one\.apply: Failed/)
  expect(bad.err).toContain('[change-set-failed]')
})

test('what is wrong is said, with the exit code of wrong usage', async () => {
  const missing = await sluice(['--wait'], async () => {})
  expect(missing.code).toBe(2)
  expect(missing.err).toContain('The input variables.stage.value was not given and has no default.')
  const wrong = await sluice(['--input', 'dev'], async () => {})
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('is not of the form path=value')])
  key = 'pat.made.up.key'
  expect((await sluice(dev, async () => {})).code).toBe(2)
})

test('told to stop, it leaves the run alone or takes it along, as asked', async () => {
  const stopAt = async (args: readonly string[]) => {
    const stop = new AbortController()
    const ran = await sluice(
      [...dev, '--wait', ...args],
      async () => {
        const { rows } = await (await story.manager.as('Dana')).listExecutions({ params: story.here })
        if (rows.length > 0) stop.abort()
      },
      stop.signal,
    )
    const { rows } = await (await story.manager.as('Dana')).listExecutions({ params: story.here })
    return [ran.code, rows[0]?.status]
  }
  expect(await stopAt([])).toEqual([130, 'Running'])
  expect((await stopAt(['--abort-on-signal']))[0]).toBe(130)
  const { rows } = await (await story.manager.as('Dana')).listExecutions({ params: story.here })
  expect(rows.map((row) => row.status)).toContain('Aborted')
})

test('sluice give has a step go on that asks for a value', async () => {
  const dana = await story.manager.as('Dana')
  const pipeline_yaml = `pipeline:
  identifier: asks
  name: Asks
  stages:
    - stage:
        identifier: one
        name: One
        type: Custom
        spec:
          execution:
            steps:
              - step:
                  identifier: apply
                  name: Apply
                  type: DBSchemaApply
                  spec: { dbSchema: shop, dbInstance: shop_dev, tag: "<+input>.regex(v[0-9]).executionInput()" }
`
  await dana.createPipeline({ params: story.here, body: { identifier: 'asks', name: 'Asks', pipeline_yaml } })
  const started = await dana.executePipeline({ params: { ...story.here, pipeline: 'asks' }, body: {} })
  const { execution_id: execution } = started.execution_details
  const give = (value: string) =>
    command(['give', execution, '--node', 'one.apply', '--input', `spec.tag=${value}`], async () => {})
  const wrong = await give('latest')
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('it does not match v[0-9]')])
  expect(await give('v7')).toMatchObject({ code: 0, out: 'The step one.apply has its inputs' })
  await work()
  expect((await story.read(execution)).status).toBe('Success')
})

test('sluice retry goes on where a run failed', async () => {
  story.delegate.failing.add('shop_dev/c2')
  const failed = await sluice([...dev, '--wait', '--no-logs', '--format', 'json'], work)
  expect(failed.code).toBe(1)
  story.delegate.failing.clear()
  const { execution } = JSON.parse(failed.out) as { execution: string }
  const again = await command(['retry', execution, '--wait', '--no-logs'], work)
  expect([again.code, again.out]).toEqual([0, 'release_shop 2 ended: Success'])
  const nothing = await command(['retry', execution, '--stage', 'two'], async () => {})
  expect([nothing.code, nothing.err]).toEqual([2, expect.stringContaining('it has no stage two')])
})

test('sluice resend says how many are sent again, and when there is nothing to send', async () => {
  const { out } = await sluice(dev, async () => {})
  const execution = out.trim()
  const nothing = await command(['resend', execution], async () => {})
  expect([nothing.code, nothing.err]).toEqual([1, expect.stringContaining('Nothing that a Git host was to be told')])
  await sql`insert into git_report (project_id, target, kind, execution_id, provider, connector, repository, commit, state)
    select project_id, ${`status ${execution}`}, 'status', id, 'Github', 'host', 'r', 'c', 'dead'
    from execution where id = ${execution}`.execute(store.db)
  expect(await command(['resend', execution], async () => {})).toMatchObject({
    code: 0,
    out: expect.stringContaining('1 message to the Git host will be sent again.'),
  })
})
