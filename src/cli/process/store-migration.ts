// How every program that opens the metadata store migrates it: its own changelog, applied by the change engine.
import { readdir } from 'node:fs/promises'
import { folderSource } from '#changelog/folder'
import { migrate } from '#engine/embed'
import { type Migrate, storeChangelogFile, storeChangelogFolder } from '#manager/store/migration'
import { migrateSchema, type StoreSchema, storeSchema } from '#manager/store/schema'
import { version } from './version.ts'

/** The changelog of a version of Sluice, and what it says of itself. */
export interface StoreProgram {
  readonly folder: string
  readonly schema: StoreSchema
  readonly version: string
}

const thisProgram: StoreProgram = { folder: storeChangelogFolder, schema: storeSchema, version }

export function migrateStore(log: (line: string) => void, program = thisProgram): Migrate {
  const { folder, schema, version } = program
  return async (session) => {
    const files = (await readdir(folder)).filter((name) => name.endsWith('.sql'))
    await migrateSchema(session, { schema, version, files }, log, async () => {
      await migrate({
        // The store owns the connection; the engine only works on it.
        session: { ...session, close: async () => {} },
        dialect: 'postgresql',
        files: folderSource([folder]),
        file: storeChangelogFile,
        log,
      })
    })
  }
}
