// Programs of several versions on one store: the next one may go ahead when it says so, and an older one touches nothing else.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { migrateStore, type StoreProgram } from '#cli/process/store-migration'
import { type MigrationSession, storeChangelogFolder } from '#manager/store/migration'
import { openStore } from '#manager/store/open'
import { storeSchema } from '#manager/store/schema'
import { newPlace, sayWhatIsMissing, storeKinds, type TestPlace } from './store.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-version-'))
const { number } = storeSchema
const current: StoreProgram = { folder: storeChangelogFolder, schema: storeSchema, version: '1.0.0' }

/** A program that comes `ahead` versions after this one, each with a file of its own in the changelog. */
function later(ahead: number, oldest: number): StoreProgram {
  const program = { folder: join(folder, `${ahead}-${oldest}`), schema: { number: number + ahead, oldest } }
  cpSync(storeChangelogFolder, program.folder, { recursive: true })
  for (let step = 1; step <= ahead; step += 1)
    writeFileSync(
      join(program.folder, `900${step}-later.sql`),
      `-- liquibase formatted sql\n\n-- changeset sluice:900${step}-later\nalter table account add later_${step} text;\n`,
    )
  return { ...program, version: `${ahead + 1}.0.0` }
}

/** As a store is that this version has made; what later ones did is taken back. */
async function reset(session: MigrationSession): Promise<void> {
  await session.execute(`delete from databasechangelog where filename like '900%'`)
  for (const step of [1, 2]) await session.execute(`alter table account drop column if exists later_${step}`)
  await run(session, current)
}

/** What a program must not have changed that was refused. */
async function stateOf(session: MigrationSession): Promise<unknown> {
  const { rows: schema } = await session.execute('select * from store_schema')
  const { rows: history } = await session.execute('select * from databasechangelog order by orderexecuted')
  return { schema, history }
}

let lines: string[] = []
async function run(session: MigrationSession, program: StoreProgram): Promise<void> {
  lines = []
  await migrateStore((line) => void lines.push(line), program)(session)
}

const refusedCases: readonly (readonly [string, StoreProgram, string])[] = [
  ['one version ahead that does not allow it', later(1, number + 1), 'Sluice 2.0.0'],
  ['two versions ahead', later(2, number), 'Sluice 3.0.0'],
  ['another build of the same version', { ...later(1, number), schema: storeSchema }, 'Sluice 2.0.0'],
]

afterAll(() => rmSync(folder, { recursive: true }))

sayWhatIsMissing('programs of several versions on one store')
describe.each(storeKinds)('on %s', (kind) => {
  let place: TestPlace
  /** One session that lasts for a test: opening the embedded store takes much longer than all that is done here. */
  const inSession = async (work: (session: MigrationSession) => Promise<void>): Promise<void> => {
    const store = await openStore({ location: place.location, migrate: work }, AbortSignal.timeout(60_000))
    await store.close()
  }
  beforeAll(async () => {
    place = await newPlace(kind)
  })
  afterAll(() => place.remove())

  test('a newer one is used when it is the next and allows it; all else is refused and left alone', async () => {
    await inSession(async (session) => {
      await run(session, current)
      await run(session, later(1, number))
      const allowed = await stateOf(session)
      await run(session, current)
      expect(lines.join('\n')).toContain('migrated by Sluice 2.0.0, which lets Sluice 1.0.0 work on it')
      expect(await stateOf(session)).toEqual(allowed)

      for (const [name, program, maker] of refusedCases) {
        await session.execute('delete from store_schema')
        await reset(session)
        await run(session, program)
        const before = await stateOf(session)
        const refused = await run(session, current).catch((error: unknown) => error)
        expect(refused, name).toMatchObject({
          code: 'store-newer',
          message: expect.stringContaining(`was last migrated by ${maker} (schema ${program.schema.number})`),
          hint: expect.stringContaining(`Start ${maker} or a newer one`),
        })
        expect((refused as Error).message, name).toContain('9001-later.sql')
        expect(await stateOf(session), name).toEqual(before)
        await run(session, program)
      }

      // The newer one was killed before it wrote its row.
      await session.execute('delete from store_schema')
      await expect(run(session, current)).rejects.toMatchObject({
        code: 'store-newer',
        message: expect.stringContaining('a program that did not say which'),
      })
    })
    // As a manager meets it when it starts.
    await expect(inSession(migrateStore(() => {}, current))).rejects.toMatchObject({ code: 'store-newer' })
  }, 60_000)
})
