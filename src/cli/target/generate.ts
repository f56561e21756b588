// The flags and the output of the commands that write changelogs from what is in a database.
import { resolve } from 'node:path'
import { userInfo } from 'node:os'
import type { Command } from 'commander'
import { Fault } from '#contract/fault'
import type { Snapshot } from '#database/snapshot/model'
import type { ChangeSetOptions } from '#engine/generate/generate'
import type { SchemaOptions } from '#engine/generate/schema'
import { withSchemaNames } from '#engine/snapshot/rename'
import type { Terminal } from '../terminal.ts'
import type { Settings } from './setting.ts'

export function addGenerateFlags(command: Command): Command {
  return command
    .option('--changelog-file <path>', 'file to write; its ending says the format (default: XML on standard output)')
    .option('--overwrite-output-file [yes]', 'replace a file that is there')
    .option('--author <name>', 'author of the change sets (default: the user of the machine)')
    .option('--changeset-author <name>', 'the same as --author')
    .option('--contexts <expression>', 'context of the change sets; also --context-filter')
    .option('--label-filter <labels>', 'labels of the change sets')
    .option('--diff-types <types>', 'kinds of objects, e.g. tables,columns,indexes,foreignkeys,data')
    .option('--data-output-directory <folder>', 'write the rows into CSV files there; with --diff-types data')
    .option('--output-schemas <names>', 'names for the schemas in the changelog, in the order of --schemas')
    .option('--include-schema [yes]', 'write schemaName')
    .option('--include-catalog [yes]', 'write catalogName')
    .option('--include-tablespace [yes]', 'write tablespace')
    .option('--use-or-replace-option [yes]', 'views are made with OR REPLACE')
    .option('--replace-if-exists-types <changes>', 'e.g. createView: those with replaceIfExists')
    .option('--run-on-change-types <changes>', 'e.g. createView: those with runOnChange')
    .option('--skip-object-sorting [yes]', 'in the order of names, not of dependencies')
}

export function generateOptions(settings: Settings, terminal: Terminal): SchemaOptions & ChangeSetOptions {
  const replaced = listOf(settings.get('replace-if-exists-types'))
  const unknown = replaced.find((name) => name !== 'createview' && name !== 'createprocedure')
  if (unknown !== undefined) {
    throw new Fault('usage', `--replace-if-exists-types: ${unknown} cannot be replaced.`, {
      hint: 'Use createView, createProcedure.',
    })
  }
  return {
    author: settings.get('author') ?? settings.get('changeset-author') ?? `${userName()} (generated)`,
    clock: terminal.clock,
    runOnChangeTypes: listOf(settings.get('run-on-change-types')),
    describedIds: settings.isOn('generated-changeset-ids-contains-description', false),
    created: settings.isOn('generate-changeset-created-values', false),
    attributes: {
      contextFilter: settings.get('contexts'),
      labels: settings.get('label-filter'),
    },
    includeSchema: settings.isOn('include-schema', false),
    includeCatalog: settings.isOn('include-catalog', false),
    includeTablespace: settings.isOn('include-tablespace', false),
    replaceViews: settings.isOn('use-or-replace-option', false) || replaced.includes('createview'),
    skipSorting: settings.isOn('skip-object-sorting', false),
  }
}

/** A user without a name in the system's list still has a number. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'sluice')
  }
}

const listOf = (text: string | undefined): readonly string[] =>
  (text ?? '')
    .split(',')
    .map((item) => item.trim().toLowerCase())
    .filter((item) => item !== '')

/** The snapshot with the names that its schemas are to have in a changelog. Fault `usage` when there are not as many. */
export function inOutputSchemas(snapshot: Snapshot, settings: Settings): Snapshot {
  return withSchemaNames(snapshot, outputSchemas(snapshot, settings))
}

/** New names of schemas by those that they have. */
export function outputSchemas(snapshot: Snapshot, settings: Settings): ReadonlyMap<string, string> {
  const names = (settings.get('output-schemas') ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const { schemas } = snapshot
  if (names.length > 0 && names.length !== schemas.length) {
    throw new Fault('usage', `--output-schemas names ${names.length} schemas for ${schemas.length}.`, {
      hint: 'Name as many as --schemas, in the same order.',
    })
  }
  return new Map(names.map((name, index) => [schemas[index]?.name ?? '', name]))
}

/** Absolute; undefined for standard output. */
export function outputFile(settings: Settings, terminal: Terminal): string | undefined {
  const file = settings.get('changelog-file')
  return file === undefined ? undefined : resolve(terminal.folder, file)
}
