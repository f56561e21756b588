// Applies the store's changelog without the change engine, so that the suites of the store depend on nothing above it.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Migrate, storeChangelogFolder } from '#manager/store/migration'

/** Runs each statement of the formatted SQL files once. Splits at `;` at the end of a line, which is all that they need. */
export const migrateByFile: Migrate = async (session) => {
  const { rows } = await session.execute(`select to_regclass('public.account') is not null as done`)
  if (rows[0]?.['done'] === true) return
  const files = readdirSync(storeChangelogFolder).filter((name) => name.endsWith('.sql'))
  await session.begin()
  for (const file of files.toSorted()) {
    const text = readFileSync(join(storeChangelogFolder, file), 'utf8').replaceAll(/^\s*--.*$/gm, '')
    for (const statement of text.split(/;\s*$/m)) {
      if (statement.trim() !== '') await session.execute(statement)
    }
  }
  await session.commit()
}
