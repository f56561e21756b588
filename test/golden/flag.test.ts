// The flags of every command of the original engine's command line (asked: 4.28.0): each is known here, whatever it does.
import { expect, test } from 'vitest'
import { run } from '#cli/main'

const flags: Readonly<Record<string, string>> = {
  'calculate-checksum':
    'changelog-file changeset-author changeset-id changeset-identifier changeset-path default-catalog-name default-schema-name driver driver-properties-file password url username',
  'changelog-sync':
    'changelog-file context-filter default-catalog-name default-schema-name driver driver-properties-file label-filter password url username',
  'changelog-sync-sql':
    'changelog-file context-filter default-catalog-name default-schema-name driver driver-properties-file label-filter output-default-catalog output-default-schema password url username',
  'changelog-sync-to-tag':
    'changelog-file context-filter default-catalog-name default-schema-name driver driver-properties-file label-filter password tag url username',
  'changelog-sync-to-tag-sql':
    'changelog-file context-filter default-catalog-name default-schema-name driver driver-properties-file label-filter output-default-catalog output-default-schema password tag url username',
  'clear-checksums': 'default-catalog-name default-schema-name driver driver-properties-file password url username',
  'db-doc':
    'changelog-file context-filter default-catalog-name default-schema-name driver driver-properties-file label-filter output-directory password schemas url username',
  diff: 'default-catalog-name default-schema-name diff-types driver driver-properties-file exclude-objects format include-objects output-schemas password reference-default-catalog-name reference-default-schema-name reference-driver reference-driver-properties-file reference-liquibase-catalog-name reference-liquibase-schema-name reference-password reference-schemas reference-url reference-username schemas url username',
  'diff-changelog':
    'author changelog-file context-filter default-catalog-name default-schema-name diff-types driver driver-properties-file exclude-objects include-catalog include-objects include-schema include-tablespace label-filter output-schemas password reference-default-catalog-name reference-default-schema-name reference-driver reference-driver-properties-file reference-liquibase-catalog-name reference-liquibase-schema-name reference-password reference-schemas reference-url reference-username replace-if-exists-types run-on-change-types schemas skip-object-sorting url use-or-replace-option username',
  'drop-all':
    'default-catalog-name default-schema-name driver driver-properties-file force password require-force schemas url username',
  'execute-sql':
    'default-catalog-name default-schema-name delimiter driver driver-properties-file password sql sql-file url username',
  'future-rollback-count-sql':
    'change-exec-listener-class change-exec-listener-properties-file changelog-file context-filter count default-catalog-name default-schema-name driver driver-properties-file label-filter output-default-catalog output-default-schema password url username',
  'future-rollback-from-tag-sql':
    'change-exec-listener-class change-exec-listener-properties-file changelog-file context-filter default-catalog-name default-schema-name driver driver-properties-file label-filter output-default-catalog output-default-schema password tag url username',
  'future-rollback-sql':
    'change-exec-listener-class change-exec-listener-properties-file changelog-file context-filter default-catalog-name default-schema-name driver driver-properties-file label-filter output-default-catalog output-default-schema password url username',
  'generate-changelog':
    'author changelog-file context-filter data-output-directory default-catalog-name default-schema-name diff-types driver driver-properties-file exclude-objects include-catalog include-objects include-schema include-tablespace label-filter output-schemas overwrite-output-file password replace-if-exists-types run-on-change-types schemas skip-object-sorting url use-or-replace-option username',
  history:
    'changelog-file default-catalog-name default-schema-name driver driver-properties-file format password url username',
  'list-locks': 'default-catalog-name default-schema-name driver driver-properties-file password url username',
  'mark-next-changeset-ran':
    'changelog-file context-filter default-catalog-name default-schema-name driver driver-properties-file label-filter password url username',
  'mark-next-changeset-ran-sql':
    'changelog-file context-filter default-catalog-name default-schema-name driver driver-properties-file label-filter password url username',
  'release-locks': 'default-catalog-name default-schema-name driver driver-properties-file password url username',
  rollback:
    'change-exec-listener-class change-exec-listener-properties-file changelog-file context-filter default-catalog-name default-schema-name driver driver-properties-file label-filter password rollback-script tag tag-version url username',
  'rollback-count':
    'change-exec-listener-class change-exec-listener-properties-file changelog-file context-filter count default-catalog-name default-schema-name driver driver-properties-file label-filter password rollback-script url username',
  'rollback-count-sql':
    'change-exec-listener-class change-exec-listener-properties-file changelog-file context-filter count default-catalog-name default-schema-name driver driver-properties-file label-filter output-default-catalog output-default-schema password rollback-script url username',
  'rollback-sql':
    'change-exec-listener-class change-exec-listener-properties-file changelog-file context-filter default-catalog-name default-schema-name driver driver-properties-file label-filter output-default-catalog output-default-schema password rollback-script tag tag-version url username',
  'rollback-to-date':
    'change-exec-listener-class change-exec-listener-properties-file changelog-file context-filter date default-catalog-name default-schema-name driver driver-properties-file label-filter password rollback-script url username',
  'rollback-to-date-sql':
    'change-exec-listener-class change-exec-listener-properties-file changelog-file context-filter date default-catalog-name default-schema-name driver driver-properties-file label-filter output-default-catalog output-default-schema password rollback-script url username',
  snapshot:
    'default-catalog-name default-schema-name driver driver-properties-file password schemas snapshot-format url username',
  'snapshot-reference':
    'reference-default-catalog-name reference-default-schema-name reference-driver reference-driver-properties-file reference-liquibase-catalog-name reference-liquibase-schema-name reference-password reference-url reference-username snapshot-format',
  status:
    'changelog-file context-filter default-catalog-name default-schema-name driver driver-properties-file label-filter password url username verbose',
  tag: 'default-catalog-name default-schema-name driver driver-properties-file password tag url username',
  'tag-exists': 'default-catalog-name default-schema-name driver driver-properties-file password tag url username',
  'unexpected-changesets':
    'changelog-file context-filter default-catalog-name default-schema-name driver driver-properties-file label-filter password url username verbose',
  update:
    'change-exec-listener-class change-exec-listener-properties-file changelog-file context-filter default-catalog-name default-schema-name driver driver-properties-file label-filter password show-summary show-summary-output url username',
  'update-count':
    'change-exec-listener-class change-exec-listener-properties-file changelog-file context-filter count default-catalog-name default-schema-name driver driver-properties-file label-filter password show-summary show-summary-output url username',
  'update-count-sql':
    'change-exec-listener-class change-exec-listener-properties-file changelog-file context-filter count default-catalog-name default-schema-name driver driver-properties-file label-filter output-default-catalog output-default-schema password url username',
  'update-sql':
    'change-exec-listener-class change-exec-listener-properties-file changelog-file context-filter default-catalog-name default-schema-name driver driver-properties-file label-filter output-default-catalog output-default-schema password url username',
  'update-testing-rollback':
    'change-exec-listener-class change-exec-listener-properties-file changelog-file context-filter default-catalog-name default-schema-name driver driver-properties-file label-filter password url username',
  'update-to-tag':
    'change-exec-listener-class change-exec-listener-properties-file changelog-file context-filter default-catalog-name default-schema-name driver driver-properties-file label-filter password show-summary show-summary-output tag url username',
  'update-to-tag-sql':
    'change-exec-listener-class change-exec-listener-properties-file changelog-file context-filter default-catalog-name default-schema-name driver driver-properties-file label-filter output-default-catalog output-default-schema password tag url username',
  validate:
    'changelog-file context-filter default-catalog-name default-schema-name driver driver-properties-file label-filter password url username',
}

/** `should-run` ends a command as soon as its flags are known. */
async function ask(command: string, flag: string): Promise<string> {
  const said: string[] = []
  const write = (text: string): void => void said.push(text)
  const code = await run([command, `--${flag}=1`, '--should-run=false'], {
    out: write,
    err: write,
    live: undefined,
    color: false,
    environment: {},
    folder: '/',
    signal: new AbortController().signal,
    clock: () => 0,
  })
  return code === 0 ? '' : said.join(' ')
}

test.each(Object.entries(flags))('%s', async (command, list) => {
  const refused: string[] = []
  for (const flag of list.split(' ')) {
    const answer = await ask(command, flag)
    if (answer !== '') refused.push(`${flag}: ${answer}`)
  }
  expect(refused).toEqual([])
})
