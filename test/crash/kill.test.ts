// kill -9 of manager, delegate and step at random points of an apply: nothing acknowledged is lost, no change set runs twice,
// and every run ends in a state that tells the truth.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { changeSetCount } from './changelog.ts'
import { killAll, stepProcesses } from './program.ts'
import { randomFrom } from './random.ts'
import { embeddedTarget, serverTarget, type Target } from './target.ts'
import { until, World } from './world.ts'

const rounds = process.env['SLUICE_LONG'] ? 30 : 3
const seed = Number(process.env['SLUICE_SEED'] ?? Date.now() % 1_000_000)
const server = process.env['SLUICE_TEST_POSTGRES_URL']
/** Long rounds run on a real server where there is one; embedded targets start slower and serve the short form. */
const makeTarget = async (world: World): Promise<Target> =>
  server ? await serverTarget(server) : embeddedTarget(world.folder)

let world: World
/** Milliseconds from the start of a run to its end when nobody is killed. */
let undisturbed = 0
let count = 0

async function begin(): Promise<{ readonly name: string; readonly target: Target; readonly execution: string }> {
  count += 1
  const name = `round_${count}`
  const target = await makeTarget(world)
  await world.prepareRound(name, target.url, target.username, target.password)
  return { name, target, execution: await world.startRound(name) }
}

/** What must hold after every round, whoever was killed. */
async function expectTruth(name: string, target: Target, execution: string): Promise<void> {
  const run = await world.settle(execution)
  const { traces, history, locked } = await target.truth()
  const told = await world.statesOf(name)
  const context = `seed ${seed}, ${name}, run ${run.status}: ${JSON.stringify(run.nodes.map((node) => [node.id, node.status, node.statusReason, node.fault]))}`
  expect(
    [...traces.values()].filter((times) => times !== 1),
    `no change set ran twice; ${context}`,
  ).toEqual([])
  expect([...traces.keys()].map(String).toSorted(), `history tells what ran; ${context}`).toEqual(history.toSorted())
  const deployed = [...told].filter(([, status]) => status === 'Successfully_Deployed').map(([id]) => id)
  expect(deployed.toSorted(), `the manager tells what the database holds; ${context}`).toEqual(history.toSorted())
  // Every change set is transactional, so a lost attempt can always be resumed: the run must get there.
  expect(run.status, context).toBe('Success')
  expect(history.length, context).toBe(changeSetCount)
  expect(locked, `no lock stays; ${context}`).toBe(false)
}

describe(`killed at random points, ${rounds} rounds each, seed ${seed}`, () => {
  const random = randomFrom(seed)
  /** From just before the step starts to just after it would have ended. */
  const moment = (): number => random() * undisturbed * 1.1

  beforeAll(async () => {
    world = await World.open()
    const { name, target, execution } = await begin()
    const started = performance.now()
    await expectTruth(name, target, execution)
    undisturbed = performance.now() - started
  }, 120_000)
  afterAll(async () => await world.close())

  const after = async (milliseconds: number): Promise<void> =>
    await new Promise((resolve) => setTimeout(resolve, milliseconds))

  test(
    'the step',
    async () => {
      for (let round = 0; round < rounds; round += 1) {
        const { name, target, execution } = await begin()
        const delay = random() * undisturbed
        // A step that has not appeared yet, or has ended, is waited for or let go.
        await until(`the step of ${name} appears`, async () => {
          const run = await world.read(execution)
          return stepProcesses(world.delegateFolder).length > 0 || run.endedAt !== null ? true : undefined
        })
        await after(delay)
        killAll(stepProcesses(world.delegateFolder))
        await expectTruth(name, target, execution)
      }
    },
    rounds * 120_000,
  )

  test(
    'the delegate',
    async () => {
      for (let round = 0; round < rounds; round += 1) {
        const { name, target, execution } = await begin()
        await after(moment())
        await world.delegate.kill()
        world.delegate.start()
        await expectTruth(name, target, execution)
      }
    },
    rounds * 120_000,
  )

  test(
    'the manager',
    async () => {
      for (let round = 0; round < rounds; round += 1) {
        const { name, target, execution } = await begin()
        const written: string[] = []
        const stop = new AbortController()
        const writer = (async () => {
          for (let index = 0; !stop.signal.aborted; index += 1) {
            const organization = `ack_${count}_${index}`
            if (await world.acknowledge(organization)) written.push(organization)
            else await after(10)
          }
        })()
        await after(moment())
        await world.manager.kill()
        stop.abort()
        await writer
        world.manager.start()
        await world.reconnect()
        for (const organization of written)
          expect(await world.acknowledged(organization), `${organization} was acknowledged; seed ${seed}`).toBe(true)
        await expectTruth(name, target, execution)
      }
    },
    rounds * 120_000,
  )

  test('step and delegate together', async () => {
    const { name, target, execution } = await begin()
    await until(`the step of ${name} appears`, async () =>
      stepProcesses(world.delegateFolder).length > 0 ? true : undefined,
    )
    await after(random() * undisturbed * 0.5)
    await world.delegate.kill()
    killAll(stepProcesses(world.delegateFolder))
    world.delegate.start()
    await expectTruth(name, target, execution)
  }, 180_000)
})
