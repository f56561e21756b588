// Commands of the engine that a step runs by their name: the only list of them, with what each does and is told.
import { z } from 'zod'

interface CommandRule {
  /** It changes the database, or what the history says. */
  readonly changes: boolean
  /** It cannot do without the changelog. */
  readonly changelog: boolean
  readonly required?: readonly string[]
  readonly optional?: readonly string[]
  /** It reads or writes in the folder that the steps of the group share. */
  readonly files?: true
  /** It posts what would be done as a plan, which an approval shows and which a later step is bound to. */
  readonly plans?: 'update' | 'drop'
}

export const commandNames = [
  'validate',
  'status',
  'unexpected-changesets',
  'future-rollback-sql',
  'future-rollback-count-sql',
  'future-rollback-from-tag-sql',
  'update-count-sql',
  'update-to-tag-sql',
  'rollback-to-date-sql',
  'changelog-sync-sql',
  'changelog-sync-to-tag-sql',
  'mark-next-changeset-ran-sql',
  'calculate-checksum',
  'history',
  'list-locks',
  'tag-exists',
  'snapshot',
  'generate-changelog',
  'diff-changelog',
  'diff',
  'changelog-sync',
  'changelog-sync-to-tag',
  'mark-next-changeset-ran',
  'tag',
  'clear-checksums',
  'release-locks',
  'execute-sql',
  'drop-all-sql',
  'drop-all',
] as const
export type CommandName = (typeof commandNames)[number]

const choosing = ['diff-types', 'include-objects', 'exclude-objects'] as const
const generating = [...choosing, 'author', 'changeset-author', 'contexts', 'label-filter'] as const

export const commandRules: Readonly<Record<CommandName, CommandRule>> = {
  validate: { changes: false, changelog: true },
  status: { changes: false, changelog: true },
  'unexpected-changesets': { changes: false, changelog: true },
  'future-rollback-sql': { changes: false, changelog: true },
  'future-rollback-count-sql': { changes: false, changelog: true, required: ['count'] },
  'future-rollback-from-tag-sql': { changes: false, changelog: true, required: ['tag'] },
  'update-count-sql': { changes: false, changelog: true, required: ['count'], plans: 'update' },
  'update-to-tag-sql': { changes: false, changelog: true, required: ['tag'], plans: 'update' },
  'rollback-to-date-sql': { changes: false, changelog: true, required: ['date'] },
  'changelog-sync-sql': { changes: false, changelog: true },
  'changelog-sync-to-tag-sql': { changes: false, changelog: true, required: ['tag'] },
  'mark-next-changeset-ran-sql': { changes: false, changelog: true },
  'calculate-checksum': {
    changes: false,
    changelog: true,
    optional: ['changeset-identifier', 'changeset-path', 'changeset-id', 'changeset-author'],
  },
  history: { changes: false, changelog: false },
  'list-locks': { changes: false, changelog: false },
  'tag-exists': { changes: false, changelog: false, required: ['tag'] },
  snapshot: { changes: false, changelog: false, files: true, optional: ['snapshot-format', 'output-file'] },
  'generate-changelog': {
    changes: false,
    changelog: false,
    files: true,
    optional: ['changelog-file', 'overwrite-output-file', ...generating],
  },
  'diff-changelog': {
    changes: false,
    changelog: false,
    files: true,
    required: ['reference-url'],
    optional: ['changelog-file', 'overwrite-output-file', ...generating],
  },
  diff: { changes: false, changelog: false, files: true, required: ['reference-url'], optional: [...choosing] },
  'changelog-sync': { changes: true, changelog: true },
  'changelog-sync-to-tag': { changes: true, changelog: true, required: ['tag'] },
  'mark-next-changeset-ran': { changes: true, changelog: true },
  tag: { changes: true, changelog: false, required: ['tag'] },
  'clear-checksums': { changes: true, changelog: false },
  'release-locks': { changes: true, changelog: false },
  'execute-sql': { changes: true, changelog: false, required: ['sql'], optional: ['delimiter'] },
  // The first is ours: the original has nothing that shows what the second drops.
  'drop-all-sql': { changes: false, changelog: false, optional: ['schemas'], plans: 'drop' },
  'drop-all': { changes: true, changelog: false, optional: ['schemas', 'force'] },
}

export const snapshotFormats = ['txt', 'json', 'yaml'] as const

export const commandWork = {
  command: z.enum(commandNames),
  /** By name in lower case with hyphens; those that the rule of the command names. */
  arguments: z.record(z.string().max(64), z.string().max(131_072)),
  /** Nothing is fetched. */
  withoutChangelog: z.boolean().default(false),
  /** Of `drop-all`: the plan that it is bound to. */
  approvedDigest: z.string().optional(),
}
