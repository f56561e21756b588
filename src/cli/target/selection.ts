// The flags of all commands that look at the objects of a database: which schemas, kinds and names.
import type { Command } from 'commander'
import type { Database } from '#database/port'
import { objectTypesOf } from '#engine/snapshot/object-type'
import { type Selection, selectionOf } from '#engine/snapshot/select'
import type { Settings } from './setting.ts'

export function addSelectionFlags(command: Command): Command {
  return command
    .option('--schemas <names>', 'comma list of schemas to look at (default: the default schema)')
    .option('--include-objects <patterns>', 'only these, e.g. table:order_.*,view:.*')
    .option('--exclude-objects <patterns>', 'all but these')
}

/** `typesFlag` names the setting with the kinds of objects. Faults `usage`. */
export function selectionFrom(settings: Settings, typesFlag: string): Selection {
  return selectionOf({
    types: objectTypesOf(settings.get(typesFlag), typesFlag),
    includeObjects: settings.get('include-objects'),
    excludeObjects: settings.get('exclude-objects'),
  })
}

/** Undefined for the default schema, and on SQLite, which has neither schemas nor catalogs to choose from. */
export function schemaNamesOf(
  settings: Settings,
  database: Pick<Database, 'dialect'>,
  name: 'schemas' | 'reference-schemas' = 'schemas',
): readonly string[] | undefined {
  const list = settings.get(name)
  if (list === undefined || database.dialect.shortName === 'sqlite') return undefined
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}
