// `sluice settings`: what the account, an organization or a project keeps for how long, shown and changed.
import type { Command } from 'commander'
import { Fault } from '#contract/fault'
import { type SettingName, settingNameSchema } from '#contract/setting'
import { formatTable } from '../output/table.ts'
import { queryOf } from '../configuration/kind-part.ts'
import { addManagerClient, type ClientFlags, connectClient } from '../setup/client.ts'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  command.description('Show and change the settings of the account, an organization or a project')
  addScope(command.command('list').description('Show every setting, its value and its default')).action(
    (flags: ScopeFlags) => list(flags, terminal),
  )
  addScope(command.command('set').argument('<name>').argument('<value>').description('Change a setting'))
    .option('--allow-overrides', 'let the scopes below set another value')
    .option('--no-allow-overrides', 'let nobody below set another value')
    .action((name: string, value: string, flags: ScopeFlags) => put(flags, terminal, name, value))
  addScope(command.command('reset').argument('<name>').description('Let what the scope above says count again')).action(
    (name: string, flags: ScopeFlags) => put(flags, terminal, name, undefined),
  )
}

interface ScopeFlags extends ClientFlags {
  readonly org?: string
  readonly project?: string
  readonly allowOverrides?: boolean
}
const addScope = (command: Command): Command =>
  addManagerClient(
    command
      .option('--org <identifier>', 'of this organization instead of the account')
      .option('--project <identifier>', 'of this project of it'),
  )

async function list(flags: ScopeFlags, terminal: Terminal): Promise<void> {
  const client = await connectClient(flags, terminal.environment)
  const rows = await client.listSettings({ query: queryOf(flags) })
  const cells = rows.map(({ setting }) => [
    setting.identifier,
    setting.value,
    sources[setting.settingSource],
    setting.defaultValue,
    setting.name,
  ])
  terminal.out(formatTable(['Setting', 'Value', 'Set by', 'Default', 'Meaning'], cells))
}

const sources = { DEFAULT: '', ACCOUNT: 'account', ORG: 'organization', PROJECT: 'project' } as const

async function put(flags: ScopeFlags, terminal: Terminal, name: string, value: string | undefined): Promise<void> {
  const identifier = known(name)
  const client = await connectClient(flags, terminal.environment)
  const change =
    value === undefined
      ? ({ identifier, updateType: 'RESTORE' } as const)
      : ({ identifier, value, allowOverrides: flags.allowOverrides, updateType: 'UPDATE' } as const)
  const [changed] = await client.updateSettings({ query: queryOf(flags), body: [change] })
  terminal.out(`${identifier} is ${changed?.setting.value}.`)
}

function known(name: string): SettingName {
  const parsed = settingNameSchema.safeParse(name)
  if (parsed.success) return parsed.data
  throw new Fault('usage', `There is no setting ${name}.`, {
    hint: `Settings are ${settingNameSchema.options.join(', ')}.`,
  })
}
