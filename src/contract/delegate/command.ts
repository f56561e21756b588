// Commands of the engine that a step runs by their name: the only list of them, with what each does and is told.
import { z } from 'zod'

interface CommandRule {
  /** It changes the database, or what the history says. */
  readonly changes: boolean
  /** It cannot do without the changelog. */
  readonly changelog: boolean
  readonly required?: readonly string[]
  readonly optional?: readonly string[]
}

export const commandNames = [
  'validate',
  'status',
  'unexpected-changesets',
  'future-rollback-sql',
  'history',
  'list-locks',
  'tag-exists',
  'snapshot',
  'changelog-sync',
  'changelog-sync-to-tag',
  'mark-next-changeset-ran',
  'tag',
  'clear-checksums',
  'release-locks',
  'execute-sql',
] as const
export type CommandName = (typeof commandNames)[number]

export const commandRules: Readonly<Record<CommandName, CommandRule>> = {
  validate: { changes: false, changelog: true },
  status: { changes: false, changelog: true },
  'unexpected-changesets': { changes: false, changelog: true },
  'future-rollback-sql': { changes: false, changelog: true },
  history: { changes: false, changelog: false },
  'list-locks': { changes: false, changelog: false },
  'tag-exists': { changes: false, changelog: false, required: ['tag'] },
  snapshot: { changes: false, changelog: false, optional: ['snapshot-format'] },
  'changelog-sync': { changes: true, changelog: true },
  'changelog-sync-to-tag': { changes: true, changelog: true, required: ['tag'] },
  'mark-next-changeset-ran': { changes: true, changelog: true },
  tag: { changes: true, changelog: false, required: ['tag'] },
  'clear-checksums': { changes: true, changelog: false },
  'release-locks': { changes: true, changelog: false },
  'execute-sql': { changes: true, changelog: false, required: ['sql'], optional: ['delimiter'] },
}

export const snapshotFormats = ['txt', 'json', 'yaml'] as const

export const commandWork = {
  command: z.enum(commandNames),
  /** By name in lower case with hyphens; those that the rule of the command names. */
  arguments: z.record(z.string().max(64), z.string().max(131_072)),
  /** Nothing is fetched. */
  withoutChangelog: z.boolean().default(false),
}
