// How every program that opens the metadata store migrates it: its own changelog, applied by the change engine.
import { folderSource } from '#changelog/folder'
import { migrate } from '#engine/embed'
import { type Migrate, storeChangelogFile, storeChangelogFolder } from '#manager/store/migration'

export function migrateStore(log: (line: string) => void): Migrate {
  return async (session) => {
    await migrate({
      // The store owns the connection; the engine only works on it.
      session: { ...session, close: async () => {} },
      dialect: 'postgresql',
      files: folderSource([storeChangelogFolder]),
      file: storeChangelogFile,
      log,
    })
  }
}
