// `sluice db-doc`: pages about a database and its changelog, as files that need no server.
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { Fault } from '#contract/fault'
import { documentation } from '#engine/document/document'
import { html, pageText, stylesheet } from '#engine/document/html'
import { pagesOf } from '#engine/document/page'
import { addChangelogFlags, addFormatFlag, addTargetFlags } from '../target/flag.ts'
import { schemaNamesOf } from '../target/selection.ts'
import { withChangelog } from '../target/session.ts'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  addFormatFlag(addChangelogFlags(addTargetFlags(command)))
    .option('--output-directory <folder>', 'folder for the pages; new, empty, or of an earlier db-doc')
    .option('--schemas <names>', 'comma list of schemas to look at (default: the default schema)')
  command.action(async (flags: Record<string, unknown>) => {
    await withChangelog('db-doc', flags, terminal, async ({ context, settings, print, terminal: output }) => {
      const folder = resolve(output.folder, settings.require('output-directory'))
      await refuseOthers(folder)
      const data = await documentation(context, schemaNamesOf(settings, context.database), output.signal)
      const count = await writePages(folder, data)
      print({ folder, pages: count }, `Database documentation written to ${folder}: ${count} pages`)
    })
  })
}

/** The style sheet marks a folder of ours. */
async function refuseOthers(folder: string): Promise<void> {
  const names = await readdir(folder).catch((): readonly string[] => [])
  if (names.length === 0 || (names.includes('stylesheet.css') && names.includes('currenttables.html'))) return
  throw new Fault(
    'already-exists',
    `The folder ${folder} holds other files than those of db-doc; nothing was written.`,
    {
      hint: 'Name a new or empty folder with --output-directory.',
    },
  )
}

/** All pages beside the folder first, which then takes its place. */
async function writePages(folder: string, data: Parameters<typeof pagesOf>[0]): Promise<number> {
  const mark = randomBytes(6).toString('hex')
  const temporary = `${folder}.${mark}.tmp`
  const foot = html`Generated ${data.generated} UTC from ${data.changelogFile} against ${data.place} by Sluice.`
  let count = 0
  try {
    for (const page of pagesOf(data)) {
      const file = join(temporary, page.path)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, pageText(page, foot))
      count += 1
    }
    await writeFile(join(temporary, 'stylesheet.css'), stylesheet)
    const old = `${folder}.${mark}.old`
    const moved = await rename(folder, old).then(
      () => true,
      () => false,
    )
    await rename(temporary, folder).catch(async (cause: unknown) => {
      if (moved) await rename(old, folder)
      throw cause
    })
    if (moved) await rm(old, { recursive: true, force: true })
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {})
    throw new Fault(
      'usage',
      `The pages cannot be written to ${folder}: ${cause instanceof Error ? cause.message : ''}`,
      { cause },
    )
  }
  return count
}
