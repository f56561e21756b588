// Names of commands that only the commercial engine has, with what to do here instead.

const instead: Readonly<Record<string, string>> = {
  'rollback-one-changeset':
    'Use `rollback-count` for the newest change sets, or write a new change set that undoes it.',
  'rollback-one-changeset-sql': 'Use `rollback-count-sql`, or write a new change set that undoes it.',
  'rollback-one-update': 'Tag before each update and use `rollback <tag>`; a pipeline of Sluice does that by itself.',
  'rollback-one-update-sql': 'Tag before each update and use `rollback-sql <tag>`.',
  'update-one-changeset': 'Use `update-count 1`, or labels: `update --label-filter …`.',
  'update-one-changeset-sql': 'Use `update-count-sql 1`, or labels: `update-sql --label-filter …`.',
  checks: 'Use `validate` for mistakes; a pipeline shows the SQL to a person who approves it.',
  flow: 'Pipelines of a Sluice manager do this: see docs/reference and `sluice up`.',
  'set-contexts': 'Write contexts into the changelog.',
  'set-labels': 'Write labels into the changelog.',
  'dbcl-history': 'The manager keeps every execution; `history` shows what ran on a database.',
  'license-utility': 'Sluice needs no licence key.',
  lpm: 'Sluice brings its database drivers along.',
}

/** Undefined for any other name. */
export function commercialHint(command: string): string | undefined {
  const key = Object.keys(instead).find((name) => name === command)
  return key === undefined ? undefined : instead[key]
}
