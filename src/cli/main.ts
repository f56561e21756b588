// The command `sluice`: one table of commands, each a file that is loaded only when it is called.
import { Command, CommanderError } from 'commander'
import { nearest } from '#contract/spelling'
import { Fault } from '#contract/fault'
import { commercialHint } from './commercial.ts'
import { exampleTitle, examplesOf } from './example.ts'
import { printFault } from './output/fault.ts'
import { version } from './process/version.ts'
import { normaliseArguments } from './target/flag.ts'
import { commandName } from './target/name.ts'
import { processTerminal, type Terminal, wasStopped } from './terminal.ts'

interface Entry {
  readonly summary: string
  readonly load: () => Promise<{ readonly configure: (command: Command, terminal: Terminal) => void }>
}

/** Titles and commands as `sluice --help` shows them. */
const groups: Readonly<Record<string, Readonly<Record<string, Entry>>>> = {
  'The product': {
    up: { summary: 'run manager and delegate in one process', load: () => import('./command/up.ts') },
    demo: { summary: 'seed a web shop project and release its database', load: () => import('./command/demo.ts') },
    connect: {
      summary: 'point a running manager at your repository and database',
      load: () => import('./command/connect.ts'),
    },
    run: { summary: 'start a pipeline of a manager and follow it', load: () => import('./command/run.ts') },
    connector: {
      summary: 'test a connector of a manager from where a delegate runs',
      load: () => import('./command/task.ts'),
    },
    instance: {
      summary: 'test, preview, snapshot, compare or sync an instance of a manager',
      load: () => import('./command/task.ts'),
    },
    give: { summary: 'give the inputs that a step of a run waits for', load: () => import('./command/give.ts') },
    retry: { summary: 'go on where a run failed', load: () => import('./command/retry.ts') },
    resend: { summary: 'tell the Git host of a run again', load: () => import('./command/resend.ts') },
    manager: { summary: 'run the control plane', load: () => import('./command/manager.ts') },
    delegate: { summary: 'run steps for a manager', load: () => import('./command/delegate.ts') },
    step: { summary: 'do one step; started by a delegate', load: () => import('./command/step.ts') },
    pod: { summary: 'do one part of a step in its pod; started by a delegate', load: () => import('./command/pod.ts') },
    apply: {
      summary: 'make a manager hold what YAML files say',
      load: () => import('./command/apply.ts'),
    },
    export: { summary: 'write the entities of a manager into YAML files', load: () => import('./command/export.ts') },
    audit: {
      summary: 'export the audit trail, and verify an export offline',
      load: () => import('./command/audit.ts'),
    },
    settings: { summary: 'show and change the settings of the account', load: () => import('./command/settings.ts') },
    store: { summary: 'move the metadata store to PostgreSQL', load: () => import('./command/store.ts') },
    secrets: {
      summary: 'rotate the root key of the built-in secrets',
      load: () => import('./command/secrets.ts'),
    },
    completion: {
      summary: 'print a script that completes commands in bash',
      load: () => import('./command/completion.ts'),
    },
  },
  'Change a database': {
    init: {
      summary: 'write settings and an example changelog for a new project',
      load: () => import('./command/init.ts'),
    },
    update: { summary: 'run every change set that has not run', load: () => import('./command/update.ts') },
    'update-count': { summary: 'run the next --count change sets', load: () => import('./command/update.ts') },
    'update-to-tag': { summary: 'run up to a tag', load: () => import('./command/update.ts') },
    'update-testing-rollback': {
      summary: 'update, undo that update, and update again',
      load: () => import('./command/update.ts'),
    },
    rollback: { summary: 'go back to a tag', load: () => import('./command/rollback.ts') },
    'rollback-count': { summary: 'undo the last --count change sets', load: () => import('./command/rollback.ts') },
    'rollback-to-date': { summary: 'undo what ran after a date', load: () => import('./command/rollback.ts') },
    tag: { summary: 'name the present state', load: () => import('./command/tag.ts') },
    'changelog-sync': {
      summary: 'record change sets as ran without running them',
      load: () => import('./command/changelog-sync.ts'),
    },
    'changelog-sync-to-tag': {
      summary: 'the same, up to a tag',
      load: () => import('./command/changelog-sync.ts'),
    },
    'mark-next-changeset-ran': {
      summary: 'record the next change set as ran without running it',
      load: () => import('./command/changelog-sync.ts'),
    },
    'clear-checksums': {
      summary: 'accept the change sets as they are now as what ran',
      load: () => import('./command/clear-checksums.ts'),
    },
    'execute-sql': {
      summary: 'run statements and show what they give',
      load: () => import('./command/execute-sql.ts'),
    },
    'release-locks': { summary: 'let go of the changelog lock', load: () => import('./command/locks.ts') },
    journal: {
      summary: 'show and settle what an interrupted change set left behind',
      load: () => import('./command/journal.ts'),
    },
  },
  'Look, and change nothing': {
    status: { summary: 'which change sets have not run', load: () => import('./command/status.ts') },
    validate: { summary: 'find what would stop an update', load: () => import('./command/validate.ts') },
    history: { summary: 'what ran, oldest first', load: () => import('./command/history.ts') },
    'update-sql': { summary: 'print the SQL of update', load: () => import('./command/update-sql.ts') },
    'update-count-sql': { summary: 'print the SQL of update-count', load: () => import('./command/update-sql.ts') },
    'update-to-tag-sql': { summary: 'print the SQL of update-to-tag', load: () => import('./command/update-sql.ts') },
    'rollback-sql': { summary: 'print the SQL of rollback', load: () => import('./command/rollback.ts') },
    'rollback-count-sql': { summary: 'print the SQL of rollback-count', load: () => import('./command/rollback.ts') },
    'rollback-to-date-sql': {
      summary: 'print the SQL of rollback-to-date',
      load: () => import('./command/rollback.ts'),
    },
    'future-rollback-sql': {
      summary: 'print the SQL that would undo what has not run yet',
      load: () => import('./command/update-sql.ts'),
    },
    'future-rollback-count-sql': {
      summary: 'the same for the next --count change sets',
      load: () => import('./command/update-sql.ts'),
    },
    'future-rollback-from-tag-sql': {
      summary: 'the same for those up to a tag',
      load: () => import('./command/update-sql.ts'),
    },
    'changelog-sync-sql': { summary: 'print the SQL of changelog-sync', load: () => import('./command/update-sql.ts') },
    'changelog-sync-to-tag-sql': {
      summary: 'print the SQL of changelog-sync-to-tag',
      load: () => import('./command/update-sql.ts'),
    },
    'mark-next-changeset-ran-sql': {
      summary: 'print the SQL of mark-next-changeset-ran',
      load: () => import('./command/update-sql.ts'),
    },
    'unexpected-changesets': {
      summary: 'what ran here and is not in the changelog',
      load: () => import('./command/unexpected-changesets.ts'),
    },
    'tag-exists': { summary: 'whether a tag is in the history', load: () => import('./command/tag.ts') },
    'list-locks': { summary: 'who holds the changelog', load: () => import('./command/locks.ts') },
    'calculate-checksum': {
      summary: 'what MD5SUM of a change set would be',
      load: () => import('./command/calculate-checksum.ts'),
    },
  },
  'Whole schemas': {
    snapshot: { summary: 'what is in a database', load: () => import('./command/snapshot.ts') },
    'snapshot-reference': {
      summary: 'what is in the reference database',
      load: () => import('./command/snapshot-reference.ts'),
    },
    diff: { summary: 'what differs between two databases', load: () => import('./command/diff.ts') },
    'diff-changelog': {
      summary: 'a changelog that makes one database like another',
      load: () => import('./command/diff-changelog.ts'),
    },
    'generate-changelog': {
      summary: 'a changelog that makes again what is in a database',
      load: () => import('./command/generate-changelog.ts'),
    },
    'db-doc': { summary: 'pages about a database and its changelog', load: () => import('./command/db-doc.ts') },
    'drop-all': { summary: 'empty the schemas of a database', load: () => import('./command/drop-all.ts') },
  },
}

const entries: ReadonlyMap<string, Entry> = new Map(Object.values(groups).flatMap((group) => Object.entries(group)))

/** Runs one command and sets the exit code of the process. `args` without Node and script. */
export async function main(args: readonly string[], terminal: Terminal = processTerminal()): Promise<void> {
  process.exitCode = await run(args, terminal)
  // All is said; a statement that nobody can interrupt must not keep the process.
  if (wasStopped()) setTimeout(() => process.exit(), 500).unref()
}

/** The same, with the exit code as result. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const { args: normalised, ignored } = normaliseArguments(args, (name) => entries.has(name))
  const program = createProgram(terminal)
  try {
    await addCommands(program, normalised[0], terminal)
    refuseCommercial(normalised[0])
    for (const flag of ignored) terminal.err(`note: ${flag} has no meaning for Sluice and was ignored`)
    await program.parseAsync(
      normalised.map((argument, index) => (index === 0 ? nameOf(argument) : argument)),
      {
        from: 'user',
      },
    )
    return Number(process.exitCode ?? 0)
  } catch (error) {
    // Commander has printed what it has to say: help and version end with 0, everything else is wrong usage.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    return printFault(terminal, error)
  }
}

function refuseCommercial(argument: string | undefined): void {
  const name = commandName(argument ?? '')
  const hint = commercialHint(name)
  if (hint !== undefined) throw new Fault('not-offered', `${name} is a command of the commercial engine.`, { hint })
}

function nameOf(argument: string): string {
  return entries.has(commandName(argument)) ? commandName(argument) : argument
}

function createProgram(terminal: Terminal): Command {
  const program = new Command('sluice')
  return program
    .description('Database DevOps: changelogs from Git to databases, compatible with Liquibase changelogs')
    .version(version, '-v, --version', 'print the version')
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
      outputError: (text, write) => write(unknownWithValue(text, program) ?? text),
    })
    .showSuggestionAfterError()
    .exitOverride()
}

/** Commander compares with the value, which makes every name unlike, and may be a secret. */
function unknownWithValue(text: string, program: Command): string | undefined {
  const [, dashes = '', name] = /^error: unknown option '(--?)([\w-]+)[=:]/.exec(text) ?? []
  if (name === undefined) return undefined
  const known = program.commands.flatMap(({ options }) => options.map((option) => option.long?.slice(2) ?? ''))
  const near = nearest(name, known)
  return `error: unknown option '${dashes}${name}'${near === undefined ? '' : `\n(Did you mean --${near}?)`}`
}

/** Loads the file of the command that is called; of the others only the names are needed. */
async function addCommands(program: Command, called: string | undefined, terminal: Terminal): Promise<void> {
  const wanted = called === undefined ? undefined : nameOf(called)
  for (const [title, group] of Object.entries(groups)) {
    program.commandsGroup(`${title}:`)
    for (const [name, { summary, load }] of Object.entries(group)) {
      const command = program.command(name).summary(summary).copyInheritedSettings(program)
      if (name !== wanted) continue
      await complete(command, { summary, load }, terminal)
    }
  }
}

async function complete(command: Command, { summary, load }: Entry, terminal: Terminal): Promise<void> {
  const { configure } = await load()
  command.description(summary)
  configure(command, terminal)
  const examples = examplesOf(command.name())
  if (examples.length > 0) command.addHelpText('after', `\n${[exampleTitle(command.name()), ...examples].join('\n  ')}`)
}

/** All commands with their flags, by the titles of their groups: what the reference is made of. */
export async function allCommands(terminal: Terminal): Promise<Readonly<Record<string, readonly Command[]>>> {
  const all: Record<string, Command[]> = {}
  for (const [title, group] of Object.entries(groups)) {
    const commands = (all[title] = [] as Command[])
    for (const [name, entry] of Object.entries(group)) {
      const command = new Command(name)
      await complete(command, entry, terminal)
      commands.push(command)
    }
  }
  return all
}
