// `sluice generate-changelog`: a changelog that makes again what is in a database.
import type { Command } from 'commander'
import { Fault } from '#contract/fault'
import { formatOfFile } from '#engine/generate/format'
import { generateChangelog } from '#engine/generate/generate'
import { withoutHistory } from '#engine/snapshot/history-table'
import { snapshot } from '#engine/snapshot/snapshot'
import { readIfThere, writeWholeFile } from '../output/file.ts'
import { addFormatFlag, addTargetFlags } from '../target/flag.ts'
import { addGenerateFlags, generateOptions, outputFile } from '../target/generate.ts'
import { addSelectionFlags, schemaNamesOf, selectionFrom } from '../target/selection.ts'
import { withTarget } from '../target/session.ts'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  addFormatFlag(addGenerateFlags(addSelectionFlags(addTargetFlags(command))))
  command.action(async (flags: Record<string, unknown>) => {
    await withTarget(
      'generate-changelog',
      flags,
      terminal,
      async ({ target, settings, print, log, terminal: output }) => {
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
        const { text, changeSets } = await generateChangelog(found, { ...generateOptions(settings, terminal), format })
        if (file === undefined) {
          print({ changeSets: changeSets.length, changelog: text }, text.trimEnd())
          return
        }
        await writeWholeFile(file, text, { overwrite })
        print({ file, changeSets: changeSets.length }, undefined)
        log(`Generated changelog written to ${file}`)
      },
    )
  })
}
