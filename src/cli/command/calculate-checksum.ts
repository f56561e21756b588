// `sluice calculate-checksum`: what MD5SUM of a change set would be.
import type { Command } from 'commander'
import { calculateChecksum } from '#engine/calculate-checksum'
import { addChangelogFlags, addFormatFlag, addTargetFlags } from '../target/flag.ts'
import { parseIdentity } from '../target/identity.ts'
import { withChangelog } from '../target/session.ts'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  addFormatFlag(addChangelogFlags(addTargetFlags(command)))
  command
    .argument('[change-set]', 'file::id::author')
    .option('--change-set <file::id::author>', 'which one; also --changeset-identifier')
    .option('--changeset-path <file>', 'or in three parts: its file')
    .option('--changeset-id <id>', 'its id')
    .option('--changeset-author <author>', 'its author')
  command.action(async (value: string | undefined, flags: Record<string, unknown>) => {
    const all = value === undefined ? flags : { changeSet: value, ...flags }
    await withChangelog('calculate-checksum', all, terminal, async ({ context, settings, print }) => {
      const path = settings.get('changeset-path')
      const identity =
        path === undefined
          ? parseIdentity(settings.require('change-set'))
          : { fileName: path, id: settings.require('changeset-id'), author: settings.require('changeset-author') }
      const checksum = await calculateChecksum(context, identity)
      print({ ...identity, checksum }, checksum)
    })
  })
}
