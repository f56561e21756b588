// The page of all commands, made from their definitions and from the recorded examples of their JSON.
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { allCommands } from '#cli/main'
import { examplesOf } from '#cli/example'
import type { Terminal } from '#cli/terminal'

const header =
  '<!-- Generated from src/cli/main.ts and test/golden/command.json; `SLUICE_WRITE_REFERENCE=1 npx vitest run test/rule/reference` writes it anew. -->\n'

const silent: Terminal = {
  out: () => {},
  err: () => {},
  live: undefined,
  color: false,
  environment: {},
  folder: '.',
  signal: new AbortController().signal,
  clock: () => 0,
}

/** Flags of all commands that have them; said once. */
const shared = [
  '--defaults-file',
  '--output-file',
  '--log-level',
  '--url',
  '--username',
  '--password',
  '--password-file',
  '--default-schema-name',
  '--liquibase-schema-name',
  '--lock-wait',
  '--changelog-file',
  '--search-path',
  '--contexts',
  '--label-filter',
  '--define',
]

export async function commandPage(): Promise<string> {
  const recorded = JSON.parse(readFileSync('test/golden/command.json', 'utf8')) as Record<string, unknown>
  const groups = await allCommands(silent)
  const parts = Object.entries(groups).map(
    ([title, commands]) => `## ${title}\n\n${commands.map((command) => section(command, recorded)).join('\n')}`,
  )
  const update = groups['Change a database']?.find((command) => command.name() === 'update')
  const sharedRows = rowsOf(update, (name) => shared.includes(name))
  return `${header}
# Commands

\`sluice <command> --help\` says the same. Names may be written as older scripts do: \`updateSQL\`, \`markNextChangeSetRan\`,
\`--changeLogFile\`. Data goes to standard output, progress and log to standard error. The exit code is 0 when all went well; what
the others mean is in [fault-codes.md](fault-codes.md).

\`--format json\` gives data as one JSON document on standard output; when the command fails that document is
\`{"fault": {"code", "message", "hint", "diagnostics"}}\`. The examples below are those that a test records.

The examples have \`url\`, \`username\` and \`changelog-file\` in \`liquibase.properties\`; those of commands that talk to a manager have \`SLUICE_MANAGER_URL\` and \`SLUICE_API_KEY\`. Flags of every command that works on a database, and of every one that reads a changelog; all settings are in
[settings.md](settings.md):

${sharedRows}

${parts.join('\n')}`
}

function section(command: Command, recorded: Record<string, unknown>): string {
  const name = command.name()
  const visible = command
    .createHelp()
    .visibleCommands(command)
    .filter((one) => one.name() !== 'help')
  const subcommands = visible.map((one) => `#### ${name} ${one.name()}\n\n${one.summary()}\n\n${ownFlags(one)}\n`)
  const examples = examplesOf(name)
  const json = recorded[name]
  return [
    `### ${name}\n\n${sentence(command.description())}\n`,
    ownFlags(command),
    ...subcommands,
    examples.length === 0 ? '' : `\`\`\`sh\n${examples.join('\n')}\n\`\`\`\n`,
    json === undefined ? '' : jsonOf(name, json),
  ]
    .filter((part) => part !== '')
    .join('\n')
}

/** All -sql commands give the plan in one form; long texts and lists are cut. */
function jsonOf(name: string, json: unknown): string {
  if (name.endsWith('-sql') && name !== 'update-sql')
    return 'JSON: the plan, in the form of [update-sql](#update-sql).\n'
  const cut = JSON.stringify(json, (_key, value: unknown) => {
    if (typeof value === 'string' && value.length > 90) return `${value.slice(0, 60)}…`
    return Array.isArray(value) ? value.slice(0, 2) : value
  })
  const document = JSON.parse(cut) as unknown
  return `JSON:\n\n\`\`\`json\n${JSON.stringify(document, null, 2)}\n\`\`\`\n`
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

function ownFlags(command: Command): string {
  const rows = rowsOf(command, (name) => !shared.includes(name))
  return rows === '' ? '' : `${rows}\n`
}

function rowsOf(command: Command | undefined, isWanted: (name: string) => boolean): string {
  const rows = (command?.options ?? [])
    .filter((option) => !option.hidden && isWanted(option.long ?? option.flags))
    .map((option) => `| \`${option.flags.replaceAll('|', '\\|')}\` | ${option.description.replaceAll('|', '\\|')} |`)
  return rows.length === 0 ? '' : ['| flag | |', '| --- | --- |', ...rows].join('\n')
}
