// `sluice diff-changelog`: a changelog that makes one database like another.
import type { Command } from 'commander'
import { dialectFor } from '#database/dialect'
import { definerFor } from '#database/snapshot/define'
import { diffChanges } from '#engine/diff/change'
import { diffOf } from '#engine/diff/diff'
import { formatChangelog, formatOfFile } from '#engine/generate/format'
import { changeSetsOf } from '#engine/generate/generate'
import { readIfThere, writeWholeFile } from '../output/file.ts'
import { addFormatFlag, addTargetFlags } from '../target/flag.ts'
import { addGenerateFlags, generateOptions, inOutputSchemas, outputFile } from '../target/generate.ts'
import { addSelectionFlags, selectionFrom } from '../target/selection.ts'
import { withSettings } from '../target/session.ts'
import { addReferenceFlags, readSide, refuseMixed } from '../target/side.ts'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  addFormatFlag(addGenerateFlags(addSelectionFlags(addReferenceFlags(addTargetFlags(command)))))
  command.action(async (flags: Record<string, unknown>) => {
    await withSettings('diff-changelog', flags, terminal, async (session) => {
      const { settings, print, log, terminal: output } = session
      const file = outputFile(settings, output)
      const format = formatOfFile(file)
      const selection = selectionFrom(settings, 'diff-types')
      const reference = await readSide('reference', session)
      const comparison = inOutputSchemas(await readSide('comparison', session), settings)
      refuseMixed(reference, comparison)
      const { shortName } = comparison.database
      const dialect = dialectFor(shortName)
      const options = generateOptions(settings, output)
      const { changes, notes } = diffChanges(diffOf(reference, comparison, selection), dialect, options)
      for (const note of notes) log(`note: ${note}`)
      const changeSets = changeSetsOf(changes, shortName, options)
      const overwrite = settings.isOn('overwrite-output-file', false)
      // A changelog that is there is continued.
      const existing = file === undefined || overwrite ? undefined : await readIfThere(file)
      const text = await formatChangelog(changeSets, {
        format,
        dialect,
        quoting: definerFor(shortName).quoting,
        existing,
      })
      if (file === undefined) {
        print({ changeSets: changeSets.length, notes, changelog: text }, text.trimEnd())
        return
      }
      await writeWholeFile(file, text, { overwrite: overwrite || existing !== undefined })
      print({ file, changeSets: changeSets.length, notes }, undefined)
      const what = existing === undefined ? 'written to' : 'added to'
      log(
        changeSets.length === 0
          ? `There are no differences; ${file} has no new change set`
          : `${changeSets.length} change sets ${what} ${file}`,
      )
    })
  })
}
