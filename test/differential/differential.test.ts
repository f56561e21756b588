// Generated changelogs through the original engine and through Sluice: 20 for each database, 500 in the long form. Needs a JDK 17
// (Debian: openjdk-17-jdk-headless; a JRE cannot compile the driver) and npm's registry for the original engine.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runLane } from './lane.ts'
import { prepareLiquibase } from './liquibase.ts'
import { servers } from './servers.ts'

const isLong = process.env['SLUICE_LONG'] === '1'
const count = isLong ? 500 : 20
/** The short form repeats itself; the long form looks at other changelogs on every day. */
const seed = isLong ? Math.floor(Date.now() / 86_400_000) * 1000 : 1

const prepared = prepareLiquibase()
const { present, missing } = servers()
for (const [name, needs] of missing) console.warn(`NOT RUN: "differential" on ${name}: ${needs}.`)

let zone: string | undefined
beforeAll(() => {
  zone = process.env['TZ']
  process.env['TZ'] = 'UTC'
})
afterAll(() => {
  if (zone !== undefined) process.env['TZ'] = zone
})

if ('missing' in prepared) {
  console.warn(`NOT RUN: "differential": ${prepared.missing} is not there.`)
  test.skip(`generated changelogs need ${prepared.missing}`, () => {})
} else {
  describe.concurrent('generated changelogs', () => {
    test.for(present.map((server) => server.name))(
      'leave the same on %s as with the original engine',
      { timeout: isLong ? 600_000 : 120_000 },
      async (name) => {
        const server = present.find((one) => one.name === name)
        if (server === undefined) throw new Error(name)
        const { classPath } = prepared
        const say = (line: string): void => console.log(line)
        const outcome = await runLane(server, { seed, count, classPath, shrinks: true, keeps: false, most: 3, say })
        const { compared, changeSets, failedInBoth, took } = outcome
        console.log(
          `${name}: ${compared} changelogs from seed ${seed}, ${changeSets} change sets, ${failedInBoth} fail in both, ${took} ms`,
        )
        expect(outcome.reports).toEqual([])
        // Changelogs that nobody can run prove nothing.
        expect(failedInBoth).toBeLessThan(compared / 5)
        expect(changeSets).toBeGreaterThan(compared * 3)
      },
    )
  })
}
