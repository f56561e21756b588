// `sluice tag` and `tag-exists`: name the present state of a database, or ask for a name.
import type { Command } from 'commander'
import { tag, tagExists } from '#engine/tag'
import { addFormatFlag, addTargetFlags } from '../target/flag.ts'
import { type TargetSession, withTarget } from '../target/session.ts'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  addFormatFlag(addTargetFlags(command))
  command.argument('[tag]', 'the tag').option('--tag <name>', 'the tag')
  const name = command.name()
  command.action(async (value: string | undefined, flags: Record<string, unknown>) => {
    const all = value === undefined ? flags : { tag: value, ...flags }
    await withTarget(name, all, terminal, name === 'tag' ? setTag : askForTag)
  })
}

async function setTag({ target, settings, print, terminal }: TargetSession): Promise<void> {
  const wanted = settings.require('tag')
  await tag(target, wanted, terminal.signal)
  print({ tag: wanted }, undefined)
  terminal.err(`Successfully tagged ${placeOf(target)}`)
}

async function askForTag({ target, settings, print, terminal }: TargetSession): Promise<void> {
  const wanted = settings.require('tag')
  const exists = await tagExists(target, wanted, terminal.signal)
  print({ tag: wanted, exists }, undefined)
  terminal.err(`The tag '${wanted}' ${exists ? 'already exists' : 'does NOT exist'} in ${placeOf(target)}.`)
}

const placeOf = ({ database }: TargetSession['target']): string => `'${database.user}@${database.url}'`
