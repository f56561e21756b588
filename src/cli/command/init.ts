// `sluice init project` and `init copy`: the files that a repository with changelogs begins with.
import { cp, mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { Fault } from '#contract/fault'
import { addGlobalFlags } from '../target/flag.ts'
import type { CommandSession } from '../target/command-session.ts'
import { withSettings } from '../target/session.ts'
import { changelogForms, exampleChangelog, exampleSettings } from '../setup/example.ts'
import type { Terminal } from '../terminal.ts'

type Raw = Record<string, unknown>

export function configure(command: Command, terminal: Terminal): void {
  const project = command.command('project').summary('write liquibase.properties and an example changelog')
  addGlobalFlags(project)
    .option('--project-dir <folder>', 'where to (default: the working directory)')
    .option('--changelog-file <name>', 'name of the changelog (default: example-changelog)')
    .option('--format <form>', 'of the changelog: sql, xml, yaml or json (default: sql)')
    .option('--project-defaults-file <name>', 'name of the settings file (default: liquibase.properties)')
    .option('--url <jdbc url>', 'of the database (default: a SQLite file in the folder)')
    .option('--username <name>', 'database user')
    .option('--password <text>', 'its password; better none here and SLUICE_PASSWORD later')
    .action(async (flags: Raw) => await withSettings('init project', flags, terminal, writeProject))
  for (const name of ['start-h2', 'stop-h2']) {
    command.command(name, { hidden: true }).action(() => {
      throw new Fault('not-offered', 'H2 needs Java; there is none here.', {
        hint: 'A SQLite file does the same for a trial: --url jdbc:sqlite:example.db',
      })
    })
  }
  const copy = command.command('copy').summary('copy the files of a project')
  addGlobalFlags(copy)
    .option('--source <folder>', 'where from (default: the working directory)')
    .option('--target <folder>', 'where to')
    .option('--recursive [yes]', 'folders too (default: false)')
    .action(async (flags: Raw) => await withSettings('init copy', flags, terminal, copyProject))
}

/** Never over a file that is there. */
async function writeProject({ settings, terminal }: CommandSession): Promise<void> {
  const form = settings.choose('format', [...changelogForms, 'yml'], 'sql')
  const ending = form === 'yml' ? 'yaml' : form
  const folder = resolve(terminal.folder, settings.get('project-dir') ?? '.')
  const given = settings.get('changelog-file') ?? 'example-changelog'
  const changelogFile = /\.\w+$/.test(given) ? given : `${given}.${ending}`
  const url = settings.get('url') ?? 'jdbc:sqlite:example.db'
  await mkdir(folder, { recursive: true })
  const account = { username: settings.get('username'), password: settings.get('password') }
  const files = [
    { name: changelogFile, text: exampleChangelog(ending) },
    {
      name: settings.get('project-defaults-file') ?? 'liquibase.properties',
      text: exampleSettings({ changelogFile, url, ...account }),
    },
  ]
  for (const { name, text } of files) {
    const path = join(folder, name)
    if (await writeNew(path, text)) terminal.err(`Created ${path}`)
    else terminal.err(`${path} is there already and stays as it is`)
  }
  terminal.err('Next: sluice status, sluice update-sql, sluice update; in that folder.')
}

async function writeNew(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw new Fault('usage', `${path} cannot be written.`, { hint: 'Check --project-dir.', cause: error })
  }
}

async function copyProject({ settings, terminal }: CommandSession): Promise<void> {
  const source = resolve(terminal.folder, settings.get('source') ?? '.')
  const target = resolve(terminal.folder, settings.require('target'))
  const isFolder = await stat(source).then(
    (status) => status.isDirectory(),
    () => false,
  )
  if (!isFolder) throw new Fault('usage', `${source} is not a folder.`, { hint: 'Check --source.' })
  if (target === source || target.startsWith(`${source}/`)) {
    throw new Fault('usage', `${target} lies in the folder that is copied.`, { hint: 'Choose another --target.' })
  }
  const recursive = settings.isOn('recursive', false)
  await mkdir(target, { recursive: true })
  let count = 0
  for (const entry of await readdir(source, { withFileTypes: true })) {
    if (entry.isDirectory() ? !recursive : !entry.isFile()) continue
    await cp(join(source, entry.name), join(target, entry.name), { recursive, errorOnExist: true, force: false })
    count += 1
  }
  terminal.err(`Copied ${count === 1 ? '1 entry' : `${count} entries`} to ${target}`)
}
