// `sluice generate-changelog`: a changelog that makes again what is in a database.
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { Fault } from '#contract/fault'
import type { Change } from '#engine/generate/change'
import { dataChanges } from '#engine/generate/data'
import { formatOfFile } from '#engine/generate/format'
import { generateChangelog } from '#engine/generate/generate'
import type { SchemaOptions } from '#engine/generate/schema'
import { withoutHistory } from '#engine/snapshot/history-table'
import { defaultTypes } from '#engine/snapshot/object-type'
import { selectionOf } from '#engine/snapshot/select'
import { snapshot } from '#engine/snapshot/snapshot'
import { openWholeFile, readIfThere, writeWholeFile } from '../output/file.ts'
import { addFormatFlag, addTargetFlags } from '../target/flag.ts'
import { addGenerateFlags, generateOptions, inOutputSchemas, outputFile, outputSchemas } from '../target/generate.ts'
import { addSelectionFlags, schemaNamesOf, selectionFrom } from '../target/selection.ts'
import { type TargetSession, withTarget } from '../target/session.ts'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  addFormatFlag(addGenerateFlags(addSelectionFlags(addTargetFlags(command))))
  command.action(async (flags: Record<string, unknown>) => {
    await withTarget('generate-changelog', flags, terminal, async (session) => {
      const { target, settings, print, log, terminal: output } = session
      const file = outputFile(settings, terminal)
      const format = formatOfFile(file)
      const overwrite = settings.isOn('overwrite-output-file', false)
      // Told before a long look at the database, and again when the file is written.
      if (file !== undefined && !overwrite && (await readIfThere(file)) !== undefined) {
        throw new Fault('already-exists', `The file ${file} is there already; it was left as it is.`, {
          hint: 'Name another file, or give --overwrite-output-file=true.',
        })
      }
      const selection = selectionFrom(settings, 'diff-types')
      const schemaNames = schemaNamesOf(settings, target.database)
      const found = withoutHistory(await snapshot(target, { schemaNames, selection }, output.signal), target.names)
      const options = generateOptions(settings, output)
      const withRows = selection.types.has('data') || settings.isOn('should-snapshot-data', false)
      const sequences = selection.types.has('sequence')
      const rows = withRows ? await rowChanges(session, schemaNames, options, { overwrite, sequences }) : []
      const { text, changeSets } = await generateChangelog(
        inOutputSchemas(found, settings),
        { ...options, format },
        rows,
      )
      if (file === undefined) {
        print({ changeSets: changeSets.length, changelog: text }, text.trimEnd())
        return
      }
      await writeWholeFile(file, text, { overwrite })
      print({ file, changeSets: changeSets.length }, undefined)
      log(`Generated changelog written to ${file}`)
    })
  })
}

/** Rows go into files of a folder, one for each table, or without one into the changelog. */
async function rowChanges(
  { target, settings, terminal }: TargetSession,
  schemaNames: readonly string[] | undefined,
  options: SchemaOptions,
  { overwrite, sequences }: { readonly overwrite: boolean; readonly sequences: boolean },
): Promise<readonly (readonly Change[])[]> {
  const folder = settings.get('data-output-directory')
  const selection = selectionOf({
    types: new Set([...defaultTypes, 'data']),
    includeObjects: settings.get('include-objects'),
    excludeObjects: settings.get('exclude-objects'),
  })
  const whole = withoutHistory(await snapshot(target, { schemaNames, selection }, terminal.signal), target.names)
  const renamed = outputSchemas(whole, settings)
  const files =
    folder === undefined
      ? undefined
      : {
          open: async (name: string) => await openWholeFile(resolve(terminal.folder, folder, name), { overwrite }),
          pathOf: (name: string) => `${folder.replace(/\/$/, '')}/${name}`,
        }
  const schemaOf = (schemaName: string | undefined): string | undefined => {
    const name = renamed.get(schemaName ?? '') ?? schemaName
    return options.includeSchema || name !== whole.defaultSchemaName ? name : undefined
  }
  return await dataChanges(target.database, whole, { files, schemaOf, sequences }, terminal.signal)
}
