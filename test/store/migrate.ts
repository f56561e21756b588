// Applies the store's changelog without the change engine, so that the suites of the store depend on nothing above it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Migrate, storeChangelogFile, storeChangelogFolder } from '#manager/store/migration'

/** Runs each statement of the formatted SQL file once. Splits at `;` at the end of a line, which is all that the file needs. */
export const migrateByFile: Migrate = async (session) => {
  const { rows } = await session.execute(`select to_regclass('public.account') is not null as done`)
  if (rows[0]?.['done'] === true) return
  const text = readFileSync(join(storeChangelogFolder, storeChangelogFile), 'utf8').replaceAll(/^\s*--.*$/gm, '')
  await session.begin()
  for (const statement of text.split(/;\s*$/m)) {
    if (statement.trim() !== '') await session.execute(statement)
  }
  await session.commit()
}
