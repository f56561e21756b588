// `sluice apply`: makes a manager hold what YAML files say; shows what differs first.
import type { Command } from 'commander'
import { Fault } from '#contract/fault'
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
  const byHand = count('by-hand') > 0 ? `, ${count('by-hand')} to make by hand` : ''
  const summary = `${count('create')} to create, ${count('update')} to change, ${count('keep')} as they are${byHand}.`
  terminal.out(summary)
  if (flags.dryRun) return
  for (const change of changes) {
    await makeChange(client, change)
    const done = doneAs[change.action]
    if (done !== undefined) terminal.out(`${done} ${nameOf(change.document)}`)
  }
  refuseUndone(changes)
}

const doneAs = { create: 'created', update: 'changed', keep: undefined, 'by-hand': undefined } as const
const signs = { create: '+', update: '~', keep: '=', 'by-hand': '!' } as const

/** All the rest is done; whoever asked for everything must not take it for that. */
function refuseUndone(changes: readonly Change[]): void {
  const names = changes.filter(({ action }) => action === 'by-hand').map(({ document }) => nameOf(document))
  if (names.length === 0) return
  throw new Fault('conflict', `Everything else is done, but these must be made by hand: ${names.join(', ')}.`, {
    hint: 'Make them with the web or the API, then apply again.',
  })
}

function show({ action, document, lines }: Change, terminal: Terminal): void {
  if (action === 'keep') return
  terminal.out(`${signs[action]} ${nameOf(document)}`)
  for (const line of lines) terminal.out(`    ${line}`)
}
