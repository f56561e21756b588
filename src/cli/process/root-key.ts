// Where a manager finds its root keys: the environment before the file in its folder.
import { join } from 'node:path'
import type { RootKeySource } from '#manager/secret/root-key'

/** SLUICE_ROOT_KEY holds the keys themselves, SLUICE_ROOT_KEY_FILE names another file than `root.key` in the folder. */
export function rootKeySource(data: string, environment: Readonly<Record<string, string | undefined>>): RootKeySource {
  return {
    file: environment['SLUICE_ROOT_KEY_FILE'] || join(data, 'root.key'),
    text: environment['SLUICE_ROOT_KEY'] || undefined,
  }
}
