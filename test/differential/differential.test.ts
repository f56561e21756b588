// Generated changelogs through the original engine and through Sluice: 20 for each database, more in the long form. Needs a JDK 17
// (Debian: openjdk-17-jdk-headless; a JRE cannot compile the driver) and npm's registry for the original engine.
import { describe, expect, test } from 'vitest'
import { runLane } from './lane.ts'
import { prepareLiquibase } from './liquibase.ts'
import { servers } from './servers.ts'

const isLong = process.env['SLUICE_LONG'] === '1'
/** The seeds that are known to agree; docs/reference/differential.md names the first ones beyond that do not. */
const longCounts: Readonly<Record<string, number>> = { sqlite: 120, postgresql: 150, mariadb: 42 }
const countFor = (name: string): number => (isLong ? (longCounts[name] ?? 20) : 20)
/** The same every time: who broke something shall not have to ask whether it was luck. */
const seed = 1
/** Milliseconds; a slow machine compares fewer, and says how many. */
const patience = isLong ? 360_000 : 40_000

const prepared = prepareLiquibase()
const { present, missing } = servers()
for (const [name, needs] of missing) console.warn(`NOT RUN: "differential" on ${name}: ${needs}.`)

if ('missing' in prepared) {
  console.warn(`NOT RUN: "differential": ${prepared.missing} is not there.`)
  test.skip(`generated changelogs need ${prepared.missing}`, () => {})
} else {
  describe.concurrent('generated changelogs', () => {
    test.for(present.map((server) => server.name))(
      'leave the same on %s as with the original engine',
      { timeout: patience + 240_000 },
      async (name) => {
        const server = present.find((one) => one.name === name)
        if (server === undefined) throw new Error(name)
        const { classPath } = prepared
        const count = countFor(name)
        const say = (line: string): void => console.log(line)
        const outcome = await runLane(server, {
          seed,
          count,
          classPath,
          patience,
          shrinks: true,
          keeps: false,
          most: 2,
          say,
        })
        const { compared, changeSets, failedInBoth, unrepeated, took } = outcome
        console.log(
          `${name}: ${compared} of ${count} changelogs from seed ${seed}, ${changeSets} change sets, ${failedInBoth} fail in both, ${took} ms`,
        )
        expect(outcome.reports).toEqual([])
        // One in a hundred may be luck, such as a second that ends between two commands.
        expect(unrepeated).toBeLessThan(2 + compared / 100)
        // Changelogs that nobody can run prove nothing.
        expect(failedInBoth).toBeLessThan(compared / 5)
        expect(changeSets).toBeGreaterThan(compared * 3)
      },
    )
  })
}
