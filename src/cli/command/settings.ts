// `sluice settings`: what the account keeps for how long, shown and changed.
import type { Command } from 'commander'
import { Fault } from '#contract/fault'
import { type SettingName, settingNameSchema } from '#contract/setting'
import { formatTable } from '../output/table.ts'
import { addManagerClient, type ClientFlags, connectClient } from '../setup/client.ts'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  command.description('Show and change the settings of the account')
  addManagerClient(command.command('list').description('Show every setting, its value and its default')).action(
    (flags: ClientFlags) => list(flags, terminal),
  )
  addManagerClient(
    command.command('set').argument('<name>').argument('<value>').description('Change a setting'),
  ).action((name: string, value: string, flags: ClientFlags) => put(flags, terminal, name, value))
  addManagerClient(
    command.command('reset').argument('<name>').description('Go back to the default of a setting'),
  ).action((name: string, flags: ClientFlags) => put(flags, terminal, name, undefined))
}

async function list(flags: ClientFlags, terminal: Terminal): Promise<void> {
  const client = await connectClient(flags, terminal.environment)
  const rows = await client.listSettings({ query: {} })
  const cells = rows.map(({ setting }) => [setting.identifier, setting.value, setting.defaultValue, setting.name])
  terminal.out(formatTable(['Setting', 'Value', 'Default', 'Meaning'], cells))
}

async function put(flags: ClientFlags, terminal: Terminal, name: string, value: string | undefined): Promise<void> {
  const identifier = known(name)
  const client = await connectClient(flags, terminal.environment)
  const change =
    value === undefined
      ? ({ identifier, updateType: 'RESTORE' } as const)
      : ({ identifier, value, updateType: 'UPDATE' } as const)
  const [changed] = await client.updateSettings({ body: [change] })
  terminal.out(`${identifier} is ${changed?.setting.value}.`)
}

function known(name: string): SettingName {
  const parsed = settingNameSchema.safeParse(name)
  if (parsed.success) return parsed.data
  throw new Fault('usage', `There is no setting ${name}.`, {
    hint: `Settings are ${settingNameSchema.options.join(', ')}.`,
  })
}
