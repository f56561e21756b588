// docs/reference/databases.md: what each database can do, made from the table of capabilities and from the change types themselves.
import { changeTypeNames, parseChange } from '#change/registry'
import { capabilities, type Capability } from '#database/capability'
import { dialectNames } from '#database/dialect-name'

const header =
  '<!-- Generated from src/database/capability.ts and src/change; `SLUICE_WRITE_REFERENCE=1 npx vitest run test/rule/reference` writes it anew. -->\n'

const titles: Readonly<Record<keyof typeof capabilities, string>> = {
  postgresql: 'PostgreSQL',
  pglite: 'PostgreSQL, embedded',
  mysql: 'MySQL',
  mariadb: 'MariaDB',
  sqlite: 'SQLite',
  mssql: 'SQL Server',
  oracle: 'Oracle',
}
const order = Object.keys(titles) as (keyof typeof capabilities)[]

const questions: Readonly<Record<keyof Capability, string>> = {
  transactionalDdl: 'a change set that fails leaves nothing behind, DDL included',
  schemas: 'schemas inside a database',
  sequences: 'sequences',
  sessionLock: 'the lock of a run that dies is recognised as dead',
  cancel: 'a running statement is interrupted at the server',
  multiStatement: 'several statements travel at once',
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')

function capabilityTable(): string {
  const rows = (Object.keys(questions) as (keyof Capability)[]).map((name) => [
    questions[name],
    ...order.map((database) => ((capabilities[database] as Capability)[name] ? 'yes' : 'no')),
  ])
  return table(['', ...order.map((database) => titles[database])], rows)
}

/** Change types that a database refuses whatever their attributes are. */
function refusedTable(): string {
  const span = { file: '', line: 1, column: 1 }
  const refuses = (name: string, dbms: string): boolean =>
    parseChange({ name, value: undefined, children: [], span }, dbms).diagnostics.some(
      ({ code, message }) => code === 'change/not-supported' && message === `${name} is not supported on ${dbms}`,
    )
  const rows = [...changeTypeNames]
    .toSorted()
    .map((name) => [name, dialectNames.filter((dbms) => refuses(name, dbms)).join(', ')] as const)
    .filter(([, refusing]) => refusing !== '')
  return table(
    ['change type', 'refused on'],
    rows.map(([name, refusing]) => [`\`${name}\``, refusing]),
  )
}

export function databasePage(): string {
  return `${header}
# Databases

${table(
  ['database', 'short name', 'URL', 'driver'],
  [
    ['PostgreSQL', '`postgresql`', '`jdbc:postgresql://host:5432/name`', '`pg`'],
    ['PostgreSQL, embedded', '`postgresql`', '`jdbc:pglite:folder`', '`@electric-sql/pglite`'],
    ['MySQL', '`mysql`', '`jdbc:mysql://host:3306/name`', '`mysql2`'],
    ['MariaDB', '`mariadb`', '`jdbc:mariadb://host:3306/name`', '`mysql2`'],
    ['SQLite', '`sqlite`', '`jdbc:sqlite:file.db`', '`libsql`'],
    ['SQL Server', '`mssql`', '`jdbc:sqlserver://host:1433;databaseName=name`', '`tedious`, optional'],
    ['Oracle', '`oracle`', '`jdbc:oracle:thin:@//host:1521/service`', '`oracledb` (thin), optional'],
    ['none', 'each of them', '`offline:<short name>?changeLogFile=history.csv`', ''],
  ],
)}

Optional drivers are installed when npm can; without one, opening that database is the fault \`database-driver-missing\` with the
command that installs it.

## What each can do

${capabilityTable()}

Where a statement cannot be interrupted, a cancelled run on SQLite gives it three seconds more, reports and ends; a process
that outlives it (\`release-locks --only-dead\`) then lets SQLite undo what the transaction did and frees the row of the lock. A step
leaves both to the next run. Embedded PostgreSQL hears a cancel when the statement is over.

Where DDL is not transactional (MySQL, MariaDB, Oracle), the statements of a change set are written to a journal one by one, and
after an interruption the run asks a person instead of guessing. On Oracle the lock of a dead run is recognised only when the user
may use \`DBMS_LOCK\`; without that right the row of the lock table alone protects, and a person releases it.

## Change types that a database refuses

All others work on every database; single attributes can still be refused, with the place in the changelog.

${refusedTable()}

## Offline

An offline URL has no database: \`update-sql\`, \`rollback-sql\` and all other \`-sql\` commands write scripts for it, and the history is a CSV
file in the form of the original engine, which both can go on with. Making a script writes its rows into the file.

| parameter | meaning |
| --- | --- |
| \`changeLogFile\` | the history file, default \`databasechangelog.csv\` in the working folder |
| \`version\` | version of the database, decides about types (\`BOOLEAN\` of Oracle); the newest when absent |
| \`outputLiquibaseSql\` | \`none\` (default), \`data_only\`: statements for rows of the history, \`all\`: also the one that makes the table |
| \`catalog\` | name of the database; scripts for SQL Server choose it with \`USE\` |
| \`caseSensitive\`, \`productName\` | taken and without meaning |
| \`snapshot\` | file that \`snapshot --snapshot-format json\` (or yaml) has written, of Sluice or of Liquibase: what is in the database. Preconditions about objects are tested against it, and \`snapshot\`, \`diff\`, \`diff-changelog\`, \`generate-changelog\` read it as if it were the database; without it such a precondition is an error. Preconditions about rows need the database |

## What is verified, and what is not

PostgreSQL (server and embedded), MariaDB and SQLite run in the tests of every build. SQL for SQL Server and Oracle agrees with
what the original engine prints, for every change type (see [conformance](conformance.md)). No server of these two could be had
where Sluice is built. **Not verified against a live server**:

- SQL Server (\`tedious\` 19.2.2): against a peer that speaks its protocol, sign-in and its refusals, batches, rows, counts, messages, errors with
  their place, cancelling, broken connections and refused clear-text sign-in are tested. Not verified: encryption with a real
  certificate, \`encrypt=strict\`, named instances, the catalogue queries behind preconditions and behind \`snapshot\`, \`diff\`, \`generate-changelog\`, \`drop-all\`, \`db-doc\` and the SQL that
  these write (written from the vendor's documentation, tested against rows made by hand), \`sp_getapplock\` and
  behaviour of doomed transactions.
- Oracle (\`oracledb\` 26.0.0, thin): against hosts that refuse, are silent or unknown, and with error texts. Not verified: everything after
  the sign-in (statements, \`break\`, \`DBMS_LOCK\`, catalogue queries, those behind \`snapshot\` and its
  like and the SQL that these write, which are from the vendor's documentation and tested against rows made by hand, the zone of the
  server's clock), \`BOOLEAN\` of version 23 in the lock
  table, wallets and \`tcps\`.
- MySQL: the suites that MariaDB has (kills, locks, snapshot, diff and generated changelogs among them) and \`npm run conformance\` with its
  recorded results of MySQL 8 run on the server that \`SLUICE_TEST_MYSQL_URL\` names; in the build that is MySQL 9.7 from Debian's
  newest branch, which \`.ci/mysql\` brings, as long as it is to be had. MySQL 8.0 and 8.4 themselves are not verified.

Sign-in is by user and password only: Windows and Kerberos (\`integratedSecurity\`), Entra ID, wallets without a password and \`tnsnames.ora\` are refused or
not read. With \`encrypt=true\`, the default, no password is sent to a SQL Server that does not offer encryption.
`
}
