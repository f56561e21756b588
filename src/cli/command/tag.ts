// `sluice tag` and `tag-exists`: name the present state of a database, or ask for a name.
import type { Command } from 'commander'
import { tag, tagExists } from '#engine/tag'
import { addFormatFlag, addTargetFlags } from '../target/flag.ts'
import { isJson, withTarget } from '../target/session.ts'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  addFormatFlag(addTargetFlags(command))
  command.argument('[tag]', 'the tag').option('--tag <name>', 'the tag')
  const name = command.name()
  command.action(async (value: string | undefined, flags: Record<string, unknown>) => {
    const all = value === undefined ? flags : { tag: value, ...flags }
    await withTarget(name, all, terminal, async ({ target, settings }) => {
      const json = isJson(settings)
      const wanted = settings.require('tag')
      const place = `'${target.database.user}@${target.database.url}'`
      if (name === 'tag') {
        await tag(target, wanted, terminal.signal)
        terminal.out(json ? JSON.stringify({ tag: wanted }) : `Successfully tagged ${place}`)
        return
      }
      const exists = await tagExists(target, wanted, terminal.signal)
      const sentence = exists ? `already exists in ${place}.` : `does NOT exist in ${place}.`
      terminal.out(json ? JSON.stringify({ tag: wanted, exists }) : `The tag '${wanted}' ${sentence}`)
    })
  })
}
