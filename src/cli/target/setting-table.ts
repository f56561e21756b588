// Every setting of the open-source engine under its own name: what it does here, or why it does nothing. The page
// docs/reference/settings.md is made from this table.

/**
 * works: does what it does there · no-meaning: accepted, named once in the log, without effect · refused: accepted with the value
 * that says "as usual", any other value ends the command, because the result would differ from what was asked for.
 */
export type Effect = 'works' | 'no-meaning' | 'refused'

export interface SettingEntry {
  /** As a flag, without the dashes. */
  readonly name: string
  /** Global ones count for every command and may stand before it. */
  readonly scope: 'global' | 'command'
  readonly value: 'boolean' | 'text'
  readonly effect: Effect
  /** What holds when it is not set. */
  readonly preset?: string
  /** What it does; of others than `works` why it does not. One sentence. */
  readonly summary: string
}

type Row = readonly [name: string, summary: string, preset?: string]

function entries(scope: SettingEntry['scope'], effect: Effect, rows: readonly Row[]): readonly SettingEntry[] {
  return rows.map(([name, summary, preset]) => {
    const value = preset === 'true' || preset === 'false' ? 'boolean' : 'text'
    return { name, scope, value, effect, summary, ...(preset === undefined ? {} : { preset }) }
  })
}

const java = 'names something of Java; there is none here'
const pro = 'of the commercial engine'

export const settingTable: readonly SettingEntry[] = [
  ...entries('global', 'works', [
    [
      'defaults-file',
      'file with settings; a file beside it with .local before its ending wins over it',
      'liquibase.properties',
    ],
    ['search-path', 'comma list of folders with changelogs and the files they use', 'the working directory'],
    [
      'changelog-lock-wait-time-in-minutes',
      'how long to wait for a lock that another run holds; --lock-wait gives seconds',
      '5',
    ],
    ['changelog-lock-poll-rate', 'seconds between two looks at a lock that is held', '1'],
    [
      'changelog-parse-mode',
      'STRICT: an unknown change type is an error; LAX: it is left out with a warning',
      'STRICT',
    ],
    ['database-changelog-table-name', 'history table', 'DATABASECHANGELOG'],
    ['database-changelog-lock-table-name', 'lock table', 'DATABASECHANGELOGLOCK'],
    ['liquibase-catalog-name', 'on MySQL and MariaDB what liquibase-schema-name is; elsewhere the URL says it'],
    ['liquibase-schema-name', 'schema of the history tables', 'the default schema'],
    [
      'allow-duplicated-changeset-identifiers',
      'of change sets with one identity the first counts, the others are left out',
      'false',
    ],
    ['always-drop-instead-of-replace', 'a view that replaces another is dropped and made anew', 'false'],
    [
      'duplicate-file-mode',
      'one path in two folders of the search path: ERROR, or WARN, INFO, DEBUG, SILENT to take the first',
      'ERROR',
    ],
    [
      'error-on-circular-include-all',
      'an includeAll that includes its own file is an error; otherwise a warning',
      'true',
    ],
    ['missing-property-mode', '${name} without a value: PRESERVE, EMPTY or ERROR', 'PRESERVE'],
    ['on-missing-include-changelog', 'an included file that is not there: FAIL or WARN', 'FAIL'],
    [
      'file-encoding',
      'of changelogs and CSV files without byte order mark, XML declaration or encoding attribute',
      'UTF-8',
    ],
    ['diff-column-order', 'the order of columns counts as a difference in diff', 'true'],
    ['generate-changeset-created-values', 'generated change sets say when they were generated', 'false'],
    ['generated-changeset-ids-contains-description', 'generated ids say what the change set does', 'false'],
    ['should-snapshot-data', 'generate-changelog takes the rows too, as with --diff-types data', 'false'],
    ['include-relations-for-computed-columns', 'expressions in indexes name their table in snapshots', 'false'],
    ['strict', 'an author must be given, and unknown keys of the defaults file are errors', 'false'],
    ['support-property-escaping', '${:name} stands for the text ${name}', 'false'],
    ['suppress-liquibase-sql', 'the -sql commands print no statements for history and lock tables', 'false'],
    ['sql-log-level', 'level that SQL statements are logged at', 'FINE'],
    ['sql-show-sql-warnings', 'messages that the database raises are shown', 'true'],
    ['log-level', 'OFF, SEVERE, WARNING, INFO or FINE: what is logged beside the progress on standard error', 'INFO'],
    ['log-file', 'file that the log is appended to, beside standard error'],
    ['log-format', 'form of the log file: TEXT, or JSON for one object a line', 'TEXT'],
    ['output-file', 'file for what a command writes to standard output'],
    ['output-file-encoding', 'of that file: UTF-8, UTF-16LE, ISO-8859-1, US-ASCII', 'UTF-8'],
    ['output-line-separator', 'line end of the output: LF, CRLF, \\n or \\r\\n', 'LF'],
    ['should-run', 'false: the command does nothing and ends well', 'true'],
  ]),
  ...entries('command', 'works', [
    ['url', 'the database, e.g. jdbc:postgresql://host:5432/shop'],
    ['username', 'database user'],
    ['password', 'its password; better SLUICE_PASSWORD or --password-file'],
    ['default-catalog-name', 'on MySQL and MariaDB what default-schema-name is; elsewhere the URL says it'],
    ['default-schema-name', 'schema for objects that name none, and of the history tables'],
    ['changelog-file', 'root changelog, relative to the search path'],
    ['contexts', 'contexts to run, a comma list or an expression; also context-filter'],
    ['label-filter', 'labels to run, an expression; also labels'],
    ['changelog-parameters', 'changelog properties as name=value,name=value; the same as -Dname=value'],
    [
      'output-default-schema',
      'the -sql commands write the default schema before names; the original engine 4.33 ignores false',
      'true',
    ],
    ['count', 'number of change sets'],
    ['tag', 'tag to go to, to set or to ask for'],
    ['date', 'moment to go back to'],
    ['tag-version', 'OLDEST or NEWEST, of several rows with one tag', 'OLDEST'],
    ['rollback-script', 'SQL file that is run instead of the rollback of the change sets'],
    ['show-summary', 'OFF, SUMMARY or VERBOSE', 'SUMMARY'],
    ['show-summary-output', 'LOG, CONSOLE or ALL', 'ALL'],
    ['verbose', 'names the change sets, not only their number', 'true'],
    ['format', 'text or json; of history also TABULAR and TEXT; of init project the format of the changelog', 'text'],
    ['tag-filter', 'only rows of the history with this tag'],
    ['show-tags', 'only rows of the history with a tag', 'false'],
    ['change-set', 'a change set as file::id::author; also changeset-identifier'],
    ['changeset-path', 'a change set in three parts: its file'],
    ['changeset-id', 'its id'],
    ['changeset-author', 'its author'],
    ['sql', 'SQL to execute'],
    ['sql-file', 'file with SQL to execute'],
    ['delimiter', 'what ends a statement of --sql and --sql-file', ';'],
    ['project-dir', 'folder of a new project', '.'],
    ['project-defaults-file', 'name of the settings file of a new project', 'liquibase.properties'],
    ['source', 'folder to copy from', '.'],
    ['target', 'folder to copy to'],
    ['recursive', 'copy folders too', 'false'],
    ['schemas', 'comma list of schemas to look at', 'the default schema'],
    ['output-schemas', 'names for those schemas in a generated changelog, in their order'],
    ['include-objects', 'only these objects, kind:pattern'],
    ['exclude-objects', 'all but these objects, kind:pattern'],
    ['snapshot-format', 'form of a snapshot'],
    ['snapshot-control', 'kinds of objects that a snapshot reads'],
    ['data-output-directory', 'folder for the data of a generated changelog; without one rows are insert changes'],
    ['output-directory', 'folder for the pages of db-doc'],
    ['reference-url', 'the database to compare with'],
    ['reference-username', 'its user'],
    ['reference-password', 'its password'],
    ['reference-default-schema-name', 'its default schema'],
    ['reference-schemas', 'the same of the reference database'],
    ['reference-password-file', 'Sluice only: file that holds the password of the reference database'],
    ['diff-types', 'kinds of objects to compare'],
    ['author', 'author of generated change sets'],
    ['overwrite-output-file', 'an existing file may be replaced', 'false'],
    ['include-schema', 'generated changes name their schema', 'false'],
    ['include-catalog', 'generated changes name their catalog', 'false'],
    ['include-tablespace', 'generated changes name their tablespace', 'false'],
    ['replace-if-exists-types', 'generated changes of these kinds replace what is there', 'none'],
    ['run-on-change-types', 'generated change sets of these kinds run again when changed', 'none'],
    ['use-or-replace-option', 'generated views replace those that are there', 'false'],
    ['skip-object-sorting', 'generated changes are not ordered by dependency', 'false'],
    ['force', 'drop-all may drop', 'false'],
    ['password-file', 'Sluice only: file that holds the password'],
    [
      'checksum-compatibility',
      'Sluice only: 4.33 writes MD5SUM of change sets with a valueDate as 4.33.0 alone does; both forms are accepted',
      'other',
    ],
    ['only-dead', 'Sluice only: release no lock but one whose holder is dead', 'false'],
    ['lock-wait', 'Sluice only: seconds to wait for a lock that another run holds', '300'],
    ['plan', 'Sluice only: digest of the plan that may run; a different one is refused'],
    ['resolve', 'Sluice only: what became of an interrupted statement'],
  ]),
  ...entries('command', 'no-meaning', [
    ['ignore-missing-references', 'a reference to an object that is left out is never an error here', 'false'],
    ['require-force', 'drop-all always needs --force here', 'true'],
    ['output-default-catalog', 'catalogs are never written before names', 'true'],
    ['driver', java],
    ['driver-properties-file', java],
    ['reference-driver', java],
    ['reference-driver-properties-file', java],
    ['reference-default-catalog-name', 'the catalog is the database that the URL names'],
    ['reference-liquibase-catalog-name', 'the catalog is the database that the URL names'],
    ['reference-liquibase-schema-name', 'the history of the reference database is not read'],
    ['change-exec-listener-class', java],
    ['change-exec-listener-properties-file', java],
    ['keep-temp-files', 'a new project leaves no temporary files', 'false'],
    ['project-guide', 'nothing is asked', 'true'],
  ]),
  ...entries('global', 'no-meaning', [
    ['analytics-enabled', 'nothing is ever sent to anybody', 'false'],
    ['auto-reorg', 'is about Db2, which is not supported', 'true'],
    ['classpath', java],
    ['database-class', java],
    ['property-provider-class', java],
    ['include-system-classpath', java, 'true'],
    ['preserve-classpath-prefix-in-normalized-paths', java, 'false'],
    ['monitor-performance', java, 'false'],
    ['ui-service', java, 'CONSOLE'],
    ['supports-method-validation-level', java, 'WARN'],
    ['log-channels', 'there is one log'],
    ['mirror-console-messages-to-log', 'the log file always has them', 'true'],
    ['filter-log-messages', 'without effect in the original engine too'],
    ['headless', 'nothing is ever asked', 'false'],
    ['prompt-for-non-local-database', 'nothing is ever asked', 'false'],
    ['show-banner', 'there is none', 'true'],
    ['validate-xml-changelog-files', 'XML is always checked, at no cost to speak of', 'true'],
    ['hub-mode', 'the service is closed'],
    ['hub-api-key', 'the service is closed'],
    ['hub-url', 'the service is closed'],
    ['hub-project-id', 'the service is closed'],
    ['hub-connection-id', 'the service is closed'],
    ['license-key', pro],
    ['pro-license-key', pro],
    ['reports-enabled', pro, 'false'],
  ]),
  ...entries('global', 'refused', [
    ['convert-data-types', 'types are always converted to those of the database', 'true'],
    ['trim-load-data-file-header', 'column names of a CSV file are taken as they are', 'false'],
    ['use-procedure-schema', 'the text of a procedure is never rewritten', 'true'],
    ['always-override-stored-logic-schema', 'the text of a procedure is never rewritten', 'false'],
    ['preserve-schema-case', 'schema names are written as the database stores them', 'false'],
    ['include-schema-name-for-default', 'what it changes is documented nowhere, and is not guessed', 'false'],
    ['include-catalog-in-specification', 'objects of one catalog are compared', 'false'],
    ['secure-parsing', 'changelogs can never read from outside of the search path', 'true'],
    ['liquibase-tablespace-name', 'the history tables are created in the default tablespace'],
    ['ddl-lock-timeout', 'write it into the URL or the session of the Oracle user'],
  ]),
]

const byName: ReadonlyMap<string, SettingEntry> = new Map(settingTable.map((entry) => [entry.name, entry]))

export function settingNamed(name: string): SettingEntry | undefined {
  return byName.get(name)
}

/** Keys of the commercial engine come in families: `liquibase.hub.…`, `liquibase.pro.…`. */
export function isCommercial(name: string): boolean {
  return /^(?:hub|pro|psql|sqlplus|sqlcmd|mongosh|reports|dbclhistory|checks|flow|vault|license)-/.test(name)
}
