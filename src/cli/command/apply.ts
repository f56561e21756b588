// `sluice apply`: makes a manager hold what YAML files say; shows what differs first.
import type { Command } from 'commander'
import { nameOf } from '../configuration/document.ts'
import { readDocuments } from '../configuration/file.ts'
import { type Change, makeChange, planChanges } from '../configuration/plan.ts'
import { addManagerClient, type ClientFlags, connectClient } from '../setup/client.ts'
import type { Terminal } from '../terminal.ts'

interface ApplyFlags extends ClientFlags {
  readonly file: string
  readonly dryRun: boolean
}

export function configure(command: Command, terminal: Terminal): void {
  addManagerClient(
    command
      .description('Make a manager hold the entities that YAML files describe; nothing is deleted')
      .requiredOption('-f, --file <path>', 'file, or folder with .yaml files')
      .option('--dry-run', 'show what differs and change nothing', false),
  ).action((flags: ApplyFlags) => apply(flags, terminal))
}

async function apply(flags: ApplyFlags, terminal: Terminal): Promise<void> {
  const documents = await readDocuments(flags.file)
  const client = await connectClient(flags, terminal.environment)
  const changes = await planChanges(client, documents)
  for (const change of changes) show(change, terminal)
  const count = (action: Change['action']): number => changes.filter((change) => change.action === action).length
  const summary = `${count('create')} to create, ${count('update')} to change, ${count('keep')} as they are.`
  terminal.out(summary)
  if (flags.dryRun) return
  for (const change of changes) {
    await makeChange(client, change)
    if (change.action !== 'keep')
      terminal.out(`${change.action === 'create' ? 'created' : 'changed'} ${nameOf(change.document)}`)
  }
}

function show({ action, document, lines }: Change, terminal: Terminal): void {
  if (action === 'keep') return
  terminal.out(`${action === 'create' ? '+' : '~'} ${nameOf(document)}`)
  for (const line of lines) terminal.out(`    ${line}`)
}
