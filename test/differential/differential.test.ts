// Generated changelogs through the original engine and through Sluice: 20 for each database, more in the long form. Needs a JDK 17
// (Debian: openjdk-17-jdk-headless; a JRE cannot compile the driver) and npm's registry for the original engine.
import { spawnSync } from 'node:child_process'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Outcome, runLane } from './lane.ts'
import { prepareLiquibase } from './liquibase.ts'
import type { Server } from './peer/place.ts'
import { runProcess } from './process.ts'
import { servers } from './servers.ts'

const isLong = process.env['SLUICE_LONG'] === '1'
/** As many as have been compared and agree. */
const longCounts: Readonly<Record<string, number>> = { sqlite: 500, postgresql: 500, mariadb: 500 }
const countFor = (name: string): number => (isLong ? (longCounts[name] ?? 20) : 20)
/** The same every time: who broke something shall not have to ask whether it was luck. */
const seed = 1
/** Stop after so many that differ. */
const most = isLong ? 10 : 2

const prepared = prepareLiquibase()
const { present, missing } = servers()
for (const [name, needs] of missing) console.warn(`NOT RUN: "differential" on ${name}: ${needs}.`)

if ('missing' in prepared) {
  console.warn(`NOT RUN: "differential": ${prepared.missing} is not there.`)
  test.skip(`generated changelogs need ${prepared.missing}`, () => {})
} else {
  const { classPath } = prepared
  const say = (line: string): void => console.log(line)

  /** In the long form each database has a process of its own, which is what `npm run differential` runs. */
  async function compareOn(server: Server): Promise<Outcome> {
    const count = countFor(server.name)
    if (!isLong) return await runLane(server, { seed, count, classPath, shrinks: true, keeps: false, most, say })
    const words = { database: server.name, seed, count, most }
    return await runProcess(
      'dist-differential/test/differential/main.js',
      Object.entries(words).flatMap(([name, value]) => [`--${name}`, String(value)]),
    )
  }

  describe.concurrent('generated changelogs', () => {
    beforeAll(() => {
      if (!isLong) return
      const { status } = spawnSync(process.execPath, ['scripts/compile-differential.mjs'], { stdio: 'inherit' })
      expect(status).toBe(0)
    })

    test.for(present.map((server) => server.name))(
      'leave the same on %s as with the original engine',
      { timeout: isLong ? 3_600_000 : 280_000 },
      async (name) => {
        const server = present.find((one) => one.name === name)
        if (server === undefined) throw new Error(name)
        const { compared, changeSets, failedInBoth, unrepeated, took, reports } = await compareOn(server)
        say(
          `${name}: ${compared} changelogs from seed ${seed}, ${changeSets} change sets, ${failedInBoth} fail in both, ${took} ms`,
        )
        expect(reports).toEqual([])
        expect(compared).toBe(countFor(name))
        // One in a hundred may be luck, such as a second that ends between two commands.
        expect(unrepeated).toBeLessThan(2 + compared / 100)
        // Changelogs that nobody can run prove nothing.
        expect(failedInBoth).toBeLessThan(compared / 5)
        expect(changeSets).toBeGreaterThan(compared * 3)
      },
    )
  })
}
